"""The part of a run's form that says what the model is made of: every choice that GPTConfig has."""

from typing import Any, get_args, get_type_hints

import streamlit as st

from explorer.widgets import draft_fields as fields
from llm.model.config import GPTConfig

KINDS = {name: get_args(kind) for name, kind in get_type_hints(GPTConfig).items() if get_args(kind)}
LABELS = {"positions": "Positions", "norm": "Norm", "block": "Where the norms stand", "mlp": "MLP's activation"}


def model_fields() -> None:
    """Shape left, ingredients right."""
    st.html('<p class="vitrine-group vitrine-ruled" role="heading" aria-level="3">Shape</p>')
    left, right = st.columns(2)
    with left:
        fields.number("n_layers", "Blocks")
        fields.number("n_heads", "Heads", then=_heads)
        fields.number("n_kv_heads", "Heads of k and v", help="As many as heads: MHA. One: MQA. Between: GQA.")
    with right:
        fields.number("d_model", "Width", step=16, then=_width)
        fields.number("d_mlp", "Width of the MLP", step=16)
        fields.number("n_ctx", "Context", step=16, help="The longest text it reads, in tokens.")
    st.html('<p class="vitrine-group vitrine-ruled" role="heading" aria-level="3">Ingredients</p>')
    left, right = st.columns(2)
    for place, (name, kinds) in enumerate(KINDS.items()):
        with (left, right)[place % 2]:
            fields.select(name, LABELS.get(name, name.replace("_", " ").capitalize()), kinds)
    left, right = st.columns(2)
    with left:
        fields.check("tied", "Unembed with the embedding's weights")
        fields.check("bias", "Biases")
    with right:
        fields.number("dropout", "Dropout", step=0.05, format="%g")
    if fields.value("positions") in ("rope", "sinusoidal"):
        fields.number("rope_base", "Base of the wavelengths", step=1000.0, format="%g")


def _heads(before: Any, now: Any) -> None:
    """As many key/value heads as heads stay as many."""
    if fields.value("n_kv_heads") == before:
        fields.put(n_kv_heads=now)


def _width(before: Any, now: Any) -> None:
    """An MLP four times as wide as the stream stays so."""
    if fields.value("d_mlp") == 4 * before:
        fields.put(d_mlp=4 * now)
