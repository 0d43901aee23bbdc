"""Which run did best, and why? Every run in one ledger, the curves of some over each other, and one to work with."""

import streamlit as st

from explorer.analysis.curves import thinned
from explorer.widgets.header import code_panel, page_header
from explorer.widgets.notice import empty
from explorer.widgets.run_actions import recipes, run_actions
from explorer.widgets.run_answers import answer
from explorer.widgets.run_incoming import take_in, trash
from explorer.widgets.run_ledger import lead, opened
from explorer.widgets.run_overlay import run_overlay
from explorer.widgets.run_rows import rows, store
from explorer.widgets.run_table import chosen, run_table, standing
from explorer.widgets.worker_note import worker_note
from llm.training.evaluate import evaluate

top = page_header("Which run did best, and why?")
runs = store()
first = rows(runs)
top.lead(lead(first))
worker_note(runs)
if not first:
    empty("No run has been made yet: train one, or bring one in below.")
    answer(runs, "buttons", "branch", "words")

live = 1.0 if any(row.busy for row in first) else None
row, slots, seen = opened(first), chosen(first), standing(first)


@st.fragment(run_every=live)
def ledger() -> None:
    """The table, drawn anew every second while a run is live."""
    now = rows(runs)
    run_table(now)
    if standing(now) != seen:
        st.rerun()


@st.fragment(run_every=live)
def overlay() -> None:
    """The curves of the chosen runs, likewise."""
    run_overlay(first, slots, row.id if row else None)


if row:
    with st.container(key="run_ledger"):
        ledger()
    with st.container(key="run_below"):
        left, right = st.columns([13, 8], gap="large")
    with left:
        overlay()
    with right:
        run_actions(runs, row)
with st.container(key="run_in_out", gap=None):
    take_in(runs)
    trash(runs)
st.html(
    '<p class="vitrine-note vitrine-quiet">Not shown: luck. Another seed moves the loss a little, so a small '
    "difference between two runs says nothing until it has been seen with several seeds.</p>"
)
if top.depth == "shapes":
    recipes(first, slots)
elif top.depth == "code":
    code_panel(evaluate, thinned)
