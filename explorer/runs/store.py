"""All runs of one home: what a person can do with them. Works on the directories, whether a worker is there or not."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from explorer.runs import names
from explorer.runs.disk import copy_checkpoint, disk, hidden, sweep
from explorer.runs.presence import WORKER, is_there
from explorer.runs.queue import Queue
from llm.checkpoint_files import verify
from llm.runs.config import RunConfig, RunError
from llm.runs.directory import RunDirectory, Status
from llm.runs.lock import only_writer
from llm.tokenizers.base import without_lone_surrogates

TEXT = Path("corpus.txt")  # a run's own text, in its directory
TWICE = 2.0  # seconds within which the same recipe again is the same click


class Runs:
    """The runs of a home directory, and shipped ones, which are never written to."""

    def __init__(self, home: Path, shipped: Path | None = None) -> None:
        self.home, self.root, self._shipped = Path(home), Path(home) / "runs", shipped
        self._trash = self.root / ".trash"
        self.queue = Queue(self.home / "queue.sqlite", self._waiting)

    def all(self) -> list[RunDirectory]:
        """Own runs, the newest id first, then shipped ones."""
        return [*self.own(), *_runs_in(self._shipped)]

    def own(self) -> list[RunDirectory]:
        """Those that can be changed."""
        return _runs_in(self.root)

    def get(self, id: str) -> RunDirectory:
        """The run of this id. Raises RunError if there is none."""
        if names.is_plain(id):
            for place in (self.root, self._shipped):
                if place is not None and (place / id / "run.json").is_file():
                    return RunDirectory(place / id)
        raise RunError(f"There is no run {id!r:.80} here; `python -m explorer runs ls` lists all.")

    def submit(
        self, config: RunConfig, name: str = "", text: str | None = None, parent: Mapping[str, Any] | None = None
    ) -> str:
        """A new run at the end of the queue, and its id; the same within TWICE seconds is the same run.

        `text` is its corpus; `parent` says in words of JSON what it comes from.
        """
        return self._submit(config, name, text, parent, None)

    def branch(self, id: str, step: int, config: RunConfig | None = None, name: str = "") -> str:
        """A new run from the weights of a checkpoint; without a recipe by the old one, or as long again from its end.

        Raises RunError or CheckpointError.
        """
        run = self.get(id)
        made = config or run.config()
        checkpoint = run.steps().get(step)
        if checkpoint is None:
            raise RunError(f"{id} has no checkpoint of step {step:,}; branch from one that it lists.")
        verify(checkpoint)
        if config is None and step >= made.training.steps:
            made = replace(made, training=replace(made.training, steps=step + made.training.steps))
        text = None
        if made.corpus_file is not None and not made.corpus_file.is_absolute():
            try:
                text = (run.path / made.corpus_file).read_bytes().decode()
            except (OSError, ValueError) as error:
                raise RunError(f"The text of {id} cannot be read: {error}; start a new run with it.") from error
        if not name and (before := run.label().name):
            name = f"{before}, from step {step:,}"
        return self._submit(made, name, text, {"id": id, "step": step}, checkpoint)

    def pause(self, id: str) -> None:
        """Let a run wait, with a checkpoint, after the update it is doing."""
        run = self._to_change(id)
        if not run.status().live:
            raise RunError(f"{id} is not being trained now, so it cannot pause.")
        with disk(run.path):
            run.ask(want="pause")

    def resume(self, id: str) -> None:
        """Let a paused run go on; put one that ended back into the queue, to go on from its newest checkpoint."""
        run = self._to_change(id)
        steps = run.config().training.steps
        with disk(run.path), self.queue.turn() as turn:
            status = run.status()
            if status.state == "finished":
                raise RunError(f"{id} is finished; to train it further, branch a new run from its last checkpoint.")
            run.ask(want="run")
            if not status.live and status.state != "queued":
                run.write_status(_queued(replace(status, steps=steps)))
                turn.add(id)

    def stop(self, id: str) -> None:
        """Take a run out of the queue, or ask the one at work to end with a checkpoint."""
        run = self._to_change(id)
        with disk(run.path), self.queue.turn() as turn:
            status = run.status()
            if status.live:
                run.ask(want="stop")
            elif status.state == "queued":
                turn.remove(id)
                at = f"at step {status.step:,} of {status.steps:,}" if status.step else "before training began"
                run.write_status(replace(status, state="stopped", message=f"Stopped {at}.", updated=_now()))

    def set_lr_scale(self, id: str, x: float) -> None:
        """The schedule's learning rates times `x` from the next update on."""
        if not (math.isfinite(x) and 0 < x < 1e6):
            raise RunError(f"Expected a factor above 0 and below 1,000,000 for the learning rate, got {x}.")
        run = self._to_change(id)
        with disk(run.path):
            run.ask(lr_scale=float(x))

    def rename(self, id: str, name: str) -> None:
        """A label; no file is named by it."""
        run = self._to_change(id)
        with disk(run.path):
            run.set_label(name=names.label(name))

    def note(self, id: str, text: str) -> None:
        """A person's own words on it."""
        run = self._to_change(id)
        with disk(run.path):
            run.set_label(note=names.note(text))

    def delete(self, id: str) -> None:
        """Into the trash, from where it can be brought back. A run at work must be stopped first."""
        run = self._to_change(id)
        if run.status().state == "queued":
            self.stop(id)
        if run.status().live:
            raise RunError(f"{id} is being trained; stop it first.")
        with disk(run.path), only_writer(run):
            self._trash.mkdir(exist_ok=True)
            run.path.rename(names.free_name(self._trash / id))

    def restore(self, id: str) -> None:
        """Out of the trash again."""
        gone = self._trash / id
        if not names.is_plain(id) or not (gone / "run.json").is_file():
            raise RunError(f"There is no run {id!r:.80} in the trash.")
        if (self.root / id).exists():
            raise RunError(f"A run {id} is there already; delete that one first.")
        with disk(gone):
            gone.rename(self.root / id)

    def trash(self) -> list[RunDirectory]:
        """What was deleted and not yet thrown away."""
        return _runs_in(self._trash)

    def empty_trash(self) -> None:
        """Throw away for good what was deleted."""
        with disk(self._trash):
            if self._trash.exists():
                shutil.rmtree(self._trash)

    def position(self, id: str) -> int | None:
        """How many runs wait before it; None if it does not wait."""
        try:
            with self.queue.turn() as turn:
                waiting = turn.waiting()
        except RunError:
            return None
        return waiting.index(id) if id in waiting else None

    def size(self, id: str) -> int:
        """Bytes of all its files; what goes meanwhile, as in a run at work, does not count."""
        total = 0
        for place, _, files in os.walk(self.get(id).path):
            for name in files:
                with suppress(OSError):
                    total += (Path(place) / name).lstat().st_size
        return total

    def reindex(self) -> int:
        """Make the queue anew from the runs' directories; how many wait."""
        return self.queue.rebuild()

    def attended(self) -> bool:
        """Whether a worker is there to start what waits."""
        return is_there(self.home / WORKER)

    def sweep(self) -> None:
        """Throw away what processes that were killed had begun to fill."""
        sweep(self.root)

    def hidden(self) -> AbstractContextManager[Path]:
        """A directory to fill, on the disk of the runs; gone afterwards unless it was adopted."""
        return hidden(self.root)

    def adopt(self, filled: Path) -> str:
        """Make a run of a directory that was filled out of sight, beside the others; its id."""
        id = names.new_id()
        with disk(self.root):
            filled.rename(self.root / id)
        return id

    def _submit(
        self,
        config: RunConfig,
        name: str,
        text: str | None,
        parent: Mapping[str, Any] | None,
        start: Path | None,
    ) -> str:
        raw = None if text is None else without_lone_surrogates(text).encode()
        if raw is not None:
            config = replace(config, corpus="file", corpus_file=TEXT)
        what = [config.to_dict(), name, dict(parent or {}), raw and hashlib.sha256(raw).hexdigest()]
        click = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
        facts = {"created": _now(), "submission": {"sha256": click, "time": time.time()}}
        with disk(self.root), hidden(self.root) as place:
            run = RunDirectory.create(place, config, **facts | ({"parent": dict(parent)} if parent else {}))
            if raw is not None:
                (place / TEXT).write_bytes(raw)
            if start is not None:
                copy_checkpoint(start, run.start)
            if name:
                run.set_label(name=names.label(name))
            with self.queue.turn() as turn:
                if same := self._submitted(click):
                    return same
                run.write_status(_queued(run.status()))
                id = self.adopt(place)
                turn.add(id)
        return id

    def _submitted(self, click: str) -> str | None:
        """The run that the same click made a moment ago."""
        for run in self.own():
            try:
                if abs(time.time() - (run.path / "run.json").stat().st_mtime) > 60:
                    continue
                made = run.record()["submission"]
                if made["sha256"] == click and abs(time.time() - made["time"]) < TWICE:
                    return run.id
            except (RunError, OSError, KeyError, TypeError, OverflowError):
                continue
        return None

    def _waiting(self) -> list[str]:
        """In the order in which they were queued, as their own files tell."""
        statuses = ((run.status(), run.id) for run in self.own())
        return [id for _, id in sorted((status.updated, id) for status, id in statuses if status.state == "queued")]

    def _to_change(self, id: str) -> RunDirectory:
        run = self.get(id)
        if run.path.parent != self.root:
            raise RunError(f"{id} came with Vitrine and is only to look at; branch a run of your own from it.")
        return run


def _runs_in(place: Path | None) -> list[RunDirectory]:
    if place is None:
        return []
    try:
        entries = sorted((entry.name for entry in place.iterdir()), reverse=True)
    except OSError:
        return []
    return [
        RunDirectory(place / name) for name in entries if names.is_plain(name) and (place / name / "run.json").is_file()
    ]


def _queued(status: Status) -> Status:
    return replace(status, state="queued", message="", pid=None, process_started=None, updated=_now())


def _now() -> str:
    """UTC, to the microsecond: what was queued first is told by it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
