"""Attention rollout: where a token's attention comes from when it is followed down through all blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.attention import n_layers, pattern
from llm.model.gpt import GPT
from llm.trace import Trace

# Shapes: L layers, T position (Tq of queries, Tk of keys).

ROLLED_BYTES = 1_000_000  # all queries together; beyond, only the one in focus


@dataclass(frozen=True)
class Rollout:
    """Shares of the text's tokens in each query, block by block. Rows sum to 1."""

    queries: tuple[int, ...]
    rolled: np.ndarray  # queries L T, float32: after each block, from the first on
    block: np.ndarray  # queries L T: the block's own attention, a mean over its heads


def rollout(trace: Trace) -> np.ndarray:
    """After each block, (L, Tq, Tk) float64 (Abnar & Zuidema 2020, "Quantifying attention flow in transformers").

    A block passes on half of what it had, for the residual stream, and half of what its heads, all alike, look at:
    R_l = (A_l + I) / 2 · R_(l-1).
    """
    T = len(trace.ids)
    passed, found = np.eye(T), []
    for layer in range(n_layers(trace)):
        passed = (pattern(trace, layer).astype(np.float64).mean(axis=0) + np.eye(T)) / 2 @ passed
        found.append(passed)
    return np.stack(found)


def rollout_of(trace: Trace, model: GPT, token: int) -> Rollout:
    """For every query, or the one named where all would pass ROLLED_BYTES; the model is not asked."""
    L, T = n_layers(trace), len(trace.ids)
    queries = tuple(range(T)) if 2 * 4 * L * T * T <= ROLLED_BYTES else (token,)
    means = np.stack([pattern(trace, layer).mean(axis=0) for layer in range(L)])
    rolled = rollout(trace).astype(np.float32)
    some = list(queries)
    return Rollout(queries, rolled[:, some].swapaxes(0, 1), means[:, some].swapaxes(0, 1))
