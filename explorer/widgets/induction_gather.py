"""What is known of a run's heads: every checkpoint measured once, the passes with silent heads as time allows."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explorer.analysis.birth import (
    Moment,
    MomentOnRow,
    Span,
    by_step,
    moment,
    moment_on_row,
    rows_for,
    silenced,
    silent_sets,
    span,
)
from explorer.analysis.repetition import Rows
from explorer.analysis.silencing import Head, Silence
from explorer.resources import load_model, measured
from explorer.widgets.induction_row import Row, the_row
from llm.checkpoint import Checkpoint, CheckpointError
from llm.tokenizers.base import Tokenizer

PATIENCE = 0.2  # seconds of silenced passes before what is there is drawn
KEPT = 0.002  # seconds of work; what takes less was there already, and costs no patience

# Shapes: K checkpoints, A sets of silent heads.


@dataclass(frozen=True)
class Asked:
    """What the reader chose; all of it may be wrong, as an address may be."""

    text: str = ""  # a row of the reader's own; nothing is a held-out row
    silent: str = ""  # the name of a set
    way: Silence = "zero"
    at: int | None = None  # step; None is the newest while it is followed, else where the page opens a run
    follow: bool = False  # was at the newest step while the run trained, and stays there when it ends


@dataclass(frozen=True)
class Birth:
    """All that is known of a run's heads up to now."""

    moments: Mapping[int, Moment]
    on_row: Sequence[MomentOnRow]  # K
    on_row_silent: Sequence[MomentOnRow] | None  # the same with the chosen heads silent
    sets: Mapping[str, tuple[Head, ...]]
    silenced: Sequence[np.ndarray | None]  # K of (new and copied, A), in the way asked for; None is still to come
    rows: Rows
    row: Row
    tokenizer: Tokenizer
    note: str  # on checkpoints that could not be read

    @property
    def pending(self) -> int:
        """Checkpoints without silenced passes so far."""
        return sum(one is None for one in self.silenced)

    @property
    def last(self) -> Moment:
        return list(self.moments.values())[-1]

    @property
    def span(self) -> Span | None:
        return span(list(self.moments.values()))


def gather(checkpoints: Mapping[int, Path], corpus_seed: int, asked: Asked, patience: float = PATIENCE) -> Birth | None:
    """Measure every checkpoint, cached; silenced passes only while `patience` lasts. None without a readable one."""
    newest = _newest(checkpoints)
    if newest is None:
        return None
    rows = measured(rows_for, newest.path, corpus_seed)
    if isinstance(rows, str):
        return None
    moments, note = by_step({step: measured(moment, path, rows) for step, path in checkpoints.items()})
    if not moments:
        return None
    row = the_row(asked.text, newest.tokenizer, rows)
    paths = [checkpoints[step] for step in moments]
    sets = silent_sets(next(reversed(moments.values())))
    heads = sets.get(asked.silent)
    until = time.monotonic() + patience
    found: dict[Path, np.ndarray] = {}
    for path in reversed(paths):
        before = time.thread_time()
        if isinstance(one := measured(silenced, path, rows, tuple(sets.values()), asked.way), np.ndarray):
            found[path] = one
        if time.monotonic() > until and time.thread_time() - before > KEPT:
            break
    return Birth(
        moments,
        _on_row(paths, rows, row.ids),
        _on_row(paths, rows, row.ids, heads, asked.way) if heads else None,
        sets,
        [found.get(path) for path in paths],
        rows,
        row,
        newest.tokenizer,
        note,
    )


def _newest(checkpoints: Mapping[int, Path]) -> Checkpoint | None:
    for path in reversed(list(checkpoints.values())):
        try:
            return load_model(path)
        except (CheckpointError, OSError):
            continue
    return None


def _on_row(paths: Sequence[Path], rows: Rows, *args: Any) -> list[MomentOnRow]:
    found = [measured(moment_on_row, path, rows, *args) for path in paths]
    return [one for one in found if isinstance(one, MomentOnRow)]
