"""How a model is trained, as plain values: with a model, a corpus and the seed, all that repeats a run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from llm.model.config import ConfigError

OptimizerKind = Literal["muon", "adamw"]
NewtonSchulzKind = Literal["jordan_5", "polar_express_3"]
ScheduleKind = Literal["linear", "cosine", "constant"]
Precision = Literal["auto", "fp32", "bf16"]


@dataclass(frozen=True)
class TrainingConfig:
    """The recipe of a training run."""

    steps: int = 1000  # optimizer updates
    batch_size: int = 8  # windows of n_ctx tokens per forward pass
    grad_accumulation: int = 1  # forward passes whose mean gradient makes one update
    optimizer: OptimizerKind = "muon"  # muon: matrices by Muon, the rest by AdamW; adamw: all by AdamW
    lr: float = 5e-3  # AdamW's peak learning rate
    muon_lr: float = 0.02  # Muon's peak learning rate
    newton_schulz: NewtonSchulzKind = "jordan_5"  # how Muon orthogonalizes: whose polynomials, and how many
    betas: tuple[float, float] = (0.9, 0.99)  # AdamW's decay of the mean and the mean square of gradients
    weight_decay: float = 0.05  # decoupled, on matrices only: not on embeddings, gains and biases
    momentum: tuple[float, float] = (0.85, 0.95)  # Muon's momentum at the start and after momentum_steps
    momentum_steps: int = 300  # updates over which Muon's momentum rises
    warmup_fraction: float = 0.02  # share of the steps over which the learning rates rise from 0
    schedule: ScheduleKind = "linear"  # how the learning rates fall after warm-up
    final_lr_fraction: float = 0.02  # share of the peak rates left at the last step
    clip_norm: float = 1.0  # largest norm of all gradients together; 0 never clips
    label_smoothing: float = 0.0  # probability mass of the target spread evenly over the vocabulary
    precision: Precision = "auto"  # of the matrix products; auto: bf16 where the hardware multiplies it faster
    eval_every: int = 200  # steps between validations, the last step always included; 0 never validates
    eval_windows: int = 24  # validation windows scored each time; 0 scores all
    health_every: int = 10  # steps between reports on each layer; 0 never reports
    patience: int | None = None  # stop after this many validations without a better loss; None never does
    seed: int = 0  # of the initial weights, the data order and the dropout masks

    def __post_init__(self) -> None:
        for name, least in _WHOLE_NUMBERS.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ConfigError(f"{name} must be a whole number of at least {least}, got {value!r}.")
        for name, kind in _KINDS:
            if getattr(self, name) not in get_args(kind):
                raise ConfigError(f"{name} must be one of {', '.join(get_args(kind))}, got {getattr(self, name)!r}.")
        for name in ("lr", "muon_lr"):
            self._require(name, getattr(self, name) > 0, "a number above 0")
        for name in ("weight_decay", "clip_norm"):
            self._require(name, getattr(self, name) >= 0, "a number of at least 0")
        for name in ("warmup_fraction", "final_lr_fraction"):
            self._require(name, 0 <= getattr(self, name) <= 1, "between 0 and 1")
        self._require("label_smoothing", 0 <= self.label_smoothing < 1, "at least 0 and below 1")
        for name in ("betas", "momentum"):
            pair = getattr(self, name)
            self._require(name, len(pair) == 2 and all(0 <= b < 1 for b in pair), "two numbers from 0 up to below 1")
        if self.patience is not None:
            self._require("patience", type(self.patience) is int and self.patience >= 1, "a whole number of at least 1")
            self._require("eval_every", self.eval_every > 0, "above 0 when patience counts validations")

    def _require(self, name: str, fits: bool, expected: str) -> None:
        value = getattr(self, name)
        if not fits or (isinstance(value, float) and not math.isfinite(value)):
            raise ConfigError(f"{name} must be {expected}, got {value!r}.")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainingConfig:
        """Build from JSON values, where pairs are lists; unknown keys are named."""
        if unknown := sorted(set(values) - {field.name for field in fields(cls)}):
            raise ConfigError(f"The training configuration has unknown keys: {', '.join(unknown)}.")
        plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
        return cls(**plain)


_KINDS = (
    ("optimizer", OptimizerKind),
    ("newton_schulz", NewtonSchulzKind),
    ("schedule", ScheduleKind),
    ("precision", Precision),
)
_WHOLE_NUMBERS = {
    "steps": 1,
    "batch_size": 1,
    "grad_accumulation": 1,
    "momentum_steps": 1,
    "eval_every": 0,
    "eval_windows": 0,
    "health_every": 0,
    "seed": 0,
}
