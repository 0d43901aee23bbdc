"""All of a training run that changes with its steps: what a checkpoint must hold to go on exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from llm.training.config import TrainingConfig
from llm.training.optimizer import Optimizer, make_optimizers


class TrainingState:
    """A model in training: all that changes with the steps. Data order, dropout, rates and momentum follow from
    (config, step), so that nothing else is needed to go on exactly."""

    def __init__(self, model: nn.Module, config: TrainingConfig) -> None:
        self.model = model
        self.config = config
        self.optimizers = make_optimizers(model, config)
        self.step = 0  # updates done
        self.tokens = 0  # training tokens read
        self.best_loss = math.inf  # lowest validation loss
        self.best_step = 0  # where it was
        self.since_best = 0  # validations since then

    def tensors(self) -> dict[str, Tensor]:
        """The optimizers' memory, as "optimizer/parameter/part" -> tensor."""
        return {
            f"{kind}/{name}/{part}": tensor
            for kind, optimizer in self.optimizers.items()
            for name, parameter in self.model.named_parameters()
            if parameter in optimizer.state
            for part, tensor in optimizer.state[parameter].items()
        }

    def values(self) -> dict[str, Any]:
        """The rest, as JSON values."""
        return {
            "step": self.step,
            "tokens": self.tokens,
            "best_loss": self.best_loss if math.isfinite(self.best_loss) else None,
            "best_step": self.best_step,
            "since_best": self.since_best,
            "config": self.config.to_dict(),
        }

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Continue where `tensors()` and `values()` were taken; the config stays this state's own.

        Raises ValueError (KeyError where a value is missing) if they do not fit this model and optimizer.
        """
        counts = {name: values[name] for name in ("step", "tokens", "best_step", "since_best")}
        if any(type(value) is not int or value < 0 for value in counts.values()):
            raise ValueError(f"expected counts of at least 0, got {counts}")
        best = values["best_loss"]
        if best is not None and type(best) not in (int, float):
            raise ValueError(f"expected a best_loss that is a number or null, got {best!r}")
        slots = self._slots() if counts["step"] else {}
        _check(tensors, slots)
        for key, (optimizer, parameter, part) in slots.items():
            optimizer.state[parameter][part] = tensors[key].to(parameter.device, copy=True)
        for name, value in counts.items():
            setattr(self, name, value)
        self.best_loss = math.inf if best is None else float(best)

    def _slots(self) -> dict[str, tuple[Optimizer, nn.Parameter, str]]:
        """Where each of `tensors()` belongs once an update has been made, by its name."""
        names = {parameter: name for name, parameter in self.model.named_parameters()}
        return {
            f"{kind}/{names[parameter]}/{part}": (optimizer, parameter, part)
            for kind, optimizer in self.optimizers.items()
            for group in optimizer.param_groups
            for parameter in group["params"]
            for part in _PARTS[kind]
        }


_PARTS = {"adamw": ("step", "exp_avg", "exp_avg_sq"), "muon": ("momentum",)}


def _check(tensors: Mapping[str, Tensor], slots: Mapping[str, tuple[Optimizer, nn.Parameter, str]]) -> None:
    if wrong := sorted(set(tensors) ^ set(slots)):
        raise ValueError(f"the optimizer state does not fit this model and optimizer, as in {wrong[0][:80]!r}")
    for key, (_, parameter, part) in slots.items():
        tensor, shape = tensors[key], () if part == "step" else tuple(parameter.shape)
        if tuple(tensor.shape) != shape or tensor.dtype != torch.float32:
            raise ValueError(
                f"expected {key!r} of shape {shape} in float32, got {tuple(tensor.shape)} in {tensor.dtype}"
            )
        if not torch.isfinite(tensor).all():
            raise ValueError(f"{key!r} holds NaN or infinity")
