"""What changes with the step: learning rates and Muon's momentum, as pure functions, so that resuming is exact."""

import math

from llm.training.config import TrainingConfig


def lr_fraction(config: TrainingConfig, step: int) -> float:
    """Share of the peak learning rate for update `step`, from 0: a linear rise to 1, then the schedule's fall.

    The last update runs at `final_lr_fraction` exactly (unless the schedule is constant).
    """
    warmup = round(config.warmup_fraction * config.steps)
    if step < warmup:
        return (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, config.steps - 1 - warmup))
    match config.schedule:
        case "constant":
            return 1.0
        case "linear":
            fall = progress
        case "cosine":  # (Loshchilov and Hutter 2017)
            fall = (1 - math.cos(math.pi * progress)) / 2
    return 1.0 - fall * (1.0 - config.final_lr_fraction)


def muon_momentum(config: TrainingConfig, step: int) -> float:
    """Muon's momentum for update `step`: a linear rise over the first `momentum_steps` updates."""
    start, end = config.momentum
    return start + (end - start) * min(1.0, step / config.momentum_steps)
