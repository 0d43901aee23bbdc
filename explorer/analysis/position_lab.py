"""How a model knows token order: each scheme's own numbers, and what it does to one query and the keys of a text."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from llm.model.config import ConfigError, PositionKind
from llm.model.gpt import GPT
from llm.model.positions import (
    POSITIONS,
    ALiBiPositions,
    LearnedPositions,
    Positions,
    RotaryPositions,
    SinusoidalPositions,
)
from llm.trace import Trace, hook_name

# Shapes: N positions or distances shown, t keys that the query in focus may read, C d_model, H query heads, D d_head.

SHOWN = 256  # positions of a table, distances of a curve


@dataclass(frozen=True)
class Table:
    """Vectors that are added to the tokens, and how alike they are by distance."""

    rows: np.ndarray  # N C, float32
    cosine: np.ndarray  # N, float32: mean over all pairs of positions that far apart
    least: np.ndarray  # N, float32: the lowest of them
    most: np.ndarray  # N, float32: the highest


@dataclass(frozen=True)
class Rotation:
    """RoPE on one query and the keys before it."""

    angles: np.ndarray  # D/2, float32: radians that each pair of components turns by a token
    curves: np.ndarray  # t N, float32: the score of the query and each key, were they 0, 1, 2, ... tokens apart
    parts: np.ndarray  # t D/2, float32: what each pair adds to the score at the true distance


@dataclass(frozen=True)
class Lab:
    """What can be shown of every scheme for the sizes of one model; its own with its own numbers."""

    own: PositionKind
    n_ctx: int
    learned: Table | None  # of a model that has it: such vectors are trained, and exist nowhere else
    sinusoidal: Table | None  # None where the width is odd
    rope: Rotation | None  # None where the heads' width is odd
    slopes: np.ndarray  # H, float32: what ALiBi takes from a score by a token of distance
    bias: np.ndarray  # t, float32: what it takes from the scores of the query in focus
    plain: np.ndarray  # t, float32: q·k / √D before any rotation or bias
    scores: np.ndarray  # t, float32: the model's own


def scheme(model: GPT, kind: PositionKind) -> Positions:
    """The model's own positions, or llm's of another kind for the same sizes. May raise ConfigError."""
    if kind == model.config.positions:
        return model.positions
    return POSITIONS[kind](replace(model.config, positions=kind))


@torch.no_grad()
def position_lab(trace: Trace, model: GPT, layer: int, head: int, token: int) -> Lab:
    """All of it, for the query of a head at a token."""
    shared, t = head // (model.config.n_heads // model.config.n_kv_heads), token + 1
    q = trace.activations[hook_name("q", layer)][0, token, head].float().cpu()
    k = trace.activations[hook_name("k", layer)][0, :t, shared].float().cpu()
    scores = trace.activations[hook_name("attn_scores", layer)][0, head, token, :t]
    own, waves, rope = model.positions, _possible(model, "sinusoidal"), _possible(model, "rope")
    alibi = scheme(model, "alibi")
    assert isinstance(alibi, ALiBiPositions)
    return Lab(
        own=model.config.positions,
        n_ctx=model.config.n_ctx,
        learned=_table(own.table.weight) if isinstance(own, LearnedPositions) else None,
        sinusoidal=_table(waves.waves) if isinstance(waves, SinusoidalPositions) else None,
        rope=rotation(rope, q, k, model.config.n_ctx) if isinstance(rope, RotaryPositions) else None,
        slopes=_array(alibi.slopes),
        bias=_array(alibi.bias(t, t)[head, -1]),
        plain=_array(k @ q / q.shape[0] ** 0.5),
        scores=_array(scores),
    )


def rotation(rope: RotaryPositions, q: Tensor, k: Tensor, n_ctx: int) -> Rotation:
    """Turn a query (D) and the keys before it (t, D) as attention does; the query is the last of the tokens."""
    (t, D), N = k.shape, min(n_ctx, SHOWN)
    everywhere = rope.rotate(q.expand(1, N, 1, D), 0)[0, :, 0]  # N D: the query at every position, the key at the first
    turned = rope.rotate(q.expand(1, t, 1, D), 0)[0, -1, 0] * rope.rotate(k[None, :, None], 0)[0, :, 0]
    one = rope.rotate(torch.cat([torch.ones(D // 2), torch.zeros(D // 2)]).expand(1, min(2, n_ctx), 1, D), 0)[0, -1, 0]
    return Rotation(
        angles=_array(torch.atan2(one[D // 2 :], one[: D // 2])),
        curves=_array((everywhere @ k.T).T / D**0.5),
        parts=_array(turned.view(t, 2, D // 2).sum(dim=1) / D**0.5),
    )


def _possible(model: GPT, kind: PositionKind) -> Positions | None:
    try:
        return scheme(model, kind)
    except ConfigError:
        return None


def _table(rows: Tensor) -> Table:
    shown = rows.detach().float().cpu()[:SHOWN]
    unit = shown / shown.norm(dim=1, keepdim=True).clamp(min=1e-12)
    alike = unit @ unit.T
    apart = [alike.diagonal(distance) for distance in range(len(shown))]
    return Table(
        _array(shown), *(_array(torch.stack([of(one) for one in apart])) for of in (torch.mean, torch.min, torch.max))
    )


def _array(values: Tensor) -> np.ndarray:
    return np.asarray(values.detach().float().cpu())
