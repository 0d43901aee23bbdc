"""The one text whose stripes are drawn: a held-out row that is easy to see, or the reader's own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.analysis.repetition import Rows
from llm.tokenizers.base import END_OF_TEXT, Tokenizer


@dataclass(frozen=True)
class Row:
    """A text of at least two tokens."""

    ids: tuple[int, ...]
    own: bool
    note: str  # why the reader's own text, or a part of it, is not on show


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
