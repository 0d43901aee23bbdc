"""What an action on a run came to, said beside the control that was used, with a way back from a deletion."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Literal

import streamlit as st

from explorer.runs.store import Runs
from explorer.widgets import run_table
from llm.checkpoint_files import CheckpointError
from llm.runs.config import RunError

Place = Literal["words", "buttons", "branch", "import", "trash"]  # where on the page it was asked for
_SAID = "_run_said"  # the place, a sentence, and the run that can be brought back


def attempt(place: Place, act: Callable[[], object]) -> None:
    """Try it; what went wrong is said there on the next run of the page."""
    st.session_state.pop(_SAID, None)
    try:
        act()
    except (RunError, CheckpointError, OSError) as error:
        say(place, str(error))


def say(place: Place, sentence: str, gone: str | None = None) -> None:
    """What it came to; `gone` can be brought back."""
    st.session_state[_SAID] = (place, sentence, gone)


def answer(runs: Runs, *places: Place) -> None:
    """What the last action came to, if it was asked for at one of these places."""
    place, sentence, gone = st.session_state.get(_SAID, ("", "", None))
    with st.container(key=f"run_said_{places[0]}", horizontal=True, vertical_alignment="center"):
        if place not in places:  # the container stays: what follows keeps its place, and with it how it is sorted
            return
        st.html(f'<p class="vitrine-note" role="status">{escape(sentence)}</p>')
        if gone:
            st.button("Undo", key="run_undo", type="tertiary", on_click=bring_back, args=(runs, gone, place))


def bring_back(runs: Runs, id: str, place: Place) -> None:
    """Out of the trash, and open."""

    def act() -> None:
        runs.restore(id)
        run_table.show(id)
        say(place, f"{runs.get(id).label().name or id} is back in the ledger.")

    attempt(place, act)
