"""Where heads look on one text: their patterns, how sure and how far they look, and the tiles of a wall of heads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llm.trace import Trace, hook_name

# Shapes: L layers, H query heads, T position (Tq of queries, Tk of keys), N cells along a tile.

TILE_CELLS = 64  # finest tile: one cell a token up to here, the largest weight of a square of cells beyond
TILE_BYTES = 600_000  # all tiles together, so that 144 heads cost no more than 16 long ones
EXACT_BYTES = 1_000_000  # patterns and scores of all heads together; beyond, only the head in focus


@dataclass(frozen=True)
class Tiles:
    """Small pictures of all heads. Arrays hold round(65,535 · weight)."""

    cells: np.ndarray  # L H N N, uint16, 0 where masked
    without_first: np.ndarray  # L H N, uint16: the first column of cells again, without position 0
    tokens_per_cell: int  # 1, or the side of the square whose largest weight a cell shows


@dataclass(frozen=True)
class Exact:
    """Weights and scores as the model computed them, for as many heads as fit: the lower triangle, row after row."""

    heads: tuple[tuple[int, int], ...]  # (layer, head) of each row below
    pattern: np.ndarray  # heads, T(T+1)/2, float32
    scores: np.ndarray  # the same, before softmax


@dataclass(frozen=True)
class Spread:
    """How each head divides its attention on one text, a mean over the queries t >= 1 (0 for a single token)."""

    entropy: np.ndarray  # L H, nats
    evenness: np.ndarray  # L H, entropy of a row over that of equal weights, ln(t + 1): 0 one key, 1 all alike
    reach: np.ndarray  # L H, tokens: sum over keys of weight · distance


def n_layers(trace: Trace) -> int:
    """Blocks whose pattern the trace holds."""
    return sum(name.endswith(".attn.hook_pattern") for name in trace.activations)


def pattern(trace: Trace, layer: int) -> np.ndarray:
    """Weights of a block, (H, Tq, Tk) float32; rows sum to 1."""
    return _array(trace, "pattern", layer)


def scores(trace: Trace, layer: int) -> np.ndarray:
    """Scores of a block before softmax, (H, Tq, Tk) float32; -inf where the key comes after the query."""
    return _array(trace, "attn_scores", layer)


def _array(trace: Trace, short: str, layer: int) -> np.ndarray:
    return np.asarray(trace.activations[hook_name(short, layer)][0].float().cpu())


def tiles(trace: Trace) -> Tiles:
    """The wall: each head's pattern in at most N x N cells. The largest weight of a square is kept, so that a
    diagonal one token wide stays visible."""
    first = pattern(trace, 0)
    L, (H, T, _) = n_layers(trace), first.shape
    finest = max(8, min(TILE_CELLS, int((TILE_BYTES / (2 * L * H)) ** 0.5)))
    block = -(-T // finest)
    N = -(-T // block)
    cells = np.zeros((L, H, N, N), dtype=np.uint16)
    rest = np.zeros((L, H, N), dtype=np.uint16)
    for layer in range(L):
        padded = np.zeros((H, N * block, N * block), dtype=np.float32)
        padded[:, :T, :T] = pattern(trace, layer)
        cells[layer] = _coded(padded.reshape(H, N, block, N, block).max(axis=(2, 4)))
        beside = padded[:, :, 1:block].max(axis=2, initial=0.0)  # what else the first column of cells holds
        rest[layer] = _coded(beside.reshape(H, N, block).max(axis=2))
    return Tiles(cells, rest, block)


def _coded(weights: np.ndarray) -> np.ndarray:
    return np.rint(weights * 65_535).astype(np.uint16)


def exact(trace: Trace, layer: int, head: int) -> Exact:
    """Every number of all heads, or of the one named where all would pass EXACT_BYTES."""
    L, (H, T, _) = n_layers(trace), pattern(trace, 0).shape
    rows, columns = np.tril_indices(T)
    everything = L * H * rows.size * 8 <= EXACT_BYTES
    heads = [(at, h) for at in range(L) for h in range(H)] if everything else [(layer, head)]
    lower = [np.stack([source(trace, at)[h][rows, columns] for at, h in heads]) for source in (pattern, scores)]
    return Exact(tuple(heads), *lower)


def spread(trace: Trace) -> Spread:
    """Entropy, evenness and mean reach of every head."""
    found = [spread_of(pattern(trace, layer)) for layer in range(n_layers(trace))]
    return Spread(*(np.stack([getattr(one, name) for one in found]) for name in ("entropy", "evenness", "reach")))


def spread_of(pattern: np.ndarray) -> Spread:
    """The same for patterns (..., Tq, Tk) -> (...). Entropy is -sum of w ln w in nats (Shannon 1948), 0 ln 0 = 0."""
    T = pattern.shape[-1]
    if T == 1:
        zero = np.zeros(pattern.shape[:-2])
        return Spread(zero, zero, zero)
    w = pattern[..., 1:, :].astype(np.float64)
    rows = -(w * np.log(np.where(w > 0, w, 1.0))).sum(-1)
    distance = np.arange(1, T)[:, None] - np.arange(T)
    evenness = rows / np.log(np.arange(2, T + 1))
    return Spread(rows.mean(-1), evenness.mean(-1), (w * distance).sum(-1).mean(-1))
