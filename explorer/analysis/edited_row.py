"""What if a head had looked elsewhere? One row of a pattern by hand, and a true second forward pass with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from explorer.analysis.attention import pattern
from llm.model.gpt import GPT
from llm.model.hooks import patch
from llm.trace import Trace, hook_name

# Shapes: T position, S keys that the query sees, V d_vocab, n tokens listed.

LISTED = 8  # of the most likely next tokens, before and after

Sum = Literal["one", "free"]  # the other keys share the rest, so that the row sums to 1; or the weights stand as typed


@dataclass(frozen=True)
class RowTrial:
    """The next token after the query, with the row as the model has it and as it was written."""

    row: np.ndarray  # S, float32: as the model has it
    written: np.ndarray  # S: as the second pass had it
    ids: np.ndarray  # n, int32: the likely tokens of either pass, the largest change of probability first
    logit: np.ndarray  # 2 n, float32: as it is, and in the second pass
    prob: np.ndarray  # 2 n, over the whole vocabulary
    answer: tuple[int, int]  # the most likely token of each
    kl: np.ndarray  # T, nats: KL(as it is ‖ second pass) after every token


def written_row(row: np.ndarray, edits: Mapping[int, float], total: Sum) -> np.ndarray:
    """A row (S,) with some weights written by hand. Without edits it is the row to the bit.

    "one": the others keep their proportions and share what is left of 1; where nothing is left, or no other key has
    any weight, the written ones are scaled to sum to 1. Raises ValueError where that cannot be, or a key is not seen.
    """
    for key, weight in edits.items():
        if not 0 <= key < len(row):
            raise ValueError(f"Expected a key from 0 to {len(row) - 1}, which this query sees, got {key}.")
        if not 0 <= weight <= 1:
            raise ValueError(f"Expected a weight from 0 to 1 for key {key}, got {weight:g}.")
    if not edits:
        return row.copy()
    keys = list(edits)
    found = row.astype(np.float64)
    found[keys] = 0.0
    typed, others = sum(edits.values()), found.sum()
    if total == "one" and (typed >= 1 or others <= 0):
        if typed <= 0:
            raise ValueError("Expected a row with some weight, got zeros alone; they cannot be made to sum to 1.")
        found[:] = 0.0
        found[keys] = [weight / typed for weight in edits.values()]
    else:
        if total == "one":
            found *= (1 - typed) / others
        found[keys] = list(edits.values())
    return found.astype(np.float32)


@torch.no_grad()
def edited_row(
    given: Trace, model: GPT, layer: int, head: int, query: int, edits: tuple[tuple[int, float], ...], total: Sum
) -> RowTrial:
    """Run the traced text again with one row of one pattern written by hand. Interventions in force stay in force."""
    row = pattern(given, layer)[head, query, : query + 1]
    written = written_row(row, dict(edits), total)

    def put(x: Tensor) -> Tensor:  # B H Tq Tk
        x = x.clone()
        x[:, head, query, : query + 1] = torch.from_numpy(written).to(x)
        return x

    with patch(model, {hook_name("pattern", layer): put}):
        again = model(given.ids[None])[0].float()
    was, now = (logits.double().log_softmax(dim=-1) for logits in (given.logits, again))
    tops = torch.cat([one[query].topk(min(LISTED, one.shape[-1])).indices for one in (was, now)]).unique()
    change = (now[query, tops].exp() - was[query, tops].exp()).abs()
    ids = tops[change.argsort(descending=True, stable=True)]
    return RowTrial(
        row=row,
        written=written,
        ids=ids.int().cpu().numpy(),
        logit=torch.stack([given.logits[query, ids], again[query, ids]]).cpu().numpy(),
        prob=torch.stack([was[query, ids].exp(), now[query, ids].exp()]).float().cpu().numpy(),
        answer=(int(was[query].argmax()), int(now[query].argmax())),
        kl=torch.linalg.vecdot(was.exp(), was - now).clamp(min=0).float().cpu().numpy(),
    )
