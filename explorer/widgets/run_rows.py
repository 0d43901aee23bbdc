"""Every run as a row of the ledger. A row is made anew when the run's files have changed, or while it is at work."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from explorer import paths
from explorer.analysis.ledger import Facts
from explorer.run_resources import run_facts
from explorer.runs.store import Runs
from explorer.widgets.run_words import STATES
from llm.runs.directory import RunDirectory, Status

_FILES = ("run.json", "status.json", "label.json", "metrics.jsonl", "checkpoints")
_SPARE = 256  # rows of runs that are gone, before they are let go

Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True)
class Row:
    """One run as the ledger shows it."""

    run: RunDirectory
    name: str
    note: str
    status: Status
    sentence: str  # where it stands, in words
    shipped: bool  # with Vitrine: only to look at
    facts: Facts
    parent: str = ""  # name of the run that it branched from, if that is still there

    @property
    def id(self) -> str:
        return self.run.id

    @property
    def busy(self) -> bool:
        """Whether it will change by itself."""
        return self.status.live or self.status.state == "queued"


_made: dict[str, tuple[Stamp, Row]] = {}  # by directory, for all sessions


def store() -> Runs:
    """All runs of this home and those shipped."""
    return Runs(paths.home(), paths.ASSETS / "runs")


def rows(runs: Runs) -> list[Row]:
    """Every run, the busy ones first, then the newest; shipped ones last."""
    places = runs.places()
    found = _with_places([_row(place) for place in places])
    if len(_made) > len(places) + _SPARE:
        for gone in set(_made) - set(places):
            _made.pop(gone, None)
    known = {row.id: row.name for row in found}
    found = [replace(row, parent=known.get(row.facts.parent[0], "")) if row.facts.parent else row for row in found]
    newest_first = sorted(found, key=lambda row: row.id, reverse=True)
    return sorted(newest_first, key=lambda row: (row.shipped, not row.busy))


def _row(place: str) -> Row:
    stamp = tuple(_stamp(f"{place}/{name}") for name in _FILES)
    before = _made.get(place)
    if before and before[0] == stamp and not before[1].status.live:
        return before[1]
    row = _read(before[1].run if before else RunDirectory(Path(place)))
    _made[place] = stamp, row
    return row


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116  # five for each run, each second
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _read(run: RunDirectory) -> Row:
    status, label, facts = run.status(), run.label(), run_facts(run)
    if facts.problem:
        status = Status("damaged", step=status.step, steps=status.steps, message=facts.problem, seconds=status.seconds)
    return Row(
        run=run,
        name=label.name or run.id,
        note=label.note,
        status=status,
        sentence=_sentence(run, status),
        shipped=run.path.is_relative_to(paths.ASSETS),
        facts=facts,
    )


def _sentence(run: RunDirectory, status: Status) -> str:
    head, message = STATES[status.state], status.message.replace(f"{run.path}{os.sep}", "")
    if status.state in ("queued", "running", "paused"):
        return head
    if not message or message.rstrip(".") == head or message.startswith("Stopped "):  # where, the row says beside it
        return head
    return f"{head}: {message}"


def _with_places(found: list[Row]) -> list[Row]:
    """How many wait before each that waits: the queue stands in the runs' own files too."""
    waiting = sorted((row.status.updated, row.id) for row in found if row.status.state == "queued")
    before = {id: place for place, (_, id) in enumerate(waiting)}
    return [
        replace(row, sentence=f"Queued, {before[row.id]} before it" if before[row.id] else "Queued, next")
        if row.id in before
        else row
        for row in found
    ]
