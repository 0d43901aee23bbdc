"""The run on show as it learns: the model now, and its curves; looked at again each second while it is alive."""

import time

import streamlit as st

from explorer import resources
from explorer.analysis.curves import Metrics
from explorer.display import loss
from explorer.kept import Kept
from explorer.runs.presets import PRESETS, matching
from explorer.widgets.curves import drawn, payload
from explorer.widgets.living_model import living_model
from explorer.widgets.run_curves import SHORT, run_events, run_panels
from explorer.widgets.run_ingredients import reference, reference_facts
from explorer.widgets.run_status import ticking
from llm.model.config import ConfigError
from llm.runs.config import RunError
from llm.runs.directory import RunDirectory
from llm.runs.log import Tail
from llm.training.cost import cost

FRESH = 0.5  # seconds for which the curves of a live run are the same for all who look
_CURVES = Kept(8 * 2**20)


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
    status, events = run.status(), tuple(run_events(Tail(run.events).read()))
    until = status.steps if status.live and status.steps else None
    flops, facts = _flops(run), reference_facts(run)
    now = time.monotonic() // FRESH if status.live else _stamp(run)
    metrics = resources.run_metrics(run.path)
    asked = (run.path, now, flops, facts, unit, layers, events, until)

    def make() -> bytes:
        panels = run_panels(metrics, flops, facts, unit or "nats", layers)
        return payload(panels, "run_curves", events=events, until=until)

    drawn(_CURVES.get(asked, make), "run_curves")


def _stamp(run: RunDirectory) -> tuple[int, ...]:
    try:
        found = run.metrics.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


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
    if status.state == "queued":
        return "This run waits for its turn; its curves and its model appear here as soon as it trains."
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
    went = "fell" if seen[-1] < seen[0] else "went"
    facts, said = reference_facts(run), f"The validation loss {went} from {loss(seen[0])} to {loss(seen[-1])} nats"
    if facts is None or facts.bigram != facts.bigram:
        return f"{said} a token in {int(metrics.step[-1]):,} steps."
    below = "below what" if seen[-1] < facts.bigram else "while"
    return f"{said}, {below} counting pairs of tokens alone gives: {loss(facts.bigram)}."
