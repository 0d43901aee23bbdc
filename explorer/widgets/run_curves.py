"""The curves of one run: loss beside what counting alone reaches, rates, gradients, layers and pace."""

from typing import Any

import numpy as np

from explorer.analysis.corpus_facts import CorpusFacts
from explorer.analysis.curves import Metrics, XKind
from explorer.widgets.curves import Event, Panel, Series

UNITS = {"nats": "nats per token", "bits": "bits per byte"}
SHORT = {"nats": "nats", "bits": "bits per byte"}


def run_panels(
    metrics: Metrics,
    flops_per_token: float | None,
    facts: CorpusFacts | None,
    unit: str,
    layers: bool,
    muon: float | None = None,
) -> list[Panel]:
    """Loss, learning rates, gradient norm and tokens per second; with `layers`, the health of each layer too.

    `muon`: Muon's rate as a multiple of AdamW's, both on one schedule; None for a run without it.
    """
    x, seen = metrics.x(flops_per_token), metrics.evaluated
    factor = _bits(metrics) if unit == "bits" else 1.0
    if factor is None:
        unit, factor = "nats", 1.0
    lines = [Series("training", "--train", x, metrics.loss * factor, thin=True)]
    if len(seen):
        y = metrics.validation_loss[seen] * factor
        lines.append(Series("validation", "--val", metrics.x(flops_per_token, seen), y, every=True))
    lines += _references(metrics, flops_per_token, facts, factor)
    panels = [
        Panel("Loss", UNITS[unit], lines, 206),
        Panel("Gradient norm", "before clipping", [Series("norm", "--grad", x, metrics.grad_norm, thin=True)], 96),
        Panel("Learning rate", "of each optimizer" if muon else "of AdamW", _rates(metrics, x, muon), 64),
    ]
    if layers:
        panels += _layer_panels(metrics, flops_per_token)
    return [*panels, *_pace(metrics, flops_per_token)]


def run_events(rows: list[dict[str, Any]]) -> list[Event]:
    """What happened to a run after its start, as the curves name it."""
    said = []
    for row in rows:
        step, kind, value = row.get("step"), row.get("event"), row.get("value")
        if not isinstance(step, int) or not isinstance(kind, str):
            continue
        if kind == "lr_scale" and isinstance(value, int | float):
            said.append(Event(step, f"rate × {value:g}"))
        elif kind in ("resumed", "paused", "stopped", "failed", "killed"):
            said.append(Event(step, kind))
    return said


def _rates(metrics: Metrics, x: dict[XKind, np.ndarray], muon: float | None) -> list[Series]:
    if muon is None:
        return [Series("rate", "--ink", x, metrics.lr)]
    return [Series("Muon", "--ink", x, muon * metrics.lr), Series("AdamW", "--ink-3", x, metrics.lr)]


def _bits(metrics: Metrics) -> float | None:
    """From nats per token to bits per byte of this run's validation text."""
    seen = metrics.evaluated
    if not len(seen) or not metrics.validation_loss[seen[-1]] > 0:
        return None
    factor = float(metrics.bits_per_byte[seen[-1]] / metrics.validation_loss[seen[-1]])
    return factor if np.isfinite(factor) else None


def _references(
    metrics: Metrics, flops_per_token: float | None, facts: CorpusFacts | None, factor: float
) -> list[Series]:
    if facts is None or len(metrics.step) < 2:
        return []
    x = metrics.x(flops_per_token, np.array([0, len(metrics.step) - 1]))
    known = [(name, value) for name, value in (("unigram", facts.unigram), ("bigram", facts.bigram)) if value == value]
    return [
        Series(name, "--ink-3", x, np.full(2, value * factor), thin=True, dashed=True, every=True)
        for name, value in known
    ]


def _layer_panels(metrics: Metrics, flops_per_token: float | None) -> list[Panel]:
    layers = metrics.layers
    if layers is None or not len(layers.at):
        return []
    x = metrics.x(flops_per_token, layers.at)
    few = len(layers.names) <= 6

    def lines(values: np.ndarray) -> list[Series]:
        colors = [f"--run-{i % 10}" if few else "--axis" for i in range(len(layers.names))]
        return [
            Series(name, color, x, values[:, i], thin=True)
            for i, (name, color) in enumerate(zip(layers.names, colors, strict=True))
        ]

    return [
        Panel("Gradient norm of each layer", "before clipping", lines(layers.grad_norm), 112, log=True),
        Panel("Update to weight", "‖ΔW‖ / ‖W‖", lines(layers.update_ratio), 112, log=True),
    ]


def _pace(metrics: Metrics, flops_per_token: float | None) -> list[Panel]:
    """Tokens per second, of each update."""
    if len(metrics.seconds) < 3:
        return []
    seconds = np.diff(metrics.seconds)
    with np.errstate(divide="ignore", invalid="ignore"):
        pace = np.where(seconds > 0, np.diff(metrics.tokens) / seconds, np.nan)
    at = np.arange(1, len(metrics.seconds))
    line = Series("pace", "--resid", metrics.x(flops_per_token, at), pace, thin=True)
    return [Panel("Tokens per second", "of each update", [line], 64)]
