"""Keys and values of the tokens already read, so that each new token costs one row instead of a whole pass."""

from __future__ import annotations

import torch
from torch import Tensor

from llm.model.config import GPTConfig

# Shapes: B batch, T position, G key/value heads, D d_head.


class LayerCache:
    """One layer's keys and values, in memory set aside once for the whole context."""

    def __init__(self, shape: tuple[int, int, int, int], device: torch.device | str, dtype: torch.dtype) -> None:
        self.keys = torch.empty(shape, device=device, dtype=dtype)  # B G n_ctx D
        self.values = torch.empty(shape, device=device, dtype=dtype)
        self.length = 0

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Append new keys and values (B, G, T, D); return all so far (B, G, length, D)."""
        end = self.length + k.shape[2]
        if end > self.keys.shape[2]:
            raise ValueError(f"The cache holds {self.keys.shape[2]} tokens, got {end}; truncate it first.")
        self.keys[:, :, self.length : end] = k
        self.values[:, :, self.length : end] = v
        self.length = end
        return self.keys[:, :, :end], self.values[:, :, :end]


class KVCache:
    """An entry per layer; all grow together, one forward pass at a time."""

    def __init__(
        self,
        config: GPTConfig,
        batch: int = 1,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        shape = (batch, config.n_kv_heads, config.n_ctx, config.d_head)
        self.layers = [LayerCache(shape, device, dtype) for _ in range(config.n_layers)]

    @property
    def length(self) -> int:
        """Tokens held."""
        return self.layers[0].length

    def truncate(self, length: int) -> None:
        """Forget every token from `length` on."""
        for layer in self.layers:
            layer.length = min(layer.length, length)
