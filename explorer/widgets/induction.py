"""The birth of an induction head: what the browser draws it from, as bytes (components/induction/)."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np

from explorer import display
from explorer.analysis.birth import (
    Moment,
    MomentOnRow,
    Span,
    by_step,
    induction_heads,
    moment,
    moment_on_row,
    previous_heads,
    rows_for,
    silenced,
    silent_sets,
    span,
)
from explorer.analysis.repetition import Rows, looked_up
from explorer.analysis.silencing import Head, Silence
from explorer.display import loss, weight
from explorer.resources import load_model, measured
from explorer.widgets.component import pack, picture
from explorer.widgets.header import Depth
from llm.checkpoint import Checkpoint, CheckpointError
from llm.runs.directory import Status
from llm.tokenizers.base import END_OF_TEXT, Tokenizer

KEY = "induction"
PATIENCE = 0.2  # seconds of silenced passes before what is there is drawn
KEPT = 0.002  # seconds of work; what takes less was there already, and costs no patience
_PICTURE = picture("induction", "axis", "curves", "stripes", "silence", "row", "words")

WAYS: tuple[Silence, ...] = get_args(Silence)

# Shapes: K checkpoints, L layers, H query heads, T position, A sets of silent heads.


@dataclass(frozen=True)
class Asked:
    """What the reader chose; all of it may be wrong, as an address may be."""

    text: str = ""  # a row of the reader's own; nothing is a held-out row
    silent: str = ""  # the name of a set
    way: Silence = "zero"
    at: int | None = None  # step


@dataclass(frozen=True)
class Row:
    """The one text whose stripes are drawn."""

    ids: tuple[int, ...]
    own: bool
    note: str  # why the reader's own text, or a part of it, is not on show


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


def the_row(text: str, tokenizer: Tokenizer, rows: Rows) -> Row:
    """The reader's own text after the end of text, cut to the rows' length; a held-out row where there is none."""
    first = tokenizer.special_tokens.get(END_OF_TEXT)
    before = [] if first is None else [first]
    room = rows.ids.shape[1] + 1
    note = ""
    if text:
        try:
            ids = [*before, *tokenizer.encode(text)]
        except ValueError as error:
            note = f"This model cannot read it: {error}."
        else:
            over = len(ids) - room
            if len(ids) > 1:
                return Row(tuple(ids[:room]), True, f"Cut by {over:,} characters: {room - 1} fit." if over > 0 else "")
            note = "A row needs at least two characters."
    whole = np.concatenate([rows.ids, rows.targets[:, -1:]], axis=1)
    best = min(whole, key=lambda row: _unlike_example(*said_over(row[len(before) :])))
    return Row(tuple(best.tolist()), False, note)


def _unlike_example(start: int, every: int) -> int:
    """How far a row is from a short lead-in and a list that is said three times or four."""
    return abs(start - 6) + abs(every - 16) if every else 1000


def said_over(ids: Sequence[int] | np.ndarray) -> tuple[int, int]:
    """Where the list that a text ends with begins, and its length; (0, 0) where none is said half again in the text."""
    ids = np.asarray(ids)
    for start in range(len(ids) // 2 + 1):
        tail = ids[start:]
        for n in range(2, 2 * len(tail) // 3 + 1):
            if (tail[n:] == tail[:-n]).all():
                return start, n
    return 0, 0


def lead(birth: Birth) -> str:
    """When the head was born and what it did to the loss, or that none was."""
    steps, moments, found = list(birth.moments), list(birth.moments.values()), birth.span
    if found is None:
        best = float(birth.last.induction.max())
        return (
            f"No head has become an induction head by step {steps[-1]:,}: the best induction score is {weight(best)}, "
            f"and the loss on tokens that were said before is {loss(birth.last.copied)} nats."
        )
    layer, head = found.head
    one, two = moments[found.start], moments[found.end]
    return (
        f"Between steps {steps[found.start]:,} and {steps[found.end]:,} head {head} of block {layer} learns to look up "
        f"what followed each token last time: score {weight(float(one.induction[found.head]))} to "
        f"{weight(float(two.induction[found.head]))}, loss on repeated tokens {loss(one.copied)} to "
        f"{loss(two.copied)}. Drag the handle."
    )


def induction_picture(
    birth: Birth, run: Mapping[str, Any], status: Status, asked: Asked, opened: Asked, depth: Depth
) -> Any:
    """Draw it; the answer has what the reader chose: `asked`, and the triggers `train` and `run`."""
    header, arrays = payload(birth, asked)
    header |= {"run": dict(run), "live": status.live, "state": status.state, "depth": depth, "opened": asdict(opened)}
    watched: dict[str, Any] = {f"on_{name}_change": lambda: None for name in ("asked", "train", "run")}
    return _PICTURE(key=KEY, data=pack(header, **arrays), **watched)


def payload(birth: Birth, asked: Asked) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as components/induction/ reads them."""
    moments, sets, last = list(birth.moments.values()), birth.sets, birth.last
    ids = np.array(birth.row.ids)
    special = int(ids[0] in birth.tokenizer.special_tokens.values())
    start, every = said_over(ids[special:])
    L, H = last.induction.shape
    pairs = [[i, j, k, m] for i, j, k, m in np.ndindex(L, H, L, H) if k < i]
    found = birth.span
    header: dict[str, Any] = {
        "steps": [int(step) for step in birth.moments],
        "heads": [L, H],
        "guess": math.log(birth.tokenizer.n_vocab),
        "n_vocab": birth.tokenizer.n_vocab,
        "rows": {"n": len(birth.rows.ids), "tokens": birth.rows.ids.shape[1], "seed": birth.rows.seed},
        "share": last.share,
        "sets": [{"key": key, "heads": [list(head) for head in heads]} for key, heads in sets.items()],
        "previous": [list(head) for head in previous_heads(last)],
        "induction": [list(head) for head in induction_heads(last)],
        "span": {"start": found.start, "end": found.end, "head": list(found.head)} if found else None,
        "pairs": pairs,
        "pending": birth.pending,
        "way": asked.way,
        "silent": {"key": asked.silent, "way": asked.way} if birth.on_row_silent else None,
        "row": {
            "tokens": [token.wire() for token in display.tokens(birth.tokenizer, birth.row.ids)],
            "special": special,
            "start": special + start,
            "every": every,
            "copied": [bool(one) for one in looked_up(ids[:-1])],
            "own": birth.row.own,
            "text": asked.text,
            "note": birth.row.note,
        },
        "note": birth.note,
    }
    costs = np.full((len(WAYS), 2, len(sets), len(moments)), np.nan, dtype=np.float32)
    for k, one in enumerate(birth.silenced):
        if one is not None:
            costs[WAYS.index(asked.way), :, :, k] = one
    arrays = {
        "loss": np.array([[one.new, one.copied] for one in moments], dtype=np.float32).T,
        "silenced": costs,
        "previous": np.stack([one.previous.ravel() for one in moments]).astype(np.float32),
        "induction": np.stack([one.induction.ravel() for one in moments]).astype(np.float32),
        "composition": np.array([[one.composition[tuple(p)] for p in pairs] for one in moments], dtype=np.float32),
        **_of_row(birth.on_row, ""),
        **(_of_row(birth.on_row_silent, "_silent") if birth.on_row_silent else {}),
    }
    return header, arrays


def _of_row(seen: Sequence[MomentOnRow], suffix: str) -> dict[str, np.ndarray]:
    return {
        f"pattern{suffix}": np.stack([one.pattern for one in seen]),
        f"before{suffix}": np.stack([one.before for one in seen]).astype(np.float32),
        f"after_copy{suffix}": np.stack([one.after_copy for one in seen]).astype(np.float32),
        f"row_loss{suffix}": np.stack([one.loss for one in seen]).astype(np.float32),
    }
