"""What a run wrote at a checkpoint, read from its samples.jsonl; a line that is cut or damaged is passed over."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TAIL = 2**20  # bytes read from the end of the file
LONGEST = 2_000  # tokens of a sample that are shown


@dataclass(frozen=True)
class Sample:
    """A continuation, and how surprising each of its tokens was to the model that drew it."""

    step: int
    prompt: str
    seed: int
    temperature: float
    ids: tuple[int, ...]  # drawn, the prompt's left out
    surprise: tuple[float, ...]  # nats of each at temperature 1: -ln of its probability


def sample_at(path: Path, step: int) -> Sample | None:
    """The newest sample up to `step`; of two at one step the later. None where there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL))
            lines = file.read().splitlines()
    except OSError:
        return None
    found = (_parsed(line) for line in reversed(lines))
    return max((one for one in found if one and one.step <= step), key=lambda one: one.step, default=None)


def _parsed(line: bytes) -> Sample | None:
    try:
        row: dict[str, Any] = json.loads(line)
        ids, surprise = [int(i) for i in row["ids"]], [float(s) for s in row["surprise"]]
        if not len(surprise) <= len(ids) or not all(map(math.isfinite, surprise)) or min(ids, default=0) < 0:
            return None
        ids = ids[len(ids) - len(surprise) :]
        kept = (str(row["prompt"]), int(row["seed"]), float(row["temperature"]))
        return Sample(int(row["step"]), *kept, tuple(ids[:LONGEST]), tuple(surprise[:LONGEST]))
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None
