"""All runs of one home: what a person can do with them. Works on the directories, whether a worker is there or not."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from explorer.file_names import is_plain
from explorer.runs import names
from explorer.runs.disk import disk, hidden, sweep
from explorer.runs.listing import places_in
from explorer.runs.presence import WORKER, is_there
from explorer.runs.queue import Queue
from explorer.runs.submission import Submission, branch, made_by
from explorer.runs.trash import Trash
from llm.runs.config import RunConfig, RunError
from llm.runs.directory import RunDirectory, Status, stopped_at


class Runs:
    """The runs of a home directory, and shipped ones, which are never written to."""

    def __init__(self, home: Path, shipped: Path | None = None) -> None:
        self.home, self.root, self._shipped = Path(home), Path(home) / "runs", shipped
        self._trash = Trash(self.root)
        self.queue = Queue(self.home / "queue.sqlite", self._waiting)

    def places(self) -> list[str]:
        """The directories of all(), in its order."""
        return [*places_in(self.root), *places_in(self._shipped)]

    def all(self) -> list[RunDirectory]:
        """Own runs, the newest id first, then shipped ones."""
        return [RunDirectory(Path(place)) for place in self.places()]

    def own(self) -> list[RunDirectory]:
        """Those that can be changed."""
        return [RunDirectory(Path(place)) for place in places_in(self.root)]

    def get(self, id: str) -> RunDirectory:
        """The run of this id. Raises RunError if there is none."""
        if is_plain(id):
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
        return self._submit(Submission.of(config, name, text, parent))

    def branch(self, id: str, step: int, config: RunConfig | None = None, name: str = "") -> str:
        """A new run from the weights of a checkpoint; without a recipe by the old one, or as long again from its end.

        Raises RunError or CheckpointError.
        """
        return self._submit(branch(self.get(id), step, config, name))

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
                run.write_status(replace(status, state="stopped", message=stopped_at(status), updated=_now()))

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
        self._trash.take(run)

    def restore(self, id: str) -> None:
        """Out of the trash again."""
        self._trash.give_back(id)

    def trash(self) -> list[RunDirectory]:
        """What was deleted and not yet thrown away."""
        return self._trash.runs()

    def empty_trash(self) -> None:
        """Throw away for good what was deleted."""
        self._trash.empty()

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

    def _submit(self, wish: Submission) -> str:
        with disk(self.root), hidden(self.root) as place:
            run = wish.fill(place, _now())
            if wish.name:
                run.set_label(name=names.label(wish.name))
            with self.queue.turn() as turn:
                if same := next((other.id for other in self.own() if made_by(other, wish.click)), None):
                    return same
                run.write_status(_queued(run.status()))
                id = self.adopt(place)
                turn.add(id)
        return id

    def _waiting(self) -> list[str]:
        """In the order in which they were queued, as their own files tell."""
        statuses = ((run.status(), run.id) for run in self.own())
        return [id for _, id in sorted((status.updated, id) for status, id in statuses if status.state == "queued")]

    def _to_change(self, id: str) -> RunDirectory:
        run = self.get(id)
        if run.path.parent != self.root:
            raise RunError(f"{id} came with Vitrine and is only to look at; branch a run of your own from it.")
        return run


def _queued(status: Status) -> Status:
    return replace(status, state="queued", message="", pid=None, process_started=None, updated=_now())


def _now() -> str:
    """UTC, to the microsecond: what was queued first is told by it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
