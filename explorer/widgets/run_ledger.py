"""Every run as a row of the ledger: its words and figures, which of them are chosen, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from explorer import paths
from explorer.analysis.ledger import Facts, comparable, differences, varying
from explorer.display import count, loss, rate
from explorer.resources import run_facts
from explorer.runs.store import Runs
from explorer.widgets.run_words import STATES, word
from llm.runs.directory import LIVE, RunDirectory, Status

SLOTS = 6  # runs in colours of their own


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


def store() -> Runs:
    """All runs of this home and those shipped."""
    return Runs(paths.home(), paths.ASSETS / "runs")


def rows(runs: Runs) -> list[Row]:
    """Every run, the busy ones first, then the newest; shipped ones last."""
    found = _with_places([_row(run) for run in runs.all()])
    known = {row.id: row.name for row in found}
    found = [replace(row, parent=known.get(row.facts.parent[0], "")) if row.facts.parent else row for row in found]
    newest_first = sorted(found, key=lambda row: row.id, reverse=True)
    return sorted(newest_first, key=lambda row: (row.shipped, not row.busy))


def _row(run: RunDirectory) -> Row:
    status, label, facts = run.status(), run.label(), run_facts(run)
    if facts.problem:
        status = Status("damaged", step=status.step, steps=status.steps, message=facts.problem, seconds=status.seconds)
    shipped = run.path.is_relative_to(paths.ASSETS)
    return Row(
        run=run,
        name=label.name or run.id,
        note=label.note,
        status=status,
        sentence=_sentence(status),
        shipped=shipped,
        facts=facts,
    )


def _sentence(status: Status) -> str:
    head, message = STATES[status.state], status.message
    if status.state in ("queued", "running", "paused"):
        return head
    return head if not message or message.rstrip(".") == head else f"{head}: {message}"


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


def value_words(value: Any) -> str:
    """One choice of a recipe as a reader sees it."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return rate(value) if 0 < abs(value) < 0.1 else f"{value:g}"
    return count(value) if isinstance(value, int) else word(str(value))


def wire(row: Row, names: Sequence[str]) -> dict[str, Any]:
    """The JSON form that run_table.js reads; `names` are the choices that vary between the runs."""
    facts, status = row.facts, row.status
    return {
        "id": row.id,
        "name": row.name,
        "note": row.note,
        "state": status.state,
        "live": status.state in LIVE,
        "sentence": row.sentence,
        "shipped": row.shipped,
        "parent": f"from {row.parent or 'a run that is gone'}, step {facts.parent[1]:,}" if facts.parent else "",
        "step": status.step,
        "steps": status.steps,
        "seconds": status.seconds,
        "size": facts.n_bytes,
        "parameters": facts.parameters,
        "best": facts.best,
        "best_step": facts.best_step,
        "bits_per_byte": facts.bits_per_byte,
        "spark_of": facts.spark_of,
        "recipe": {name: value_words(facts.recipe.get(name)) for name in names} if facts.recipe else None,
    }


def varying_names(found: Sequence[Row]) -> list[str]:
    """The choices in which these runs differ."""
    return varying(row.facts.recipe for row in found)


def ranked(found: Sequence[Row]) -> list[Row]:
    """The runs that can be compared, the best first."""
    places = comparable([row.facts for row in found])
    return sorted((found[i] for i in places), key=lambda row: row.facts.bits_per_byte or 0.0)


def lead(found: Sequence[Row]) -> str:
    """Which run did best, and what sets it apart from the next."""
    ranking = ranked(found)
    if not ranking:
        live = next((row for row in found if row.busy), None)
        if live:
            return f"{live.name} has not been validated yet; its curve grows below."
        return "No run has been validated yet, so none can be called the best."
    best = ranking[0]
    said = f"{_bpb(best)} bits per byte, {_nats(best)} nats per token"
    if len(ranking) == 1:
        alone = "train a second run to compare" if len(found) == 1 else "no other of these learned from the same text"
        return f"{best.name} comes to {said} on text it never learned from; {alone}."
    second = ranking[1]
    apart = differences(best.facts.recipe, second.facts.recipe)
    text = word(str(best.facts.recipe.get("corpus", "one text")))
    head = f"Of {len(ranking)} runs on {text}, {best.name} did best: {said}."
    if not apart:
        return f"{head} {second.name}, the next with {_bpb(second)}, has the same recipe."
    return f"{head} {second.name}, the next with {_bpb(second)}, differs in {_listed(apart)}."


def _bpb(row: Row) -> str:
    return f"{row.facts.bits_per_byte:.3f}"


def _nats(row: Row) -> str:
    return loss(row.facts.best or 0.0)


def _listed(apart: Mapping[str, tuple[Any, Any]]) -> str:
    shown = [f"{name} ({value_words(b)}, not {value_words(a)})" for name, (a, b) in list(apart.items())[:3]]
    more = len(apart) - len(shown)
    tail = f" and {more} more" if more > 0 else ""
    return ", ".join(shown) + tail


def find(found: Sequence[Row], id: str | None) -> Row | None:
    """The row of a run, if it is there."""
    return next((row for row in found if row.id == id), None)


def opened(found: Sequence[Row]) -> Row | None:
    """The run that the address names, else the best one, else the first."""
    return find(found, st.query_params.get("run")) or next(iter([*ranked(found), *found]), None)
