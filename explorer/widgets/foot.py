"""The foot of the sidebar: which model is on show and where the reader looks."""

from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.resources import load_model
from explorer.widgets import focus, model_picker, on_show, prompt
from explorer.widgets.header import token_html
from explorer.widgets.training_now import training_now
from llm.checkpoint import CheckpointError


def show() -> DeltaGenerator:
    """The foot with the run that trains now; returned is the place for what the page says."""
    with st.container(key="foot"):
        place = st.empty()
        training_now()
    return place


def say(place: DeltaGenerator, next_token: bool = False) -> None:
    """What the model is, and the focus when the prompt can be read: a head, or where the page is about it, the token
    that comes next.

    A page says what is wrong with model and prompt, not the foot; which is written to in any case, since a fragment may
    write later only to a place outside itself that it has written to at once.
    """
    body, note = _rows(next_token), focus.note()
    place.html(f'<div class="vitrine-foot">{body}{f"<p>{escape(note)}</p>" if note else ""}</div>')


def _rows(next_token: bool) -> str:
    if (shown := on_show.now()) is None:
        return ""
    try:
        checkpoint = load_model(shown.path)
    except CheckpointError:
        return ""
    step = "" if shown.step is None else f"step {shown.step:,} · "
    facts = f"<div><em>{escape(step + model_picker.facts(checkpoint))}</em></div>"
    if not (text := prompt.peek(checkpoint)):
        return facts
    at = focus.read(checkpoint, text)
    token = f"token {at.token} {token_html(text.tokens[at.token])}"
    what, where = ("Next token", f"after {token}") if next_token else (f"Block {at.layer} · head {at.head}", token)
    return f"{facts}<div><span>Focus</span><strong>{what}</strong><em>{where}</em></div>"
