"""In the foot of the sidebar, on every page: the run that trains now, and how far it is."""

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from explorer import paths
from explorer.run_resources import RunNow, runs_now
from explorer.widgets import model_picker

EVERY = 2.0  # seconds
WORDS = {"running": "Training now", "preparing": "Preparing", "paused": "Paused", "queued": "Next to train"}  # in order


def training_now() -> None:
    """Draw it; nothing where no run is at work or waits. Looked at again every two seconds while one is, and with it
    whether all that the sidebar says of runs still holds."""
    found = at_work(runs_now())

    @st.fragment(run_every=EVERY if found else None)
    def row() -> None:
        if not model_picker.holds():
            st.rerun()
        if now := at_work(runs_now()):
            st.html(f'<div class="vitrine-foot"><div>{words(now)}</div></div>')
            st.page_link(paths.PAGES / "train.py", label="Watch it", query_params={"run": now[0].key})

    if found:
        row()


def at_work(runs: Iterable[RunNow]) -> list[RunNow]:
    """The live and the queued ones, in the order of WORDS."""
    return sorted(
        (run for run in runs if run.status.state in WORDS), key=lambda run: list(WORDS).index(run.status.state)
    )


def words(found: Sequence[RunNow]) -> str:
    """Name and step of the first of them, and how many more there are, as HTML."""
    first, status = found[0], found[0].status
    said = f"step {status.step:,} of {status.steps:,}" if status.state in ("running", "paused") else status.message
    more = f"and {len(found) - 1} more" if len(found) > 1 else ""
    facts = "\n".join(escape(text) for text in (said, more) if text)
    return f"<span>{WORDS[status.state]}</span><strong>{escape(first.name)}</strong><em>{facts}</em>"
