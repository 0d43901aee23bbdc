"""The model's next-token distribution after every token of a text, and how it judged the token that did come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from llm.trace import Trace

# Shapes: T position, V d_vocab, n tokens listed. Probabilities are over the full vocabulary.

_ROWS = 128  # positions at a time: float64 over a large vocabulary is worth bounding


@dataclass(frozen=True)
class NextTokens:
    """The most likely tokens after each position, and all that is left out."""

    ids: np.ndarray  # T n, int32, the most likely first
    probs: np.ndarray  # T n, float64
    rest: np.ndarray  # T, float64: the probability of all others together
    n_rest: int  # how many others there are
    log_total: np.ndarray  # T, float64: ln of the sum of e^logit, so that p = e^(logit - log_total)
    told: np.ndarray  # T-1, float64: the probability of the token that the text goes on with
    told_rank: np.ndarray  # T-1, int32: its place in the order, from 1; the best place among equals


def next_tokens(trace: Trace, n: int) -> NextTokens:
    """The n most likely next tokens after every position."""
    T, V = trace.logits.shape
    n = min(n, V)
    goes_on = torch.cat([trace.ids[1:], trace.ids[:1]])  # the last one is dropped below: nothing follows it
    found: list[tuple[torch.Tensor, ...]] = []
    for start in range(0, T, _ROWS):
        logits = trace.logits[start : start + _ROWS].double()
        total = logits.logsumexp(dim=-1)
        probs = (logits - total[:, None]).exp()
        top = probs.topk(n, dim=-1)
        came = probs.gather(-1, goes_on[start : start + _ROWS, None])
        place = (probs > came).sum(dim=-1) + 1
        left = probs.scatter(-1, top.indices, 0.0).sum(dim=-1)
        found.append((top.indices.int(), top.values, left, total, came[:, 0], place.int()))
    ids, probs_listed, rest, log_total, told, rank = (torch.cat(one).cpu() for one in zip(*found, strict=True))
    return NextTokens(
        ids=ids.numpy(),
        probs=probs_listed.numpy(),
        rest=rest.numpy(),
        n_rest=V - n,
        log_total=log_total.numpy(),
        told=told[:-1].numpy(),
        told_rank=rank[:-1].numpy(),
    )
