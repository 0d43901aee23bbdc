"""The panel of interventions in the sidebar: the stack in its order, and a form to add to it."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from explorer import in_force
from explorer.analysis.interventions import Intervention, mark
from explorer.analysis.stacks import moved, switched
from explorer.resources import load_model
from explorer.widgets import on_show, stack
from explorer.widgets.intervention_form import form
from llm.checkpoint import Checkpoint, CheckpointError

_SAID = "_interventions_said"


def panel() -> None:
    """The stack, and a form to add to it; for the sidebar. Nothing where no model can be read."""
    shown = on_show.now()
    try:
        checkpoint = load_model(shown.path) if shown else None
    except CheckpointError:
        checkpoint = None
    if checkpoint is None:
        return
    st.session_state[_SAID] = here = stack.now()
    with st.popover(f"Interventions ({len(here)})" if here else "Interventions", key="interventions", type="tertiary"):
        st.html('<p class="vitrine-note">Change what a part of the model gives. Every page then shows that model.</p>')
        for n, one in enumerate(here):
            _row(n, one, checkpoint)
        if len(here) > 1:
            st.html('<p class="vitrine-note vitrine-quiet">They apply in this order, where they meet at one part.</p>')
        with in_force.under(()):
            form(checkpoint)
        if len(here) > 1:
            st.button("Remove all", key="edits_clear", type="tertiary", on_click=stack.change, args=((),))


def holds() -> bool:
    """Whether the panel, where there is one, still says what is so."""
    return bool(st.session_state.get(_SAID, stack.now()) == stack.now())


def _row(n: int, one: Intervention, checkpoint: Checkpoint) -> None:
    """One of the stack: on or off, further up, and a way out."""
    why = one.lacks(checkpoint.model.config, checkpoint.tokenizer)
    named, key = f"{one.words} ({why})" if why else one.words, f"edit_{mark(repr(one.slot))}"

    def button(name: str, does: Callable[[], None]) -> None:
        st.button(name, key=f"{key}_{name.lower()}", type="tertiary", on_click=does)

    with st.container(key=f"{key}_row", horizontal=True, vertical_alignment="center", gap="small"):
        st.checkbox(f"{n + 1}. {_plain(named)}", one.on, key=f"{key}_{one.on}", on_change=partial(_switch, one))
        if n:
            button("Up", lambda: stack.change(moved(stack.now(), one.slot, -1)))
        button("Remove", lambda: stack.change(tuple(other for other in stack.now() if other.slot != one.slot)))


def _plain(text: str) -> str:
    """A label shows Markdown; the words are shown as they are."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|~$:<>" else c for c in text)


def _switch(one: Intervention) -> None:
    stack.change(switched(stack.now(), not one.on, one.slot))
