"""A sentence that something is empty or wrong, and what to do: text as it is, nothing read as Markdown or HTML."""

from collections.abc import Callable
from html import escape

import streamlit as st

Action = tuple[str, Callable[[], None]]


def problem(what: str, remedy: str, action: Action | None = None) -> None:
    """An error: what happened, what to do, and a way to do it. One on a page."""
    with st.container(key="problem", gap=None):
        st.html(f'<div class="vitrine-problem" role="alert"><p><b>{escape(what)}</b></p><p>{escape(remedy)}</p></div>')
        _offer(action)


def empty(sentence: str, action: Action | None = None) -> None:
    """Nothing to show yet, in one sentence. One on a page."""
    with st.container(key="nothing", gap=None):
        st.html(f'<p class="vitrine-empty">{escape(sentence)}</p>')
        _offer(action)


def _offer(action: Action | None) -> None:
    if action:
        st.button(action[0], key="offer", type="tertiary", on_click=action[1])
