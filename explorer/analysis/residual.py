"""How long the residual stream's vectors are along the depth, and how much attention, heads and MLP add to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from llm.model.attention import Attention
from llm.model.gpt import GPT
from llm.trace import Trace, hook_name

# Shapes: L layers, H query heads, T position, D d_head, C d_model. Lengths are L2 norms, float32.


@dataclass(frozen=True)
class Lengths:
    """Lengths of the vectors of one text."""

    entering: np.ndarray  # L+1 T: what enters each block; last, what the final norm reads
    mid: np.ndarray  # L T, after attention was added
    leaving: np.ndarray  # L T, after the MLP was added: entering[1:], except where a post-norm block normalises it
    attention: np.ndarray  # L T, what attention adds
    mlp: np.ndarray  # L T, what the MLP adds
    heads: np.ndarray  # L H T, each head's part of what attention adds
    divisor: np.ndarray  # T, of the final norm


@torch.no_grad()
def lengths(trace: Trace, model: GPT) -> Lengths:
    """Measure every vector that the stream carries and every one that is added to it."""
    layers = range(model.config.n_layers)
    last = trace.activations[hook_name("resid_post", layers[-1])]
    if model.config.block == "post_norm":
        last = model.blocks[-1].ln2(last)
    entering = [trace.activations[hook_name("resid_pre", layer)] for layer in layers]
    return Lengths(
        entering=np.stack([_length(x) for x in (*entering, last)]),
        **{
            field: np.stack([_length(trace.activations[hook_name(short, layer)]) for layer in layers])
            for field, short in _PARTS.items()
        },
        heads=np.stack([_head_lengths(trace.activations[hook_name("z", n)], model.blocks[n].attn) for n in layers]),
        divisor=trace.activations[hook_name("ln_final.scale")][0, :, 0].float().cpu().numpy(),
    )


_PARTS = {"mid": "resid_mid", "leaving": "resid_post", "attention": "attn_out", "mlp": "mlp_out"}


def _length(x: Tensor) -> np.ndarray:
    """(1, T, C) -> (T,)."""
    return x[0].float().norm(dim=-1).cpu().numpy()


def _head_lengths(z: Tensor, attention: Attention) -> np.ndarray:
    """‖z_h W_O^h‖ for each head, (1, T, H, D) -> (H, T): W_O reads one head at a time, less its bias."""
    T, H, D = z.shape[1:]
    alone = torch.eye(H, dtype=z.dtype, device=z.device)[:, None, :, None] * z  # H T H D
    parts = attention.W_O(alone.reshape(H, T, H * D)) - attention.W_O(z.new_zeros(H * D))
    return parts.float().norm(dim=-1).cpu().numpy()


def chosen_heads(heads: np.ndarray, layer: int, head: int, token: int) -> tuple[int, ...]:
    """A head for each layer, given `Lengths.heads`: the one in focus in its layer, elsewhere the one that adds most."""
    strongest = heads[:, :, token].argmax(axis=1)
    return tuple(head if at == layer else int(strongest[at]) for at in range(len(heads)))
