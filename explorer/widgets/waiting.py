"""An answer that takes seconds: how far it is, a Stop for who waits here, and a way to begin again."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from html import escape
from typing import Any

import streamlit as st

from explorer.widgets.background import Answer, Background
from explorer.widgets.field_names import sentence

EVERY = 0.5  # seconds between two looks
LONGEST = 90.0  # seconds without a look after which a reader is gone; a tab out of sight may look once a minute
MOST = 64  # answers in work that are known by their readers
_READER, _LEFT, _FOR = "_waiting_reader", "_waiting_left", "_waiting_for"
_WORK: OrderedDict[Hashable, "_Work"] = OrderedDict()
_LOCK = threading.Lock()

Say = Callable[[str], None]


class StoppedError(ValueError):
    """Nobody waits for it any more."""


class _Work:
    """What sessions wait for together; it ends when the last of them stops it, or has not looked for LONGEST."""

    def __init__(self) -> None:
        self.readers: dict[object, float] = {}  # when each has looked last
        self.stopped = threading.Event()
        self.over = False

    @property
    def awaited(self) -> bool:
        if self.stopped.is_set():
            return False
        with _LOCK:
            return max(self.readers.values(), default=0.0) > time.monotonic() - LONGEST


def waited(
    place: Background, key: Hashable, make: Callable[[Say], Any], name: str, again: str, at_once: float = 0.0
) -> Any:
    """What `make(say)` gives, worked out in `place` once for all sessions; until it is there None, and a line about it.

    `name` is a key of the page for its buttons, `again` what the button says that begins anew; for `at_once` seconds it
    is waited for without a word.
    """
    left: set[Hashable] = st.session_state.setdefault(_LEFT, set())
    before = st.session_state.setdefault(_FOR, {}).get(name, key)
    st.session_state[_FOR][name] = key
    if before != key:
        _leave(before)
    if key in left:
        _ended("You stopped it.", name, again, left.discard, key)
        return None
    work = _joined(key)

    def tell(say: Say, words: str) -> None:
        if not work.awaited:
            raise StoppedError("It was stopped.")
        say(words)

    def ask() -> Answer:
        _look(work)
        answer = place.ask(work, lambda say: make(lambda words: tell(say, words)))
        work.over = not answer.pending
        return answer

    until, answer = time.monotonic() + at_once, ask()
    while answer.pending and time.monotonic() < until:
        time.sleep(0.01)
        answer = ask()
    if answer.pending:
        _progress(ask, key, name)
    elif answer.error:
        _ended(sentence(answer.error), name, again, _forget, key)
    return answer.value


def _progress(ask: Callable[[], Answer], key: Hashable, name: str) -> None:
    @st.fragment(run_every=EVERY)
    def progress() -> None:
        answer = ask()
        if not answer.pending or key in st.session_state[_LEFT]:
            st.rerun()
        with st.container(key=f"{name}_waiting", horizontal=True, gap="small", vertical_alignment="center"):
            said = escape(answer.phase or "Waiting for its turn")
            st.html(f'<p class="vitrine-empty" role="status">{said}</p>', width="content")
            st.button("Stop", key=f"{name}_stop", type="tertiary", on_click=_stop, args=(key,))

    progress()


def _ended(words: str, name: str, again: str, begin: Callable[[Hashable], None], key: Hashable) -> None:
    with st.container(key=f"{name}_ended", horizontal=True, gap="small", vertical_alignment="center"):
        st.html(f'<p class="vitrine-empty" role="alert">{escape(words)}</p>', width="content")
        st.button(again, key=f"{name}_again", type="tertiary", on_click=begin, args=(key,))


def _joined(key: Hashable) -> _Work:
    """The work of this key, with this session among those that wait for it."""
    with _LOCK:
        work = _WORK.setdefault(key, _Work())
        _WORK.move_to_end(key)
        work.readers[st.session_state.setdefault(_READER, object())] = time.monotonic()
        while len(_WORK) > MOST:
            _WORK.popitem(last=False)
    return work


def _look(work: _Work) -> None:
    """This session still waits for it, if it has not left."""
    with _LOCK:
        if (reader := st.session_state[_READER]) in work.readers:
            work.readers[reader] = time.monotonic()


def _stop(key: Hashable) -> None:
    """For this session."""
    st.session_state[_LEFT].add(key)
    _leave(key)


def _leave(key: Hashable) -> None:
    """This session waits for it no more; the work itself ends where no other does."""
    with _LOCK:
        work = _WORK.get(key)
        if work is None or work.over:
            return
        work.readers.pop(st.session_state[_READER], None)
        if not work.readers:
            work.stopped.set()
            del _WORK[key]


def _forget(key: Hashable) -> None:
    """What has failed, so that it is tried again."""
    with _LOCK:
        _WORK.pop(key, None)
