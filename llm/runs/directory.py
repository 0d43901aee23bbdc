"""A run is a directory that anyone can copy. This docstring is the contract; one process writes, all others read.

run.json        what the run is: RunConfig, where it comes from, and once prepared its corpus, versions and machine
status.json     where it stands: a `Status`, replaced whole; the training process writes it, or who buries it
control.json    what is wanted of it: a `Control`, replaced whole; the one file that others write
label.json      the name and note that a person gave it; no part of the recipe
metrics.jsonl   a line an update (`StepReport`), appended; cut back to the checkpoint when a run is resumed
samples.jsonl   what the model writes, a line a checkpoint; cut back likewise
events.jsonl    what happened: started, resumed, paused, learning rate changed, ended; never cut back
corpus.txt      the text of an uploaded corpus
tokenizer/      the tokenizer of a run that was given one instead of learning it
start/          the checkpoint of another run that this one branches off; run.json's "parent" says whose
checkpoints/    step-*/, see checkpoint_files.py: full ones to resume from, weights alone to look back at
lock            held by the process that trains
log.txt         what that process printed
"""

from __future__ import annotations

import json
import math
import os
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from llm.checkpoint_files import steps
from llm.model.config import ConfigError
from llm.runs.config import RunConfig, RunError
from llm.runs.process import is_process
from llm.tokenizers.base import without_lone_surrogates

T = TypeVar("T")

RunState = Literal["queued", "preparing", "running", "paused", "stopped", "finished", "failed", "killed", "damaged"]
LIVE: tuple[RunState, ...] = ("preparing", "running", "paused")  # a process is at work
ENDED: tuple[RunState, ...] = ("stopped", "finished", "failed", "killed")
FORMAT, VERSION = "vitrine-run", 1
LARGEST_JSON = 16 * 2**20  # bytes


@dataclass(frozen=True)
class Status:
    """Where a run stands."""

    state: RunState = "queued"
    step: int = 0  # updates done
    steps: int = 0  # updates wanted
    message: str = ""  # one sentence: what it is doing, or why it ended
    pid: int | None = None  # of the training process
    process_started: str | None = None  # process.start_of(pid): a pid is used again
    seconds: float = 0.0  # of training so far, pauses and preparation left out
    updated: str = ""  # UTC, ISO 8601

    @property
    def live(self) -> bool:
        """Whether a process is at work on it."""
        return self.state in LIVE


def stopped_at(status: Status) -> str:
    """What is said of a run that somebody stopped there."""
    return f"Stopped at step {status.step:,} of {status.steps:,}." if status.step else "Stopped before training began."


@dataclass(frozen=True)
class Control:
    """What is wanted of a run; the training process looks after every update."""

    want: Literal["run", "pause", "stop"] = "run"
    lr_scale: float = 1.0  # the schedule's learning rates times this


@dataclass(frozen=True)
class Label:
    """A person's own words for a run."""

    name: str = ""
    note: str = ""


class RunDirectory:
    """Reads and writes the small files of a run; the contract is this module's docstring."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.checkpoints = self.path / "checkpoints"
        self.metrics = self.path / "metrics.jsonl"
        self.samples = self.path / "samples.jsonl"
        self.events = self.path / "events.jsonl"
        self.start = self.path / "start"
        self.lock = self.path / "lock"
        self.log = self.path / "log.txt"

    @property
    def id(self) -> str:
        """The directory's name; generated, so never made of what a person typed."""
        return self.path.name

    @classmethod
    def create(cls, path: Path, config: RunConfig, **facts: Any) -> RunDirectory:
        """A new run, queued. `facts` join run.json: command, parent, created. Raises RunError if the place is taken."""
        run = cls(path)
        try:
            run.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"{path} cannot be written to: {error.strerror or error}; name another place.") from error
        if (run.path / "run.json").exists() or steps(run.checkpoints):
            raise RunError(f"{path} already holds a run; resume it, or name another place.")
        run.write_record(config, **facts)
        run.write_status(Status(steps=config.training.steps))
        return run

    def write_record(self, config: RunConfig, **facts: Any) -> None:
        """run.json, replaced whole: facts not given again stay as they were."""
        known = self._read("run.json") or {}
        known.update(facts)
        write_json_whole(
            self.path / "run.json", {**known, "format": FORMAT, "version": VERSION, "config": config.to_dict()}
        )

    def record(self) -> dict[str, Any]:
        """run.json. Raises RunError if there is none to read."""
        path = self.path / "run.json"
        if not path.is_file():
            raise RunError(f"{self.path} holds no run: run.json is missing; check the path.")
        found = self._read("run.json")
        if found is None or found.get("format") != FORMAT or found.get("version") != VERSION:
            raise RunError(f"{path} is damaged or of another version; start a new run.")
        return found

    def config(self) -> RunConfig:
        """The recipe. Raises RunError if it cannot be read."""
        try:
            return RunConfig.from_dict(self.record()["config"])
        except (ConfigError, KeyError, TypeError) as error:
            raise RunError(f"{self.path / 'run.json'} cannot be used: {error}") from error

    def status(self) -> Status:
        """Where the run stands now: a live one whose process is gone counts as killed. Never raises."""
        found = _fitting(Status, self._read("status.json"))
        if found is None or found.state not in get_args(RunState) or not _may_name_process(found):
            return Status("damaged", message=f"{self.path / 'status.json'} is missing or damaged.")
        if found.live and not is_process(found.pid, found.process_started):
            return replace(found, state="killed", message="The training process ended without a word.")
        return found

    def write_status(self, status: Status) -> None:
        write_json_whole(self.path / "status.json", asdict(status))

    def control(self, otherwise: Control = Control()) -> Control:
        """What is wanted; `otherwise` where nothing readable says so."""
        found = _fitting(Control, self._read("control.json"))
        usable = found is not None and found.want in ("run", "pause", "stop") and 0 < found.lr_scale < 1e6
        return found if found and usable else otherwise

    def ask(self, **changes: Any) -> None:
        """Change what is wanted: ask(want="pause"), ask(lr_scale=0.5)."""
        write_json_whole(self.path / "control.json", asdict(replace(self.control(), **changes)))

    def label(self) -> Label:
        return _fitting(Label, self._read("label.json")) or Label()

    def set_label(self, **changes: str) -> None:
        write_json_whole(self.path / "label.json", asdict(replace(self.label(), **changes)))

    def steps(self) -> dict[int, Path]:
        """Every visible checkpoint by its step, in order, unverified."""
        return dict(sorted(steps(self.checkpoints).items()))

    def _read(self, name: str) -> dict[str, Any] | None:
        path = self.path / name
        try:
            if path.stat().st_size > LARGEST_JSON:
                return None
            values = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return values if isinstance(values, dict) else None


def write_json_whole(path: Path, values: Mapping[str, Any]) -> None:
    """Readers see the old file or the new one, never a part."""
    text = json.dumps(values, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
    new = path.with_name(f".{path.name}-{os.getpid()}-{uuid.uuid4().hex[:8]}")
    try:
        new.write_text(text, encoding="utf-8", errors="replace")  # a lone surrogate is no character
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _fitting(kind: type[T], values: Mapping[str, Any] | None) -> T | None:
    """A flat dataclass of JSON values; None where one is missing, unknown, not finite or of another type than the
    field's default.

    A field whose default is None takes what it is given.
    """
    if values is None:
        return None
    known = {field.name: field.default for field in fields(kind)}  # type: ignore[arg-type]
    if set(values) != set(known):
        return None
    made: dict[str, Any] = {}
    for name, default in known.items():
        value = values[name]
        if isinstance(default, float):
            value = _finite_number(value)
        if default is not None and type(value) is not type(default):
            return None
        made[name] = without_lone_surrogates(value) if isinstance(value, str) else value
    return kind(**made)


def _finite_number(value: Any) -> float | None:
    try:
        return float(value) if type(value) in (int, float) and math.isfinite(value) else None
    except OverflowError:
        return None


def _may_name_process(status: Status) -> bool:
    pid, started = status.pid, status.process_started
    return (pid is None or (type(pid) is int and pid > 0)) and (started is None or type(started) is str)
