"""The run on show as it learns: the model now, and its curves; looked at again each second while it is alive."""

import time

import streamlit as st

from explorer import run_resources
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

    drawn = False

    @st.fragment(run_every=every)
    def watching() -> None:
        nonlocal drawn
        if drawn and not looked_up and not reference(run).pending:
            st.rerun()  # the other columns say the same facts; not before the browser has this page
        drawn = True
        middle, right = st.columns([400, 316], gap="large")
        with right:
            _curves(run)  # first: a checkpoint that is large takes a while to be read
        with middle:
            living_model(run, "living_model")

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
    status, events = run_resources.run_status(run), tuple(run_events(Tail(run.events).read()))
    until = status.steps if status.live and status.steps else None
    (flops, muon), facts = _told(run), reference_facts(run)
    now = time.monotonic() // FRESH if status.live else _stamp(run)
    metrics = run_resources.run_metrics(run.path)
    asked = (run.path, now, flops, facts, unit, layers, events, until)

    def make() -> bytes:
        panels = run_panels(metrics, flops, facts, unit or "nats", layers, muon)
        return payload(panels, "run_curves", events=events, until=until)

    drawn(_CURVES.get(asked, make), "run_curves")


def _stamp(run: RunDirectory) -> tuple[int, ...]:
    try:
        found = run.metrics.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _told(run: RunDirectory) -> tuple[float | None, float | None]:
    """What the recipe says of the figures: FLOPs of training on one token, and Muon's rate as a multiple of AdamW's."""
    try:
        config = run.config()
    except (RunError, ConfigError):
        return None, None
    training = config.training
    muon = training.muon_lr / training.lr if training.optimizer == "muon" else None
    return cost(config.model, training).flops_per_token, muon


def lead(run: RunDirectory | None) -> str:
    """What to look at: of a run under way its preset's lesson, of one that has learned what it has reached."""
    if run is None:
        return "Choose a preset and press Train: the loss, the heads and what the model writes will move together."
    metrics, status = run_resources.run_metrics(run.path), run.status()
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
    first, last = float(metrics.loss[0]), float(metrics.validation_loss[metrics.evaluated[-1]])
    went = "fell" if last < first else "went"
    facts = reference_facts(run)
    came = f"from {loss(first)} nats a token at the first update to {loss(last)} on text kept out of training"
    said = f"The loss {went} {came}"
    if facts is None or facts.bigram != facts.bigram:
        return f"{said}, in {int(metrics.step[-1]):,} steps."
    below = "below what" if last < facts.bigram else "while"
    return f"{said}, {below} counting pairs of tokens alone gives: {loss(facts.bigram)}."
