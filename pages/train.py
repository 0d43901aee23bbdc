"""What does a model learn, and when? A recipe, the model it makes, and its curves, while it trains and after."""

import streamlit as st

from explorer.widgets.header import code_panel, page_header
from explorer.widgets.run_foot import run_foot
from explorer.widgets.run_form import is_open, run_form
from explorer.widgets.run_ingredients import run_ingredients
from explorer.widgets.run_notes import below, shapes
from explorer.widgets.run_on_show import is_own, name_in_address, run_on_show, runs
from explorer.widgets.run_status import status_row
from explorer.widgets.run_watch import lead, run_watch
from explorer.widgets.worker_note import worker_note
from llm.training import losses, schedule, trainer

top = page_header("What does a model learn, and when?")
run, note = run_on_show()
top.lead(" ".join(filter(None, [note, lead(run)])))
worker_note(runs())

if run:
    run_foot(run)
    status_row(run)
with st.container(key="train_page"):
    left, right = st.columns([188, 756], gap="large")
    with left:
        if run is None or is_open(usually=not is_own(run)):
            run_form(may_close=run is not None)
        else:
            run_ingredients(run)
    with right:
        if run:
            run_watch(run)
name_in_address(run)

if run and top.depth == "shapes":
    shapes(run)
if top.depth == "code":
    code_panel(trainer.train, losses.next_token_loss, schedule.lr_fraction)
below()
