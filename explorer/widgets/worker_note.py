"""Where no worker is there to train what waits: how to start one, in a sentence, until one has come."""

from html import escape

import streamlit as st

from explorer.runs.presence import words_to_start
from explorer.runs.store import Runs

EVERY = 2.0  # seconds between two looks


def worker_note(runs: Runs) -> None:
    """Draw it; nothing where a worker is there."""
    if runs.attended():
        return

    @st.fragment(run_every=EVERY)
    def note() -> None:
        if runs.attended():
            st.rerun()
        st.html(
            '<p class="vitrine-note" role="status">No worker is running, so nothing trains here; start one in a '
            f"terminal: <code>{escape(words_to_start(runs.home))}</code></p>"
        )

    with st.container(key="worker_note"):
        note()
