"""The birth of an induction head: what the browser draws it from, as bytes (components/induction/)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, get_args

import numpy as np

from explorer import display
from explorer.analysis.birth import MomentOnRow, induction_heads, previous_heads
from explorer.analysis.head_roles import CLEAR
from explorer.analysis.repetition import looked_up
from explorer.analysis.silencing import Silence
from explorer.display import loss, weight
from explorer.widgets.component import pack, picture
from explorer.widgets.header import Depth
from explorer.widgets.induction_gather import Asked, Birth
from explorer.widgets.induction_row import said_over
from llm.runs.directory import Status

KEY = "induction"
PARTS = (
    "axis",
    "facts",
    "labels",
    "losses",
    "scores",
    "curves",
    "tile",
    "stripes",
    "costs",
    "silence",
    "reasons",
    "row",
    "measures",
    "limits",
    "table",
    "controls",
)
_PICTURE = picture("induction", *PARTS)

WAYS: tuple[Silence, ...] = get_args(Silence)

# Shapes: K checkpoints, L layers, H query heads, T position, A sets of silent heads.


def so_far(birth: Birth) -> str:
    """Of a run that trains: what holds for a while, so that the words stand still."""
    if birth.span is None:
        return "No head has become an induction head so far. Where one does, the loss on repeated tokens falls sharply."
    layer, head = birth.span.head
    return f"Head {head} of block {layer} has become an induction head: it looks up what followed each token last time."


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
    """Draw it, a new one at `opened`; it answers with the reader's choice, `asked`, and the triggers `train`, `run`."""
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
        "clear": {"previous": CLEAR["previous"], "induction": CLEAR["induction"]},
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
