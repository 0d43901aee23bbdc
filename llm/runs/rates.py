"""Learning rates changed by hand while a run trains: recorded as events, and replayed from them when it is resumed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Rates:
    """What the schedule's learning rates are multiplied by, as a function of the updates done."""

    def __init__(self, events: Iterable[Mapping[str, Any]] = ()) -> None:
        self._changes: list[tuple[int, float]] = []
        for event in events:
            if event.get("event") == "lr_scale" and _usable(event.get("step"), event.get("value")):
                self.change(event["step"], float(event["value"]))

    def at(self, step: int) -> float:
        """The factor of the update that follows `step` updates."""
        return next((value for start, value in reversed(self._changes) if start <= step), 1.0)

    @property
    def last(self) -> float:
        """The newest wish, whether its step has been reached again or not."""
        return self._changes[-1][1] if self._changes else 1.0

    def change(self, step: int, value: float) -> None:
        """From `step` on; what was recorded for later steps, before the run was taken back, no longer counts."""
        self._changes = [change for change in self._changes if change[0] < step]
        self._changes.append((step, value))


def _usable(step: Any, value: Any) -> bool:
    return type(step) is int and type(value) in (int, float) and 0 < value < 1e6
