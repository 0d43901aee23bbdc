"""How much one head reads of what an earlier head wrote, from the weights alone (Elhage et al. 2021)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from llm.model.gpt import GPT

# Shapes: C d_model, D d_head, L layers, H query heads.


@torch.no_grad()
def k_composition(model: GPT) -> np.ndarray:
    """‖W_QK W_OV‖ / (‖W_QK‖ ‖W_OV‖) for all pairs, (L, H, L, H): [later, head, earlier, head]; NaN where not earlier.

    W_QK = W_Qᵀ W_K of the later head and W_OV = W_O W_V of the earlier one, C × C each, with the gains of the norms
    before them; Frobenius norms. It is large where the later head's keys are made of what the earlier head wrote, and
    about 1/√C where the two matrices have nothing to do with each other. Biases, the rest of the norm and the turning
    of RoPE are left out.
    """
    L, H = model.config.n_layers, model.config.n_heads
    qk = [[_qk(model, layer, head) for head in range(H)] for layer in range(L)]
    ov = [[_ov(model, layer, head) for head in range(H)] for layer in range(L)]
    found = np.full((L, H, L, H), np.nan)
    for later in range(1, L):
        for head in range(H):
            for layer in range(later):
                for earlier in range(H):
                    found[later, head, layer, earlier] = _ratio(qk[later][head], ov[layer][earlier])
    return found


def _ratio(reads: Tensor, writes: Tensor) -> float:
    size = float(reads.norm() * writes.norm())
    return float((reads @ writes).norm()) / size if size else 0.0


def _qk(model: GPT, layer: int, head: int) -> Tensor:
    """xᵀ W_QK y is the score of query x on key y, before √D: (C, C)."""
    q, k = (_rows(model, layer, name, head) for name in ("W_Q", "W_K"))
    return q.T @ k


def _ov(model: GPT, layer: int, head: int) -> Tensor:
    """W_OV y is what the head writes of a token y that it looks at: (C, C)."""
    D = model.config.d_head
    out = model.blocks[layer].attn.W_O.weight.double()[:, head * D : (head + 1) * D]  # C D
    return out @ _rows(model, layer, "W_V", head)


def _rows(model: GPT, layer: int, name: str, head: int) -> Tensor:
    """The rows (D, C) of a projection that belong to a query head, times the gain of what it reads."""
    config, block = model.config, model.blocks[layer]
    at = head if name == "W_Q" else head // (config.n_heads // config.n_kv_heads)
    rows = getattr(block.attn, name).weight.double()[at * config.d_head : (at + 1) * config.d_head]
    gain = getattr(block.ln1, "w", None) if config.block == "pre_norm" else None
    return rows if gain is None else rows * gain.double()
