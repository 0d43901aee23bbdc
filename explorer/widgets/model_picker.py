"""Which model is on show: picked in the sidebar when there are several, named in the address."""

import streamlit as st

from explorer import paths
from explorer.display import count
from explorer.resources import load_model
from explorer.widgets.notice import problem
from llm.checkpoint import Checkpoint, CheckpointError
from llm.model.size import size

KEY = "model"


def show() -> None:
    """The picker, for the sidebar; nothing to pick from shows nothing."""
    names = list(paths.models())
    if st.session_state.get(KEY) not in names:
        st.session_state.pop(KEY, None)
    if len(names) > 1:
        st.selectbox("Model", names, key=KEY, bind="query-params")


def name() -> str | None:
    """The name of the model on show; None where none is installed."""
    names = list(paths.models())
    picked = st.session_state.get(KEY)
    return picked if picked in names else next(iter(names), None)


def chosen() -> Checkpoint:
    """The checkpoint on show. Where there is none, or it is damaged, says so and ends the page."""
    found, picked = paths.models(), name()
    if picked is None:
        problem(
            "There is no model to show.",
            f"Expected a checkpoint under {paths.ASSETS} or {paths.home() / 'models'}; train one with: "
            f"python -m llm train --out runs/mine --export {paths.home() / 'models' / 'mine'}",
        )
        st.stop()
    try:
        return load_model(found[picked])
    except CheckpointError as error:
        problem(f"The model {picked} cannot be read.", str(error))
        st.stop()


def facts(checkpoint: Checkpoint) -> str:
    """Size in a line: 4 layers · 4 heads · 1.1 M."""
    config = checkpoint.model.config
    layers, heads = config.n_layers, config.n_heads
    return f"{layers} layer{'s' * (layers > 1)} · {heads} head{'s' * (heads > 1)} · {count(size(config).parameters)}"
