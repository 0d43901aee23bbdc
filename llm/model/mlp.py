"""The MLP family: every token on its own is widened, bent by an activation, and narrowed again."""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llm.model.config import GPTConfig, MLPKind
from llm.model.hooks import HookPoint

# Shapes: B batch, T position, C d_model, M d_mlp.


class NoMLP(nn.Module):
    """An attention-only model's MLP: it adds nothing (Elhage et al. 2021)."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x)


class _MLP(nn.Module):
    """W_out · activation(W_in · x)."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.W_in = nn.Linear(config.d_model, config.d_mlp, bias=config.bias)
        self.W_out = nn.Linear(config.d_mlp, config.d_model, bias=config.bias)
        self.hook_pre = HookPoint()  # B T M
        self.hook_post = HookPoint()  # B T M

    def activation(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        return self.W_out(self.hook_post(self.activation(self.hook_pre(self.W_in(x)))))


class ReLUMLP(_MLP):
    """max(0, x) (Vaswani et al. 2017)."""

    def activation(self, x: Tensor) -> Tensor:
        return F.relu(x)


class GELUMLP(_MLP):
    """x · Φ(x), with the exact normal distribution (Hendrycks and Gimpel 2016)."""

    def activation(self, x: Tensor) -> Tensor:
        return F.gelu(x)


class TanhGELUMLP(_MLP):
    """GELU through its tanh approximation, as GPT-2 was trained."""

    activation = staticmethod(partial(F.gelu, approximate="tanh"))


class SwiGLUMLP(nn.Module):
    """W_out · (silu(W_gate · x) * W_in · x): one half opens the other (Shazeer 2020)."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.W_gate = nn.Linear(config.d_model, config.d_mlp, bias=config.bias)
        self.W_in = nn.Linear(config.d_model, config.d_mlp, bias=config.bias)
        self.W_out = nn.Linear(config.d_mlp, config.d_model, bias=config.bias)
        self.hook_pre = HookPoint()  # B T M, the gate before its activation
        self.hook_pre_linear = HookPoint()  # B T M, what the gate multiplies
        self.hook_post = HookPoint()  # B T M

    def forward(self, x: Tensor) -> Tensor:
        gate = F.silu(self.hook_pre(self.W_gate(x)))
        return self.W_out(self.hook_post(gate * self.hook_pre_linear(self.W_in(x))))


MLPS: dict[MLPKind, type[nn.Module]] = {
    "none": NoMLP,
    "relu": ReLUMLP,
    "gelu": GELUMLP,
    "gelu_tanh": TanhGELUMLP,
    "swiglu": SwiGLUMLP,
}
