"""The part of a run's form that says how to train: steps, batch, optimizer, schedule, device, checkpoints."""

from typing import get_args

import numpy as np
import streamlit as st

from explorer.display import count
from explorer.widgets import draft_fields as fields
from llm.runs.device import devices
from llm.training.config import NewtonSchulzKind, OptimizerKind, Precision, ScheduleKind, TrainingConfig
from llm.training.schedule import lr_fraction

WIDE, HIGH = 188, 36  # of the drawn schedule
POINTS = 120


def training_fields() -> None:
    """Steps and rates first, the machine and the checkpoints below."""
    left, right = st.columns(2)
    with left:
        fields.number("steps", step=50)
        fields.number("batch_size", help="Windows of the context's length in one forward pass.")
    with right:
        fields.number("seed", help="Of the first weights, the order of the text and the split.")
        fields.number("grad_accumulation")
    st.html('<p class="vitrine-group vitrine-ruled" role="heading" aria-level="3">Optimizer and schedule</p>')
    left, right = st.columns(2)
    with left:
        fields.select("optimizer", get_args(OptimizerKind))
        if fields.value("optimizer") == "muon":
            fields.number("muon_lr", step=0.001, format="%g", help="Of the matrices, at its peak.")
            fields.select("newton_schulz", get_args(NewtonSchulzKind))
        fields.number("lr", step=0.0005, format="%g", help="At its peak.")
        fields.number("weight_decay", step=0.01, format="%g")
    with right:
        fields.select("schedule", get_args(ScheduleKind))
        fields.number("warmup_fraction", step=0.01, format="%g")
        fields.number("final_lr_fraction", step=0.01, format="%g")
        fields.number("clip_norm", step=0.1, format="%g", help="0 never clips.")
    st.html('<p class="vitrine-group vitrine-ruled" role="heading" aria-level="3">Machine and checkpoints</p>')
    left, right = st.columns(2)
    found = dict(devices())
    with left:
        words = {"auto": "The fastest", **{name: f"{name}: {about}" for name, about in found.items()}}
        fields.select("device", ["auto", *found], words=lambda name: words.get(name, name))
        fields.number("threads", help="0 takes what is usual here; the same number repeats a run exactly.")
        fields.select("precision", get_args(Precision))
    with right:
        fields.number("looks", help="Spread over the run, dense at the start.")
        fields.number("checkpoint_every", step=10, help="To resume from.")
        fields.number("eval_every", step=10)


def schedule_line(training: TrainingConfig) -> str:
    """The learning rate over the steps, computed by the function that training calls."""
    steps = np.unique(np.linspace(0, training.steps - 1, POINTS).round().astype(int))
    y = [lr_fraction(training, int(step)) for step in steps]
    points = " ".join(
        f"{1 + (WIDE - 2) * step / max(1, training.steps - 1):.1f},{HIGH - 1 - (HIGH - 3) * value:.1f}"
        for step, value in zip(steps, y, strict=True)
    )
    said = f"Learning rate over {count(training.steps)} steps: warm-up, then {training.schedule}"
    return (
        f'<svg class="vitrine-schedule" viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{said}">'
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5" '
        f'stroke-linejoin="round"></polyline></svg>'
    )
