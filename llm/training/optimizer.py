"""The two optimizers: Muon for the matrices inside blocks, AdamW for embeddings, gains, biases and heads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import Any

import torch
from torch import Tensor, nn

from llm.training.config import NewtonSchulzKind, TrainingConfig
from llm.training.newton_schulz import orthogonalize


class Optimizer(ABC):
    """Groups of parameters, each with its own settings, and what is remembered of each parameter.

    The part of torch.optim.Optimizer that training uses; making one of those loads torch's compiler, for 2 seconds.
    """

    def __init__(self, groups: Iterable[dict[str, Any]], **settings: Any) -> None:
        """`settings` hold in every group that does not say otherwise."""
        self.param_groups = [{**settings, **group, "params": list(group["params"])} for group in groups]
        self.state: defaultdict[Tensor, dict[str, Tensor]] = defaultdict(dict)

    @abstractmethod
    def step(self) -> None:
        """One update of the parameters that have a gradient."""

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = None


class AdamW(Optimizer):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019), by torch's fused kernel: the bits of
    torch.optim.AdamW(fused=True)."""

    def __init__(
        self, groups: Iterable[dict[str, Any]], lr: float, betas: tuple[float, float], weight_decay: float = 0.0
    ) -> None:
        super().__init__(groups, lr=lr, betas=betas, weight_decay=weight_decay)

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            if params := [p for p in group["params"] if p.grad is not None]:
                self._update(params, group)

    def _update(self, params: list[Tensor], group: dict[str, Any]) -> None:
        for p in params:
            if not self.state[p]:
                self.state[p]["step"] = torch.zeros((), device=p.device)
                self.state[p]["exp_avg"], self.state[p]["exp_avg_sq"] = torch.zeros_like(p), torch.zeros_like(p)
        steps, means, squares = ([self.state[p][part] for p in params] for part in ("step", "exp_avg", "exp_avg_sq"))
        torch._foreach_add_(steps, 1)
        torch._fused_adamw_(
            params,
            [p.grad for p in params if p.grad is not None],
            means,
            squares,
            [],
            steps,
            lr=group["lr"],
            beta1=group["betas"][0],
            beta2=group["betas"][1],
            weight_decay=group["weight_decay"],
            eps=1e-8,
            amsgrad=False,
            maximize=False,
        )


class Muon(Optimizer):
    """Momentum, orthogonalized: every direction of a matrix moves by the same amount (Jordan et al. 2024).

    Nesterov momentum, decoupled weight decay, and updates times sqrt(max(1, rows / columns)).
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float,
        momentum: float,
        weight_decay: float,
        newton_schulz: NewtonSchulzKind = "jordan_5",
    ) -> None:
        super().__init__([{"params": params}], lr=lr, momentum=momentum, weight_decay=weight_decay)
        self.newton_schulz = newton_schulz
        if wrong := [tuple(p.shape) for group in self.param_groups for p in group["params"] if p.ndim != 2]:
            raise ValueError(f"Muon orthogonalizes matrices, got a parameter of shape {wrong[0]}; give it to AdamW.")

    @torch.no_grad()
    def step(self) -> None:
        """One update; matrices of one shape are orthogonalized together."""
        for group in self.param_groups:
            params = sorted((p for p in group["params"] if p.grad is not None), key=lambda p: tuple(p.shape))
            for shape, same in groupby(params, key=lambda p: tuple(p.shape)):
                self._update(list(same), max(1.0, shape[0] / shape[1]) ** 0.5, group)

    def _update(self, params: list[Tensor], scale: float, group: dict[str, Any]) -> None:
        grads = [p.grad for p in params if p.grad is not None]
        momenta = [self.state[p].setdefault("momentum", torch.zeros_like(p)) for p in params]
        torch._foreach_mul_(momenta, group["momentum"])
        torch._foreach_add_(momenta, grads)
        ahead = torch._foreach_add(grads, momenta, alpha=group["momentum"])
        updates = orthogonalize(torch.stack(ahead), self.newton_schulz).to(params[0].dtype)
        torch._foreach_mul_(params, 1.0 - group["lr"] * group["weight_decay"])
        torch._foreach_add_(params, list(updates), alpha=-group["lr"] * scale)


def make_optimizers(model: nn.Module, config: TrainingConfig) -> dict[str, Optimizer]:
    """AdamW, and Muon if asked for, over the parameters to train; a group's peak rate stands in `peak_lr`."""
    matrices, heads, rest = _split(model)
    if config.optimizer == "adamw":
        matrices, heads = [], matrices + heads
    groups = [
        {"params": heads, "weight_decay": config.weight_decay},
        {"params": rest, "weight_decay": 0.0},
    ]
    optimizers: dict[str, Optimizer] = {}
    if groups := [group for group in groups if group["params"]]:
        optimizers["adamw"] = AdamW(groups, config.lr, config.betas)
    if matrices:
        optimizers["muon"] = Muon(
            matrices, config.muon_lr, config.momentum[0], config.weight_decay, config.newton_schulz
        )
    if not optimizers:
        raise ValueError("The model has no parameter that is trained; set requires_grad on at least one.")
    for optimizer in optimizers.values():
        for group in optimizer.param_groups:
            group["peak_lr"] = group["lr"]
    return optimizers


def _split(model: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter], list[nn.Parameter]]:
    """Matrices inside blocks; matrices of linear maps outside them; and the rest (embeddings, gains, biases)."""
    embeddings = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
    linear = {id(module.weight) for module in model.modules() if isinstance(module, nn.Linear)} - embeddings
    matrices, heads, rest = [], [], []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        if parameter.ndim == 2 and "blocks." in name:
            matrices.append(parameter)
        elif id(parameter) in linear:
            heads.append(parameter)
        else:
            rest.append(parameter)
    return matrices, heads, rest
