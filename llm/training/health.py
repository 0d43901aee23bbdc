"""How each layer is doing: how large its gradient is, and how far an update moves its weights."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class LayerHealth:
    """One update, layer by layer: the embeddings, each block, what follows them."""

    names: tuple[str, ...]  # "embed" (of tokens and positions), "block 0", ..., "final norm", "unembed" if not tied
    grad_norm: tuple[float, ...]  # of a layer's gradients together, before clipping
    update_ratio: tuple[float, ...]  # norm of what the update adds to a layer's weights, over the norm of the weights


class HealthCheck:
    """Made between the backward pass and the update; `after_update` gives what was measured."""

    @torch.no_grad()
    def __init__(self, model: nn.Module) -> None:
        named = [(layer_name(name), p) for name, p in model.named_parameters() if p.grad is not None]
        self._names = list(dict.fromkeys(name for name, _ in named))
        self._layer = [self._names.index(name) for name, _ in named]
        self._parameters: list[Tensor] = [p for _, p in named]
        self._gradients = self._per_layer([p.grad for p in self._parameters if p.grad is not None])
        self._before = [p.clone() for p in self._parameters]

    @torch.no_grad()
    def after_update(self) -> LayerHealth:
        weights = self._per_layer(self._before)
        moved = self._per_layer(list(torch._foreach_sub(self._parameters, self._before)))
        ratio = moved / weights.clamp(min=1e-12)  # a layer of zeros only
        gradients, ratios = torch.stack([self._gradients, ratio]).tolist()
        return LayerHealth(tuple(self._names), tuple(gradients), tuple(ratios))

    def _per_layer(self, tensors: list[Tensor]) -> Tensor:
        """The norm of each layer's tensors together, (n_layers,)."""
        squares = torch.stack([norm.float() for norm in torch._foreach_norm(tensors)]).square()
        layers = torch.tensor(self._layer, device=squares.device)
        return squares.new_zeros(len(self._names)).index_add_(0, layers, squares).sqrt()


def layer_name(parameter: str) -> str:
    """The layer that a parameter of a GPT, or of a wrapper around one, belongs to."""
    parts = parameter.split(".")
    if "blocks" in parts:
        return f"block {parts[parts.index('blocks') + 1]}"
    return next((_OUTSIDE[part] for part in parts if part in _OUTSIDE), parts[0])


_OUTSIDE = {"embed": "embed", "positions": "embed", "ln_final": "final norm", "unembed": "unembed"}
