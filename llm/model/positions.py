"""Position schemes: three doors through which token order can enter a model; each scheme opens one.

The model calls every door and never asks which scheme it has.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from llm.model.config import GPTConfig, PositionKind
from llm.model.hooks import HookPoint

# Shapes: B batch, T position, C d_model, H query heads, D d_head. `start` is the position of the first token.


class Positions(nn.Module):
    """No positions: all three doors leave what passes alone (Haviv et al. 2022 show that a causal mask suffices)."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()

    def add(self, x: Tensor, start: int) -> Tensor:
        """Into the token embeddings, (B, T, C)."""
        return x

    def rotate(self, x: Tensor, start: int) -> Tensor:
        """Queries and keys, (B, T, heads, D)."""
        return x

    def bias(self, n_queries: int, n_keys: int) -> Tensor | None:
        """Onto the scores, (H, Tq, Tk); the queries are the last of the keys."""
        return None


class LearnedPositions(Positions):
    """A trained vector for every position (GPT-2)."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__(config)
        self.table = nn.Embedding(config.n_ctx, config.d_model)
        self.hook_pos_embed = HookPoint()  # B T C

    def add(self, x: Tensor, start: int) -> Tensor:
        rows = self.table(torch.arange(start, start + x.shape[1], device=x.device))
        return x + self.hook_pos_embed(rows.expand_as(x))


class SinusoidalPositions(Positions):
    """Fixed sines and cosines of geometrically growing wavelength (Vaswani et al. 2017)."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__(config)
        angles = _angles(config.n_ctx, config.d_model, config.rope_base)
        waves = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)  # n_ctx C: sin, cos, sin, cos, ...
        self.register_buffer("waves", waves, persistent=False)
        self.waves: Tensor
        self.hook_pos_embed = HookPoint()  # B T C

    def add(self, x: Tensor, start: int) -> Tensor:
        rows = self.waves[start : start + x.shape[1]].to(x.dtype)
        return x + self.hook_pos_embed(rows.expand_as(x))


class RotaryPositions(Positions):
    """Turn pairs of query and key components by an angle proportional to position (Su et al. 2021), so that a score
    depends on the distance alone. Pairs are the two halves of a head, as in GPT-NeoX and Llama."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__(config)
        angles = _angles(config.n_ctx, config.d_head, config.rope_base)[:, None]  # n_ctx 1 D/2
        self.register_buffer("cos", torch.cat([angles.cos(), angles.cos()], dim=-1), persistent=False)
        self.register_buffer("sin", torch.cat([-angles.sin(), angles.sin()], dim=-1), persistent=False)
        self.cos: Tensor
        self.sin: Tensor

    def rotate(self, x: Tensor, start: int) -> Tensor:
        cos = self.cos[start : start + x.shape[1]].to(x.dtype)
        sin = self.sin[start : start + x.shape[1]].to(x.dtype)
        return x * cos + x.roll(x.shape[-1] // 2, dims=-1) * sin


class ALiBiPositions(Positions):
    """Lower each score in proportion to distance, with a slope per head (Press et al. 2022)."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__(config)
        self.register_buffer("slopes", alibi_slopes(config.n_heads), persistent=False)
        self.slopes: Tensor

    def bias(self, n_queries: int, n_keys: int) -> Tensor:
        position = torch.arange(n_keys, device=self.slopes.device)
        distance = position[n_keys - n_queries :, None] - position  # Tq Tk
        return -self.slopes[:, None, None] * distance


def alibi_slopes(n_heads: int) -> Tensor:
    """The paper's slopes, (H,): powers of 2^(-8/H); between powers of two, every other slope of the next one up."""
    power = 2 ** (n_heads - 1).bit_length()
    slopes = 2.0 ** (-8.0 / power * torch.arange(1, power + 1))
    if power == n_heads:
        return slopes
    half = 2.0 ** (-16.0 / power * torch.arange(1, power // 2 + 1))
    return torch.cat([half, slopes[::2]])[:n_heads]


def _angles(n_positions: int, width: int, base: float) -> Tensor:
    """position / base^(2i / width), (n_positions, width / 2)."""
    frequencies = base ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    return torch.outer(torch.arange(n_positions, dtype=torch.float64), frequencies).float()


POSITIONS: dict[PositionKind, type[Positions]] = {
    "none": Positions,
    "learned": LearnedPositions,
    "sinusoidal": SinusoidalPositions,
    "rope": RotaryPositions,
    "alibi": ALiBiPositions,
}
