"""What the head in focus copies and what it looks for, as tables of tokens (components/attention_tables/)."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from explorer.analysis.attention import pattern
from explorer.analysis.head_tables import Copies, Vocabulary
from explorer.resources import traced
from explorer.widgets.attention_look import on_choices
from explorer.widgets.attention_score import rows_sent
from explorer.widgets.attention_wall import Wall
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import Focus, on_focus
from explorer.widgets.lens import named_tokens
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint

KEY = "attention_tables"
_PICTURE = picture("attention_tables", "lists", "vocabulary", "words")


def attention_tables(
    checkpoint: Checkpoint,
    text: Prompt,
    at: Focus,
    here: Copies,
    divisors: np.ndarray,
    whole: Vocabulary | None,
    wall: Wall,
    edited: bool,
) -> None:
    """Draw them. `whole` is None until the vocabulary is asked for; `edited`: interventions change this model."""
    header, arrays = payload(checkpoint, text, at, here, divisors, whole)
    header |= {"edited": edited, "among": wall.standing[1].words if wall.standing else ""}
    _PICTURE(key=KEY, data=pack(header, **arrays), on_focus_change=on_focus(KEY), on_choices_change=on_choices(KEY))


def payload(
    checkpoint: Checkpoint, text: Prompt, at: Focus, here: Copies, divisors: np.ndarray, whole: Vocabulary | None
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as attention_tables/lists.js reads them."""
    config, rows = checkpoint.model.config, rows_sent(at, len(text.ids))
    listed = [here.up, here.down] + ([whole.keys, whole.copies.up, whole.copies.down] if whole else [])
    named = np.unique(np.concatenate([ids.ravel() for ids in listed]))
    header = {
        "tokens": [token.wire() for token in text.tokens],
        "words": {int(id): word.wire() for id, word in named_tokens(checkpoint.tokenizer, named).items()},
        "focus": at.wire(),
        "of": {"layer": at.layer, "head": at.head},
        "first_row": rows.start,
        "n_vocab": config.d_vocab,
        "positions": config.positions,
        "post_norm": config.block == "post_norm",
        "whole": whole is not None,
        "copying": whole.copying if whole else 0.0,
        "n_among": whole.n_among if whole else config.d_vocab,
    }
    weights = pattern(traced(checkpoint.path, text.ids), at.layer)[at.head, rows]
    arrays = {"pattern": weights, "divisor": divisors} | _named("here", here)
    if whole:
        arrays |= {"keys": whole.keys, "key_score": whole.score, "own_rank": whole.own_rank}
        arrays |= _named("alone", whole.copies)
    return header, arrays


def _named(name: str, copies: Copies) -> dict[str, np.ndarray]:
    fields: Iterable[str] = ("up", "up_by", "down", "down_by", "itself", "rank")
    return {f"{name}_{field}": getattr(copies, field) for field in fields}
