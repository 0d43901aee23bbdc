"""Curves over one shared axis: panels of series as bytes, cut to what a screen can show (components/curves/)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from explorer.analysis.curves import POINTS, XKind, means, thinned
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import parse

X_KINDS: tuple[XKind, ...] = ("step", "tokens", "seconds", "flops")
_PICTURE = picture("curves", "axes", "smooth", "panel", "events", "pointer", "words", "controls")


@dataclass(frozen=True)
class Series:
    """One line. `x` holds the same points on every axis that is offered, each rising; a gap in y is NaN."""

    name: str
    color: str  # a CSS variable: "--val", "--train", "--grad", "--run-0" to "--run-9"
    x: Mapping[XKind, np.ndarray]
    y: np.ndarray
    thin: bool = False  # a hairline for what is noisy, the lines that smoothing smooths; others 1.5 px
    dashed: bool = False
    every: bool = False  # measured now and then: no point is left out


@dataclass(frozen=True)
class Panel:
    """One picture above the shared axis."""

    title: str
    unit: str
    series: Sequence[Series]
    height: int = 112  # px of the plot; the first of a column 206
    log: bool = False  # the upright axis


@dataclass(frozen=True)
class Event:
    """Something that happened at an update, as a dotted line with its name."""

    step: int
    name: str


def curves(
    panels: Sequence[Panel],
    key: str,
    x: XKind = "step",
    events: Sequence[Event] = (),
    at: int | None = None,
    until: int | None = None,
    on_go: Callable[[int], None] | None = None,
) -> None:
    """Draw them. Zoom, smoothing and the choice of axis stay in the browser, for this key, while the data grow.

    `at` marks the step on show; `until`, the updates wanted, keeps the axis still while a run is live. A click sets
    the state "go" of `key` to the nearest step, and calls `on_go` with it.
    """

    drawn(payload(panels, key, x, events, at, until), key, on_go)


def drawn(data: bytes, key: str, on_go: Callable[[int], None] | None = None) -> None:
    """Draw what `payload` made for this key, maybe for somebody else who looks at the same."""

    def went() -> None:
        if on_go and (step := parse(st.session_state[key].get("go"))) is not None:
            on_go(step)

    _PICTURE(key=key, data=data, on_go_change=went)


def payload(
    panels: Sequence[Panel],
    key: str = "curves",
    x: XKind = "step",
    events: Sequence[Event] = (),
    at: int | None = None,
    until: int | None = None,
) -> bytes:
    """Header and arrays for curves.js."""
    arrays: dict[str, np.ndarray] = {}
    made = [
        {
            "title": panel.title,
            "unit": panel.unit,
            "height": panel.height,
            "log": panel.log,
            "series": [_series(series, f"{p}.{i}", arrays) for i, series in enumerate(panel.series)],
        }
        for p, panel in enumerate(panels)
    ]
    offered = [set(series.x) for panel in panels for series in panel.series]
    kinds = [kind for kind in X_KINDS if offered and all(kind in given for given in offered)]
    header = {
        "key": key,
        "panels": made,
        "kinds": kinds,
        "x": x if x in kinds else next(iter(kinds), "step"),
        "events": [{"step": int(event.step), "name": event.name} for event in events],
        "at": at,
        "until": until,
    }
    return pack(header, **arrays)


def _series(series: Series, name: str, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """What curves.js is told of a series; its numbers go into `arrays`."""
    y = np.asarray(series.y, dtype=np.float64)
    chosen = thinned(y, len(y) if series.every else POINTS)
    told = {
        "name": series.name,
        "color": series.color,
        "thin": series.thin,
        "dashed": series.dashed,
        "every": series.every,
        "points": len(y),
        "x": _axes({kind: values[chosen.at] for kind, values in series.x.items()}, name, arrays),
        "y": f"{name}.y",
        "means": None,
    }
    arrays[f"{name}.y"] = y[chosen.at].astype(np.float32)
    if chosen.width > 1:
        axes = {kind: means(values, chosen.width) for kind, values in series.x.items()}
        told["means"] = {"x": _axes(axes, f"{name}.mean", arrays), "y": f"{name}.mean.y", "width": chosen.width}
        arrays[f"{name}.mean.y"] = means(y, chosen.width).astype(np.float32)
    return told


def _axes(x: Mapping[XKind, np.ndarray], name: str, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """The name of an array for each axis; one that is a multiple of the steps is told as the factor."""
    told: dict[str, Any] = {}
    step = x.get("step")
    for kind, values in x.items():
        if step is not None and kind != "step" and len(step) and step[-1]:
            factor = float(values[-1] / step[-1])
            if np.allclose(values, step * factor, rtol=1e-12, atol=0):
                told[kind] = factor
                continue
        told[kind] = f"{name}.{kind}"
        arrays[f"{name}.{kind}"] = values.astype(np.float32 if kind == "seconds" else np.float64)
    return told
