"""The fields of a run's form: each shows one value of the draft and writes it back; what is out of sight stays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from explorer.runs.draft import Draft
from explorer.widgets.field_names import name_of
from explorer.widgets.run_words import word
from llm.runs.config import RunConfig

_DRAFT = "_draft"


def begin(config: RunConfig, text: str | None = None) -> None:
    """Fill every field from a recipe."""
    draft = Draft.of(config, text)
    st.session_state[_DRAFT] = draft
    for name, value in draft.values.items():
        st.session_state[key(name)] = value


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
    found = st.session_state.get(key(name))
    return drafted().values[name] if found is None else found


def put(**values: Any) -> None:
    """Set fields; before they are drawn, or from a callback."""
    st.session_state[_DRAFT] = replace(drafted(), values={**drafted().values, **values})
    for name, new in values.items():
        st.session_state[key(name)] = new


def key(name: str) -> str:
    """Of the widget, and of its value in the session."""
    return f"draft_{name}"


def select(
    name: str,
    options: Sequence[str],
    words: Callable[[str], str] = word,
    help: str | None = None,
    then: Callable[[Any, Any], None] | None = None,
) -> None:
    """One of some; a value that is none of them is offered too, so that it is not lost. `then` as in `number`."""
    _seed(name)
    now = st.session_state[key(name)]
    offered = list(options) if now in options else [now, *options]
    st.selectbox(name_of(name), offered, format_func=words, key=key(name), help=help, on_change=_keep(name, then))
    _write(name)


def number(
    name: str,
    step: float | None = None,
    format: str | None = None,
    help: str | None = None,
    then: Callable[[Any, Any], None] | None = None,
) -> None:
    """A number; an emptied field keeps what it was. `then(before, now)` may set others that follow from it."""
    _seed(name)
    if step is None and isinstance(st.session_state[key(name)], int):
        step = 1
    st.number_input(name_of(name), step=step, format=format, key=key(name), help=help, on_change=_keep(name, then))
    _write(name)


def check(name: str, help: str | None = None) -> None:
    """Yes or no."""
    _seed(name)
    st.checkbox(name_of(name), key=key(name), help=help, on_change=_keep(name))
    _write(name)


def words(name: str, help: str | None = None, placeholder: str | None = None) -> None:
    """A line of text."""
    _seed(name)
    st.text_input(name_of(name), key=key(name), help=help, placeholder=placeholder, on_change=_keep(name))
    _write(name)


def _seed(name: str) -> None:
    """Set at every run, not once: a field that a closed popover has not put on the page yet would miss it."""
    st.session_state[key(name)] = value(name)


def _write(name: str) -> None:
    now = st.session_state[key(name)]
    values: Mapping[str, Any] = drafted().values
    if now is not None and (now != values[name] or type(now) is not type(values[name])):
        st.session_state[_DRAFT] = replace(drafted(), values={**values, name: now})


def _keep(name: str, then: Callable[[Any, Any], None] | None = None) -> Callable[[], None]:
    def changed() -> None:
        before = drafted().values[name]
        if st.session_state.get(key(name)) is None:
            st.session_state[key(name)] = before
        _write(name)
        if then:
            then(before, st.session_state[key(name)])

    return changed
