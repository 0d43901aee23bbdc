"""Tiny models in every wiring, with weights that matter: no gain is 1 and no bias 0."""

from __future__ import annotations

from typing import Any

import torch

from llm.model.config import GPTConfig
from llm.model.gpt import GPT

IDS = (5, 9, 2, 40, 9, 2, 7)
ADDITIVE: list[dict[str, Any]] = [
    {},
    {"norm": "rmsnorm", "positions": "learned"},
    {"bias": True, "positions": "sinusoidal", "tied": False},
    {"mlp": "none", "positions": "alibi", "n_kv_heads": 1},
    {"mlp": "swiglu", "norm": "rmsnorm", "positions": "none", "n_kv_heads": 4},
    {"bias": True, "norm": "rmsnorm", "mlp": "relu", "tied": False},
    {"mlp": "none", "bias": True, "positions": "learned", "n_heads": 1, "n_kv_heads": 1},
]
POST_NORM: list[dict[str, Any]] = [
    {"block": "post_norm"},
    {"block": "post_norm", "bias": True, "mlp": "none", "norm": "rmsnorm"},
]


def named(variant: dict[str, Any]) -> str:
    return " ".join(str(value) for value in variant.values()) or "plain"


def build(**variant: Any) -> GPT:
    """In evaluation mode, in float32."""
    shape = {"d_vocab": 61, "n_ctx": 24, "n_layers": 3, "n_heads": 4, "n_kv_heads": 2, "d_model": 32, "d_mlp": 48}
    model = GPT(GPTConfig(**{**shape, **variant}), seed=3).eval()
    chance = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(".w"):
                parameter.add_(torch.randn(parameter.shape, generator=chance), alpha=0.3)
            elif name == "embed.weight" or parameter.ndim == 1:
                parameter.copy_(torch.randn(parameter.shape, generator=chance) * 0.4)
            else:
                parameter.mul_(6)
    return model.requires_grad_(False)
