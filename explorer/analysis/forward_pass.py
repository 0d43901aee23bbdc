"""One forward pass as plain arrays: all that a picture of the way from the tokens to the next one is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.analysis.attention import pattern, scores
from explorer.analysis.next_token import NextTokens, next_tokens
from explorer.analysis.residual import Lengths, lengths
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.trace import Trace, hook_name

# Shapes: L layers, H query heads, G key/value heads, T position, M d_mlp. float32 unless said.

STREAM_CELLS = 16  # of d_model: the first ones of every vector of the stream
HEAD_CELLS = 14  # of d_head
TILE_CELLS = 17  # at most, along a head's small picture
N_NEURONS = 20  # for each block and token: those with the largest |activation|
N_NEXT = 8


@dataclass(frozen=True)
class ForwardPass:
    """What one model did with one text."""

    config: GPTConfig
    lengths: Lengths
    next: NextTokens
    embed: np.ndarray  # T cells
    position: np.ndarray | None  # T cells; only for schemes that add to the stream
    q: np.ndarray  # L T H cells
    k: np.ndarray  # L T G cells
    v: np.ndarray  # L T G cells
    pattern: np.ndarray  # L H T(T+1)/2: lower triangles, row after row
    log_total: np.ndarray  # L H T: ln of the sum of e^score over a row, so that weight = e^(score - log_total)
    tiles: np.ndarray  # L H N N, uint8, 255 · the largest weight of a square of cells
    post: np.ndarray | None  # L T M, what leaves each neuron; none without an MLP
    neurons: np.ndarray | None  # L T n, int32: the neurons with the largest |activation|, the largest first
    pre: np.ndarray | None  # L T n: what enters those, before the activation function
    pre_linear: np.ndarray | None  # L T n: what the gate multiplies, where there is one
    stream_limit: float  # 99th percentile of |x| over embedding and position, all numbers of all tokens
    head_limit: float  # the same over q, k and v of all layers


def forward_pass(trace: Trace, model: GPT) -> ForwardPass:
    """Read everything from the trace; nothing is computed twice, nothing is estimated."""
    config, layers = model.config, range(model.config.n_layers)
    rows, columns = np.tril_indices(len(trace.ids))
    added = _array(trace, "pos_embed") if "hook_pos_embed" in trace.activations else None
    embed = _array(trace, "embed")
    heads = {short: np.stack([_array(trace, short, layer) for layer in layers]) for short in ("q", "k", "v")}
    patterns = [pattern(trace, layer) for layer in layers]
    top, post = None, None
    if config.mlp != "none":
        post = np.stack([_array(trace, "post", layer) for layer in layers])
        top = _largest(post, N_NEURONS)
    gated = config.mlp == "swiglu"
    return ForwardPass(
        config=config,
        lengths=lengths(trace, model),
        next=next_tokens(trace, N_NEXT),
        embed=embed[:, :STREAM_CELLS],
        position=None if added is None else added[:, :STREAM_CELLS],
        **{short: x[..., :HEAD_CELLS] for short, x in heads.items()},
        pattern=np.stack([p[:, rows, columns] for p in patterns]),
        log_total=np.stack([_log_total(scores(trace, layer)) for layer in layers]),
        tiles=np.stack([_tile(p) for p in patterns]),
        post=post,
        neurons=None if top is None else top.astype(np.int32),
        pre=None if top is None else _picked(trace, "pre", top),
        pre_linear=_picked(trace, "pre_linear", top) if gated and top is not None else None,
        stream_limit=_limit([embed] if added is None else [embed, added]),
        head_limit=_limit(list(heads.values())),
    )


def left_out(passed: ForwardPass, heads: Sequence[int], threshold: float) -> float:
    """The share of attention that weights under `threshold` carry, over one head of each layer."""
    drawn = passed.pattern[np.arange(len(heads)), list(heads)].astype(np.float64)
    return float(drawn[drawn < threshold].sum() / drawn.sum())


def row(passed: ForwardPass, layer: int, head: int, token: int) -> np.ndarray:
    """What one token reads in one head: a weight for it and each earlier token, (token + 1,)."""
    start = token * (token + 1) // 2
    return passed.pattern[layer, head, start : start + token + 1]


def _array(trace: Trace, short: str, layer: int | None = None) -> np.ndarray:
    return trace.activations[hook_name(short, layer)][0].detach().float().cpu().numpy()


def _log_total(scores: np.ndarray) -> np.ndarray:
    """(H, Tq, Tk), -inf where masked -> (H, Tq)."""
    highest = scores.max(axis=-1, keepdims=True)
    return (highest + np.log(np.exp(scores - highest).sum(axis=-1, keepdims=True)))[..., 0]


def _tile(pattern: np.ndarray) -> np.ndarray:
    """(H, T, T) -> (H, N, N) uint8: the largest weight of each square, so that a thin diagonal stays visible."""
    H, T, _ = pattern.shape
    side = -(-T // TILE_CELLS)
    N = -(-T // side)
    padded = np.zeros((H, N * side, N * side), dtype=np.float32)
    padded[:, :T, :T] = pattern
    return np.rint(padded.reshape(H, N, side, N, side).max(axis=(2, 4)) * 255).astype(np.uint8)


def _largest(post: np.ndarray, n: int) -> np.ndarray:
    """Indices of the n largest |x| of the last axis, the largest first."""
    n = min(n, post.shape[-1])
    size = np.abs(post)
    some = np.argpartition(-size, n - 1, axis=-1)[..., :n]
    order = np.argsort(-np.take_along_axis(size, some, axis=-1), axis=-1, kind="stable")
    return np.take_along_axis(some, order, axis=-1)


def _picked(trace: Trace, short: str, neurons: np.ndarray) -> np.ndarray:
    """The values of the given neurons, (L, T, n)."""
    return np.stack([np.take_along_axis(_array(trace, short, n), at, axis=-1) for n, at in enumerate(neurons)])


def _limit(arrays: Sequence[np.ndarray]) -> float:
    return float(np.percentile(np.concatenate([np.abs(x).ravel() for x in arrays]), 99))
