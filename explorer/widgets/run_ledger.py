"""What the ledger says of runs: a row in words and figures, how two recipes differ, which of all did best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import streamlit as st

from explorer.analysis.ledger import Recipe, comparable, differences, varying
from explorer.display import count, loss, rate
from explorer.widgets.run_rows import Row
from explorer.widgets.run_words import word
from llm.runs.directory import LIVE

SLOTS = 6  # runs in colours of their own
_SHARES = ("fraction",)
_varying: tuple[list[Recipe], list[str]] = ([], [])  # the recipes last compared, and in what they differ


@lru_cache(maxsize=4096, typed=True)
def value_words(name: str, value: Any) -> str:
    """One choice of a recipe as a reader sees it; a share in per cent, a rate as learning rates are written."""
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and name.endswith(_SHARES):
        return f"{100 * value:.6g}%"
    if isinstance(value, float):
        return rate(value) if 0 < abs(value) < (0.1 if name.endswith("rate") else 1e-3) else f"{value:g}"
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
        "points": facts.spark.shape[1],
        "spark_of": facts.spark_of,
        "recipe": {name: value_words(name, facts.recipe.get(name)) for name in names} if facts.recipe else None,
    }


def varying_names(found: Sequence[Row]) -> list[str]:
    """The choices in which these runs differ."""
    global _varying
    recipes = [row.facts.recipe for row in found]
    if (kept := _varying)[0] != recipes:
        _varying = kept = recipes, varying(recipes)
    return list(kept[1])


def ranked(found: Sequence[Row]) -> list[Row]:
    """The runs that can be compared, the best first; of a run and its copies the oldest."""
    rows = [found[i] for i in comparable([row.facts for row in found])]
    first = [row for row in rows if all(row.id < copy.id for copy in _copies(row, rows))]
    return sorted(first, key=lambda row: row.facts.bits_per_byte or 0.0)


def _copies(row: Row, found: Sequence[Row]) -> list[Row]:
    """The same run in other places, as after an import."""
    return [
        other for other in found if other.id != row.id and row.facts.origin and other.facts.origin == row.facts.origin
    ]


def lead(found: Sequence[Row]) -> str:
    """Which run did best, and what sets it apart from the next."""
    ranking = ranked(found)
    if not ranking:
        live = next((row for row in found if row.busy), None)
        if live:
            return f"{_named(live)} has not been validated yet; its curve grows below."
        return "No run has been validated yet, so none can be called the best."
    best = ranking[0]
    said = f"{_bpb(best)} bits per byte, {_nats(best)} nats per token"
    if len(ranking) == 1:
        return f"{_named(best)} comes to {said} on text it never learned from; {_alone(best, found)}."
    second = ranking[1]
    apart = differences(best.facts.recipe, second.facts.recipe)
    corpus = str(best.facts.recipe.get("corpus", "one text"))
    among = f"Of {len(ranking)} runs on {'a text of your own' if corpus == 'file' else word(corpus)}"
    if not apart and best.facts.bits_per_byte == second.facts.bits_per_byte:
        return f"{among}, {_named(best)} and {_named(second)} did best, alike in all: {said}."
    head = f"{among}, {_named(best)} did best: {said}."
    if not apart:
        return f"{head} {_named(second)}, the next with {_bpb(second)}, has the same recipe."
    return f"{head} {_named(second)}, the next with {_bpb(second)}, differs in {_listed(apart)}."


def _alone(best: Row, found: Sequence[Row]) -> str:
    if len(found) == 1:
        return "train a second run to compare"
    if copies := _copies(best, found):
        return f"{_named(copies[0])} is a copy of it, not a second run"
    return "no other of these learned from the same text"


def _named(row: Row) -> str:
    """A name is a person's own words: set off from the sentence."""
    return f"“{row.name}”"


def _bpb(row: Row) -> str:
    return f"{row.facts.bits_per_byte:.3f}"


def _nats(row: Row) -> str:
    return loss(row.facts.best or 0.0)


def _listed(apart: Mapping[str, tuple[Any, Any]]) -> str:
    shown = [f"{name} ({value_words(name, b)}, not {value_words(name, a)})" for name, (a, b) in list(apart.items())[:3]]
    more = len(apart) - len(shown)
    tail = f" and {more} more" if more > 0 else ""
    return ", ".join(shown) + tail


def find(found: Sequence[Row], id: str | None) -> Row | None:
    """The row of a run, if it is there."""
    return next((row for row in found if row.id == id), None)


def opened(found: Sequence[Row]) -> Row | None:
    """The run that the address names, else the best one, else the first."""
    return find(found, st.query_params.get("run")) or next(iter([*ranked(found), *found]), None)
