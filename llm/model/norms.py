"""Normalisations: a sublayer reads the residual stream at a fixed size, whatever the stream has grown to."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from llm.model.config import GPTConfig, NormKind
from llm.model.hooks import HookPoint

# Shapes: B batch, T position, C d_model.


class _Norm(nn.Module):
    """Divide by `hook_scale`, then apply the gain `w` (and `b`)."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.eps = config.norm_eps
        self.w = nn.Parameter(torch.ones(config.d_model))
        self.b = nn.Parameter(torch.zeros(config.d_model)) if self.has_bias(config) else None
        self.hook_scale = HookPoint()  # B T 1
        self.hook_normalized = HookPoint()  # B T C

    @staticmethod
    def has_bias(config: GPTConfig) -> bool:
        raise NotImplementedError

    def normalize(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, C) -> the result before the affine part (B, T, C), and the reciprocal of the divisor (B, T, 1)."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        normalized, reciprocal = self.normalize(x)
        if self.hook_scale.watched:
            scale = reciprocal.reciprocal()
            edited = self.hook_scale(scale)
            if edited is not scale:  # reading the scale must not change a bit; freezing it must
                normalized = normalized * (scale / edited)
        normalized = self.hook_normalized(normalized)
        return normalized * self.w if self.b is None else torch.addcmul(self.b, normalized, self.w)


class LayerNorm(_Norm):
    """Centre, then divide by the standard deviation (Ba et al. 2016)."""

    @staticmethod
    def has_bias(config: GPTConfig) -> bool:
        return config.bias

    def normalize(self, x: Tensor) -> tuple[Tensor, Tensor]:
        normalized, _, reciprocal = torch.native_layer_norm(x, x.shape[-1:], None, None, self.eps)
        return normalized, reciprocal


class RMSNorm(_Norm):
    """Divide by the root mean square, without centring and without a bias (Zhang and Sennrich 2019)."""

    @staticmethod
    def has_bias(config: GPTConfig) -> bool:
        return False

    def normalize(self, x: Tensor) -> tuple[Tensor, Tensor]:
        reciprocal = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)
        return x * reciprocal, reciprocal


NORMS: dict[NormKind, type[_Norm]] = {"layernorm": LayerNorm, "rmsnorm": RMSNorm}
