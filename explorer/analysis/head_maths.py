"""One head as the matrices that it multiplies: scores = q kᵀ / √D, pattern = softmax(scores), z = pattern v."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.attention import pattern, scores
from llm.model.config import GPTConfig
from llm.trace import Trace, hook_name

# Shapes: T position, H query heads, G key/value heads, D d_head.


@dataclass(frozen=True)
class HeadMaths:
    """float32, as hooked; q and k as the scores use them, after rotation."""

    kv_head: int  # the key/value head that this query head reads: its own, or one that several share
    q: np.ndarray  # T D
    k: np.ndarray  # T D
    v: np.ndarray  # T D
    scores: np.ndarray  # T T, -inf where the key comes after the query
    pattern: np.ndarray  # T T
    z: np.ndarray  # T D


def head_maths(trace: Trace, config: GPTConfig, layer: int, head: int) -> HeadMaths:
    """Cut one head out of a trace."""
    kv_head = head // (config.n_heads // config.n_kv_heads)

    def rows(short: str, at: int) -> np.ndarray:
        return np.asarray(trace.activations[hook_name(short, layer)][0, :, at].float().cpu())

    return HeadMaths(
        kv_head,
        rows("rot_q", head),
        rows("rot_k", kv_head),
        rows("v", kv_head),
        scores(trace, layer)[head],
        pattern(trace, layer)[head],
        rows("z", head),
    )
