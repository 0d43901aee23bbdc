"""The part of a run's form that says what the model is made of: every choice that GPTConfig has."""

from typing import Any, get_args, get_type_hints

import streamlit as st

from explorer.widgets import draft_fields as fields
from llm.model.config import GPTConfig

KINDS = {name: get_args(kind) for name, kind in get_type_hints(GPTConfig).items() if get_args(kind)}


def model_fields() -> None:
    """The shape, then what it is made of."""
    st.html('<p class="vitrine-group" role="heading" aria-level="3">Shape</p>')
    left, right = st.columns(2)
    with left:
        fields.number("n_layers")
        fields.number("n_heads", then=_heads)
        fields.number("n_kv_heads", help="As many as heads: MHA. One: MQA. Between: GQA.")
    with right:
        fields.number("d_model", step=16, then=_width)
        fields.number("d_mlp", step=16)
        fields.number("n_ctx", step=16, help="The longest text it reads, in tokens.")
    st.html('<p class="vitrine-group vitrine-ruled" role="heading" aria-level="3">Ingredients</p>')
    left, right = st.columns(2)
    for place, (name, kinds) in enumerate(KINDS.items()):
        with (left, right)[place % 2]:
            fields.select(name, kinds)
    left, right = st.columns(2)
    with left:
        fields.check("tied")
        fields.check("bias")
    with right:
        fields.number("dropout", step=0.05, format="%g")
    if fields.value("positions") in ("rope", "sinusoidal"):
        fields.number("rope_base", step=1000.0, format="%g")


def _heads(before: Any, now: Any) -> None:
    """As many key/value heads as heads stay as many."""
    if fields.value("n_kv_heads") == before:
        fields.put(n_kv_heads=now)


def _width(before: Any, now: Any) -> None:
    """An MLP four times as wide as the stream stays so."""
    if fields.value("d_mlp") == 4 * before:
        fields.put(d_mlp=4 * now)
