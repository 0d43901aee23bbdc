"""The fields of a run's form: each shows one value of the draft and writes it back; what is out of sight stays.

What a field holds is the browser's: no run of the page tells it, or one that is overtaken would undo what was typed
meanwhile. A field that is given another value, by a preset say, is a new one instead.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from explorer.runs.draft import Draft
from explorer.widgets.field_names import name_of
from explorer.widgets.run_words import word
from llm.runs.config import RunConfig

_DRAFT = "_draft"
_TURNS = "_draft_turns"  # by name: how many fields have shown this value before
_LEFT = "_draft_left"  # by key: what a field held when a new one took its place

Then = Callable[[Any], None]  # called with what was chosen, to set others that follow from it


def begin(config: RunConfig, text: str | None = None) -> None:
    """Fill every field from a recipe."""
    begun = Draft.of(config, text)
    if draft():
        _renew(begun.values)
    st.session_state[_DRAFT] = begun


def draft() -> Draft | None:
    """The choices so far; None before any form was opened."""
    return st.session_state.get(_DRAFT)


def drafted() -> Draft:
    """The choices so far, those of this very run of the page included."""
    found = draft()
    if found is None:
        raise LookupError("no draft has begun; call begin() first")
    return found


def value(name: str) -> Any:
    """What a field holds now, whether it has been drawn yet or not."""
    return drafted().values[name]


def put(**values: Any) -> None:
    """Set fields; before they are drawn, or from a callback."""
    _renew(values)
    _write(values)


def key(name: str) -> str:
    """Of the widget that shows this value now."""
    return f"draft_{name}-{st.session_state.get(_TURNS, {}).get(name, 0)}"


def select(
    name: str,
    options: Sequence[str],
    words: Callable[[str], str] = word,
    help: str | None = None,
    then: Then | None = None,
) -> None:
    """One of some; a value that is none of them is offered too, so that it is not lost."""
    now = value(name)
    offered = list(options) if now in options else [now, *options]
    at, kept = offered.index(now), _keep(name, then)
    _hold(name, st.selectbox(name_of(name), offered, at, words, key=key(name), help=help, on_change=kept))


def number(name: str, step: float | None = None, format: str | None = None, help: str | None = None) -> None:
    """A number; an emptied field keeps what it was."""
    now, kept = value(name), _keep(name)
    label = name_of(name)
    _hold(name, st.number_input(label, value=now, step=step, format=format, key=key(name), help=help, on_change=kept))


def check(name: str, help: str | None = None) -> None:
    """Yes or no."""
    _hold(name, st.checkbox(name_of(name), value(name), key=key(name), help=help, on_change=_keep(name)))


def words(name: str, help: str | None = None, placeholder: str | None = None) -> None:
    """A line of text."""
    label, kept = name_of(name), _keep(name)
    _hold(name, st.text_input(label, value(name), key=key(name), help=help, placeholder=placeholder, on_change=kept))


def _keep(name: str, then: Then | None = None) -> Callable[[], None]:
    mine = key(name)

    def changed() -> None:
        now = st.session_state[mine]
        if mine == key(name):
            _write({name: now})
        elif now != st.session_state[_LEFT][mine]:  # typed while a new field was on its way here
            st.session_state[_LEFT][mine] = now
            put(**{name: now})
        else:
            return
        if then:
            then(now)

    return changed


def _hold(name: str, shown: Any) -> None:
    """After a restart it is the browser that knows what was typed."""
    if shown != value(name):
        _write({name: shown})


def _write(values: Mapping[str, Any]) -> None:
    st.session_state[_DRAFT] = replace(drafted(), values={**drafted().values, **values})


def _renew(values: Mapping[str, Any]) -> None:
    """A new field for each value that will differ."""
    turns, left = st.session_state.setdefault(_TURNS, {}), st.session_state.setdefault(_LEFT, {})
    for name, new in values.items():
        if new != (now := value(name)):
            left[key(name)] = now
            turns[name] = turns.get(name, 0) + 1
