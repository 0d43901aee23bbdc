"""The part of a run's form that says what the model is made of: every choice that GPTConfig has."""

from typing import get_args, get_type_hints

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
        fields.number("n_heads")
        fields.number("heads_a_kv", help="Queries that share one key and value. One: MHA. All: MQA. Between: GQA.")
    with right:
        fields.number("d_model", step=16)
        fields.number("mlp_ratio", step=0.5, format="%g", help="Of its hidden layer; 4 is usual.")
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
