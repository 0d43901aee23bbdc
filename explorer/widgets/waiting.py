"""An answer that takes seconds: how far it is, a Stop for who waits here, and a way to begin again."""

import time
from collections.abc import Callable, Hashable
from html import escape
from typing import Any

import streamlit as st

from explorer.widgets.background import Answer, Background, Say
from explorer.widgets.field_names import sentence

EVERY = 0.5  # seconds between two looks
_READER, _LEFT, _FOR = "_waiting_reader", "_waiting_left", "_waiting_for"


def waited(
    place: Background, key: Hashable, make: Callable[[Say], Any], name: str, again: str, at_once: float = 0.0
) -> Any:
    """What `make(say)` gives, worked out in `place` once for all sessions; until it is there None, and a line about it.

    `name` is a key of the page for its buttons, `again` what the button says that begins anew; for `at_once` seconds it
    is waited for without a word.
    """
    reader = st.session_state.setdefault(_READER, object())
    left: set[Hashable] = st.session_state.setdefault(_LEFT, set())
    place_before, before = st.session_state.setdefault(_FOR, {}).get(name, (place, key))
    st.session_state[_FOR][name] = place, key
    if (place_before, before) != (place, key):
        place_before.leave(before, reader)
    if key in left:
        _ended("You stopped it.", name, again, left.discard, key)
        return None

    def ask() -> Answer:
        return place.ask(key, make, reader)

    until, answer = time.monotonic() + at_once, ask()
    while answer.pending and time.monotonic() < until:
        time.sleep(0.01)
        answer = ask()
    if answer.pending:

        def stop() -> None:
            left.add(key)
            place.leave(key, reader)

        _progress(ask, lambda: key in left, stop, name)
    elif answer.error:
        _ended(sentence(answer.error), name, again, place.forget, key)
    return answer.value


def _progress(ask: Callable[[], Answer], left: Callable[[], bool], stop: Callable[[], None], name: str) -> None:
    @st.fragment(run_every=EVERY)
    def progress() -> None:
        if left() or not (answer := ask()).pending:
            st.rerun()
        with st.container(key=f"{name}_waiting", horizontal=True, gap="small", vertical_alignment="center"):
            said = escape(answer.phase or "Waiting for its turn")
            st.html(f'<p class="vitrine-empty" role="status">{said}</p>', width="content")
            st.button("Stop", key=f"{name}_stop", type="tertiary", on_click=stop)

    progress()


def _ended(words: str, name: str, again: str, begin: Callable[[Hashable], None], key: Hashable) -> None:
    with st.container(key=f"{name}_ended", horizontal=True, gap="small", vertical_alignment="center"):
        st.html(f'<p class="vitrine-empty" role="alert">{escape(words)}</p>', width="content")
        st.button(again, key=f"{name}_again", type="tertiary", on_click=begin, args=(key,))
