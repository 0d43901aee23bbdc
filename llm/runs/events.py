"""events.jsonl: what happened to a run, when, and at which step."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

from llm.runs.log import JsonLines

Event = Literal[
    "started",
    "resumed",
    "passed_over",  # a damaged checkpoint
    "paused",
    "continued",
    "lr_scale",  # `value` multiplies the schedule's learning rates from this step on
    "stopped",
    "finished",
    "failed",
    "killed",  # said by whoever found that its process was gone
]


class Events(JsonLines):
    """Never cut back: a run that is taken back to a checkpoint repeats the changes that were made after it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)

    def record(self, step: int, event: Event, message: str = "", value: float | None = None) -> None:
        """A row. Raises OSError where the disk refuses it."""
        self.write({"step": step, "time": now(), "event": event, "value": value, "message": message})


def now() -> str:
    """UTC, ISO 8601."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
