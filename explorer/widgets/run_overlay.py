"""The curves of the chosen runs over each other, in a unit in which they compare where there is one."""

from collections.abc import Sequence

import streamlit as st

from explorer.run_resources import run_metrics
from explorer.widgets.curves import Panel, Series, curves
from explorer.widgets.run_ledger import find
from explorer.widgets.run_rows import Row
from explorer.widgets.run_table import color

KEY = "run_overlay"


def run_overlay(found: Sequence[Row], slots: Sequence[str | None], now: str | None) -> None:
    """Draw them, and say what keeps them from being compared."""
    shown = [row for id in slots if (row := find(found, id))]
    drawn = panels(shown, slots, now)
    if not drawn:
        st.html('<p class="vitrine-note vitrine-quiet">Tick runs above to lay their curves over each other here.</p>')
        return
    curves(drawn, key=KEY, until=max((row.status.steps for row in shown if row.busy), default=None))
    if note := caution(shown):
        st.html(f'<p class="vitrine-note">{note}</p>')


def panels(shown: Sequence[Row], slots: Sequence[str | None], now: str | None) -> list[Panel]:
    """Validation, then training loss. Bits per byte where the runs cut the text into different tokens."""
    same = len({row.facts.tokens for row in shown}) <= 1
    validation, training = [], []
    for row in shown:
        metrics, flops = run_metrics(row.run.path), row.facts.flops_per_token
        seen, hue = metrics.evaluated, color(slots, row.id, now)
        if len(seen):
            y = metrics.validation_loss if same else metrics.bits_per_byte
            validation.append(Series(row.name, hue, metrics.x(flops, seen), y[seen], every=True))
        if len(metrics.step):
            training.append(Series(row.name, hue, metrics.x(flops), metrics.loss, thin=True))
    unit = "nats per token" if same else "bits per byte"
    made = [Panel("Validation loss", unit, validation, 206), Panel("Training loss", "nats per token", training, 140)]
    return [panel for panel in made if panel.series]


def caution(shown: Sequence[Row]) -> str:
    """What keeps these runs from being compared, in a sentence; mostly nothing."""
    read = [row for row in shown if row.facts.text]
    if len({row.facts.text for row in read}) > 1:
        return "These runs learn from different texts: a lower loss may only mean an easier text."
    if len({row.facts.tokens for row in read}) > 1:
        return (
            "These runs cut the text differently, so validation is in bits per byte; nats per token, as under "
            "Training loss, compare only runs with the same tokens and context."
        )
    return ""
