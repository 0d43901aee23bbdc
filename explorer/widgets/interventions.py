"""The interventions as a reader sees them: a panel in the sidebar to make them, a banner on every page they change."""

from functools import partial
from html import escape
from typing import Literal

import streamlit as st

from explorer import resources
from explorer.analysis.interventions import MOST, Intervention, Part, Stack, put, switched
from explorer.display import many
from explorer.resources import load_model
from explorer.widgets import focus, on_show, stack
from llm.checkpoint import Checkpoint, CheckpointError
from llm.model.config import GPTConfig

Way = Literal["zero", "mean", "scale"]
WAYS: dict[Way, str] = {"zero": "Off", "mean": "Its mean", "scale": "Scale"}
_SAID = "_interventions_said"
_HELP = {
    "zero": "Its result is 0 for every token.",
    "mean": "Its result is the same for every token: what it gives on average.",
    "scale": "Its result is multiplied.",
}


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
        for one in here:
            _row(one, checkpoint.model.config)
        _form(checkpoint.model.config)
        if len(here) > 1:
            st.button("Remove all", key="edits_clear", type="tertiary", on_click=stack.change, args=((),))


def holds() -> bool:
    """Whether the panel, where there is one, still says what is so."""
    return bool(st.session_state.get(_SAID, stack.now()) == stack.now())


def _row(one: Intervention, config: GPTConfig) -> None:
    """One of the stack: on or off, and a way out."""
    named, key = one.words if one.part.within(config) else f"{one.words} (not in this model)", f"edit_{_key(one.part)}"
    with st.container(key=f"{key}_row", horizontal=True, vertical_alignment="center", gap="small"):
        st.checkbox(named, one.on, key=f"{key}_{one.on}", on_change=partial(_switch, one))
        st.button("Remove", key=f"{key}_remove", type="tertiary", on_click=partial(_remove, one.part))


def _key(part: Part) -> str:
    return f"{part.layer}_{part.head}_{part.mlp}"


def _form(config: GPTConfig) -> None:
    layer, head = focus.within(config.n_layers, config.n_heads)
    parts = parts_of(config)
    with st.container(key="edits_form", gap="small"):
        part = st.selectbox(
            "Part",
            parts,
            parts.index(Part(layer, head)),
            lambda part: part.name[:1].upper() + part.name[1:],
            key=f"edits_{layer}_{head}",
        )
        way: Way = st.segmented_control(
            "What it gives instead",
            list(WAYS),
            default="zero",
            required=True,
            format_func=lambda way: WAYS[way],
            key="edits_way",
        )
        factor = 0.5
        if way == "scale":
            factor = st.number_input("Times", 0.0, MOST, factor, step=0.5, key="edits_factor")
        made = Intervention(part, {"zero": 0.0, "mean": None, "scale": float(factor)}[way])
        st.html(f'<p class="vitrine-note vitrine-quiet">{_HELP[way]}</p>')
        st.button("Apply", key="edits_apply", on_click=lambda: stack.change(put(stack.now(), made)))


def parts_of(config: GPTConfig) -> list[Part]:
    """All that can be changed, block by block."""
    found = []
    for layer in range(config.n_layers):
        found += [Part(layer, head) for head in range(config.n_heads)] + [Part(layer)]
        found += [Part(layer, mlp=True)] if config.mlp != "none" else []
    return found


def _switch(one: Intervention) -> None:
    stack.change(switched(stack.now(), not one.on, one.part))


def _remove(part: Part) -> None:
    stack.change(tuple(one for one in stack.now() if one.part != part))


def banner(checkpoint: Checkpoint) -> None:
    """What is edited in the model that this page shows, and the clean one a click away."""
    here, config = stack.now(), checkpoint.model.config
    if note := stack.note():
        st.html(f'<p class="vitrine-said vitrine-astray" role="status">{escape(note)}</p>')
    if not here:
        return
    active = resources.effective(checkpoint.path)
    with st.container(key="banner", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<p class="vitrine-banner" role="status">{_said(here, active, config, checkpoint)}</p>')
        if active:
            st.button("Show the clean model", key="banner_clean", type="tertiary", on_click=_all, args=(False,))
        elif any(one.part.within(config) for one in here):
            st.button("Show the edited model", key="banner_edited", type="tertiary", on_click=_all, args=(True,))


def _said(here: Stack, active: Stack, config: GPTConfig, checkpoint: Checkpoint) -> str:
    if not active:
        off = sum(one.part.within(config) for one in here)
        words = f"{many(off, 'intervention')} switched off" if off else "the interventions name no part of it"
        return f"<b>The clean model</b>: {words}."
    words = "; ".join(one.words for one in active)
    usual = any(one.factor is None for one in active)
    mean = f" Means are taken over {resources.usual_results(checkpoint.path).words}." if usual else ""
    return f"<b>An edited model</b>: {escape(words)}.{escape(mean)}"


def _all(on: bool) -> None:
    stack.change(switched(stack.now(), on))
