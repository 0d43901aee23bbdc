"""What a page that shows a run says in the sidebar, where the model of the other pages is named."""

from html import escape

import streamlit as st

from explorer.widgets import frame
from explorer.widgets.run_words import STATES
from llm.runs.directory import RunDirectory


def run_foot(run: RunDirectory) -> None:
    """Under the foot of the sidebar, and in the bar on a phone: the run, so that nobody takes the model for it."""
    name, status = run.label().name or run.id, run.status()
    frame.bar(f"{name} · Train")
    with st.sidebar.container(key="run_foot"):
        st.html(
            '<div class="vitrine-foot"><div><span>On this page</span>'
            f"<strong>{escape(name)}</strong><em>{escape(f'a run, {STATES[status.state].lower()}')}</em></div></div>"
        )
