"""The figures of a run as arrays that grow, and curves cut to what a screen can show with no extreme lost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

XKind = Literal["step", "tokens", "seconds", "flops"]
POINTS = 2000  # most points of a curve that are drawn
COLUMNS = ("step", "tokens", "seconds", "loss", "lr", "grad_norm", "validation_loss", "bits_per_byte")

# Shapes: N updates, M measured updates, L layers.


@dataclass(frozen=True)
class Layers:
    """The health of every layer, at the updates where it was measured."""

    names: tuple[str, ...]  # L
    at: np.ndarray  # M, places in the columns of the run
    grad_norm: np.ndarray  # M L
    update_ratio: np.ndarray  # M L


@dataclass(frozen=True)
class Metrics:
    """What a run's metrics.jsonl says so far. Shared by all viewers, so never to be written to; NaN where null."""

    version: tuple[int, int]  # another one means other numbers: (times read anew, rows)
    step: np.ndarray  # N, strictly rising, as the next two
    tokens: np.ndarray  # N
    seconds: np.ndarray  # N, of training up to here, validation and pauses left out
    loss: np.ndarray  # N, nats per token of the training batch
    lr: np.ndarray  # N
    grad_norm: np.ndarray  # N, before clipping
    validation_loss: np.ndarray  # N, nats per token; NaN where not evaluated
    bits_per_byte: np.ndarray  # N, likewise
    layers: Layers | None

    def x(self, flops_per_token: float | None = None, at: np.ndarray | slice = slice(None)) -> dict[XKind, np.ndarray]:
        """What a curve can be drawn over, for the points `at`; FLOPs where the cost of a token is known."""
        found: dict[XKind, np.ndarray] = {
            "step": self.step[at],
            "tokens": self.tokens[at],
            "seconds": self.seconds[at],
        }
        if flops_per_token:
            found["flops"] = self.tokens[at] * flops_per_token
        return found

    @property
    def evaluated(self) -> np.ndarray:
        """Places of the updates with a validation."""
        return np.flatnonzero(np.isfinite(self.validation_loss))

    def evaluations_near(self, steps: Sequence[int]) -> list[tuple[int, float] | None]:
        """Step and validation loss of the evaluation nearest to each step, of two as near the earlier one."""
        at = self.evaluated
        if not len(at):
            return [None] * len(steps)
        found = [at[int(np.abs(self.step[at] - step).argmin())] for step in steps]
        return [(int(self.step[i]), float(self.validation_loss[i])) for i in found]

    @property
    def best(self) -> int | None:
        """Place of the lowest validation loss; None before the first."""
        at = self.evaluated
        return int(at[self.validation_loss[at].argmin()]) if len(at) else None


class MetricsTable:
    """Rows in, `Metrics` out. A snapshot stays true while the table grows; the caller holds a lock while it adds."""

    def __init__(self) -> None:
        self._generation = 0
        self._clear()

    def _clear(self) -> None:
        self._rows = 0
        self._columns = np.empty((len(COLUMNS), 256))
        self._layer_names: tuple[str, ...] = ()
        self._measured: list[tuple[int, list[float], list[float]]] = []
        self._layers: Layers | None = None

    def restart(self) -> None:
        """Forget all rows: the file was cut back or replaced."""
        self._generation += 1
        self._clear()

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows of metrics.jsonl in their order; one without a later step than all before it is left out."""
        last = self._columns[0, self._rows - 1] if self._rows else -math.inf
        kept: list[list[Any]] = []
        for row in rows:
            step = row.get("step")
            if type(step) is int and last < step < 2**53:
                last = step
                if layers := row.get("layers"):
                    self._measure(layers, self._rows + len(kept))
                kept.append([row.get(name) for name in COLUMNS])
        if not kept:
            return
        new = _numbers(kept).T
        new[2] = np.where(new[2] > 0, new[2], 0.0).cumsum() + (self._columns[2, self._rows - 1] if self._rows else 0.0)
        end = self._rows + len(kept)
        if end > self._columns.shape[1]:
            larger = np.empty((len(COLUMNS), max(end, 2 * self._columns.shape[1])))
            larger[:, : self._rows] = self._columns[:, : self._rows]
            self._columns = larger
        self._columns[:, self._rows : end] = new
        self._rows = end

    def _measure(self, layers: Any, at: int) -> None:
        if not isinstance(layers, Mapping):
            return
        names, norms, ratios = (layers.get(name) for name in ("names", "grad_norm", "update_ratio"))
        if not all(isinstance(part, list | tuple) for part in (names, norms, ratios)):
            return
        names = tuple(str(name) for name in names)  # type: ignore[union-attr]
        self._layer_names = self._layer_names or names
        if names == self._layer_names and len(names) == len(norms) == len(ratios):  # type: ignore[arg-type]
            pair = [[_number(v) for v in part] for part in (norms, ratios)]  # type: ignore[union-attr]
            self._measured.append((at, pair[0], pair[1]))

    def metrics(self) -> Metrics:
        """All rows so far."""
        if len(self._measured) != (0 if self._layers is None else len(self._layers.at)):
            at, norms, ratios = zip(*self._measured, strict=True)
            self._layers = Layers(self._layer_names, np.array(at), np.array(norms), np.array(ratios))
        columns = self._columns[:, : self._rows]
        columns.flags.writeable = False
        named = dict(zip(COLUMNS, columns, strict=True))
        return Metrics(version=(self._generation, self._rows), layers=self._layers, **named)


def _numbers(table: list[list[Any]]) -> np.ndarray:
    """As float64, NaN for all that is no finite number."""
    try:
        made = np.array(table, dtype=np.float64)  # None becomes NaN
        return np.where(np.isfinite(made), made, np.nan)
    except (TypeError, ValueError, OverflowError):
        return np.array([[_number(value) for value in row] for row in table])


def _number(value: Any) -> float:
    """A finite number, or NaN for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    return float(value) if abs(value) < 1e300 else math.nan


@dataclass(frozen=True)
class Thinned:
    """Which points of a curve to draw."""

    at: np.ndarray  # places, rising
    width: int  # of a bucket, in points; 1 where every point is kept


def thinned(y: np.ndarray, limit: int = POINTS) -> Thinned:
    """At most `limit` points: the lowest and highest of each bucket, the first, the last, and a gap where y has one.

    A bucket is a power of two wide and counted from the start, so that a growing curve keeps the points it has.
    """
    n = len(y)
    if n <= limit:
        return Thinned(np.arange(n), 1)
    gap = ~np.isfinite(y)
    each = 3 if gap.any() else 2
    width = 1 << math.ceil(math.log2(n / ((limit - 2) // each)))
    parts = [np.array([0, n - 1])]
    for fill, pick in ((np.inf, np.argmin), (-np.inf, np.argmax)):
        parts.append(_per_bucket(np.where(gap, fill, y), width, pick))
    if each == 3:
        first = _per_bucket(gap, width, np.argmax)
        parts.append(first[gap[first]])
    return Thinned(np.unique(np.concatenate(parts)), width)


def _per_bucket(values: np.ndarray, width: int, pick: Any) -> np.ndarray:
    """The place that `pick` finds in each bucket; the last may be short."""
    whole = len(values) // width
    starts = np.arange(whole) * width
    found = pick(values[: whole * width].reshape(whole, width), axis=1) + starts
    if whole * width == len(values):
        return found
    return np.append(found, whole * width + pick(values[whole * width :]))


def means(values: np.ndarray, width: int) -> np.ndarray:
    """The mean of each bucket, gaps left out; NaN for a bucket of gaps."""
    starts = np.arange(0, len(values), width)
    real = np.isfinite(values)
    sums = np.add.reduceat(np.where(real, values, 0.0), starts)
    counts = np.add.reduceat(real.astype(np.float64), starts)
    return np.divide(sums, counts, out=np.full(len(starts), np.nan), where=counts > 0)
