"""The run on show as it learns: the model now, and its curves; looked at again each second while it is alive."""

import streamlit as st

from explorer import resources
from explorer.analysis.curves import Metrics
from explorer.display import loss
from explorer.runs.presets import PRESETS, matching
from explorer.widgets.curves import curves
from explorer.widgets.living_model import living_model
from explorer.widgets.run_curves import SHORT, run_events, run_panels
from explorer.widgets.run_ingredients import reference, reference_facts
from explorer.widgets.run_status import ticking
from llm.model.config import ConfigError
from llm.runs.config import RunError
from llm.runs.directory import RunDirectory
from llm.runs.log import Tail
from llm.training.cost import cost


def run_watch(run: RunDirectory) -> None:
    """Two columns: the living model and the curves."""
    looked_up = not reference(run).pending
    every = ticking(run.status()) or (None if looked_up else 1.0)

    @st.fragment(run_every=every)
    def watching() -> None:
        if not looked_up and not reference(run).pending:
            st.rerun()  # the other columns say the same facts
        middle, right = st.columns([400, 316], gap="large")
        with middle:
            living_model(run, "living_model")
        with right:
            _curves(run)

    watching()


def _curves(run: RunDirectory) -> None:
    with st.container(key="curve_choices", horizontal=True, vertical_alignment="center", gap="small"):
        unit = st.segmented_control(
            "Loss in",
            list(SHORT),
            default="nats",
            required=True,
            format_func=lambda name: SHORT[name],
            key="loss_unit",
            label_visibility="collapsed",
        )
        layers = st.toggle("Each layer", key="curve_layers")
    metrics = resources.run_metrics(run.path)
    panels = run_panels(metrics, _flops(run), reference_facts(run), unit or "nats", layers)
    status = run.status()
    until = status.steps if status.live and status.steps else None
    curves(panels, "run_curves", events=run_events(Tail(run.events).read()), until=until)


def _flops(run: RunDirectory) -> float | None:
    """FLOPs of training on one token."""
    try:
        config = run.config()
    except (RunError, ConfigError):
        return None
    return cost(config.model, config.training).flops_per_token


def lead(run: RunDirectory | None) -> str:
    """What to look at: of a run under way its preset's lesson, of one that has learned what it has reached."""
    if run is None:
        return "Choose a preset and press Train: the loss, the heads and what the model writes will move together."
    metrics, status = resources.run_metrics(run.path), run.status()
    if len(metrics.evaluated) < 2 or status.live:
        try:
            preset = matching(run.config())
        except (RunError, ConfigError):
            preset = None
        if preset:
            return PRESETS[preset].lesson
        return "Watch what falls first: the loss, as the model learns which tokens are common, then what follows what."
    return _reached(metrics, run)


def _reached(metrics: Metrics, run: RunDirectory) -> str:
    seen = metrics.validation_loss[metrics.evaluated]
    facts, said = reference_facts(run), f"The validation loss fell from {loss(seen[0])} to {loss(seen[-1])} nats"
    if facts is None:
        return f"{said} a token in {int(metrics.step[-1]):,} steps."
    below = "below what" if seen[-1] < facts.bigram else "while"
    return f"{said}, {below} counting pairs of tokens alone gives: {loss(facts.bigram)}."
