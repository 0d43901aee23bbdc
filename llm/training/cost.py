"""What a run costs, from its configuration alone: nothing is built to find out."""

from __future__ import annotations

from dataclasses import dataclass

from llm.model.config import GPTConfig
from llm.model.size import size
from llm.training.config import TrainingConfig

_BACKWARD = 2  # the backward pass multiplies matrices twice as often as the forward pass (Kaplan et al. 2020)
_FLOAT32 = 4  # bytes
_KEPT = 1.3  # peak of what the backward pass needs, in activations; 1.2 to 1.35 measured on a CPU


@dataclass(frozen=True)
class Cost:
    """Counts for one run."""

    parameters: int  # trainable numbers
    flops_per_token: int  # of training: forward and backward passes, a multiply-add as 2
    tokens: int  # read in all
    flops_total: int
    memory_bytes: int  # an estimate of the peak: weights, gradients, optimizer and activations, not the program itself


def cost(model: GPTConfig, training: TrainingConfig) -> Cost:
    """Count a run's parameters, work and memory; validation, sampling and the optimizer's own work are left out."""
    of_model = size(model)
    flops = (1 + _BACKWARD) * of_model.flops_per_token
    tokens = training.steps * training.grad_accumulation * training.batch_size * model.n_ctx
    by_muon = of_model.parameters - of_model.table_parameters if training.optimizer == "muon" else 0
    numbers = 4 * of_model.parameters - by_muon  # weight, gradient, and AdamW's two means or Muon's one
    activations = training.batch_size * of_model.trace_bytes
    return Cost(
        parameters=of_model.parameters,
        flops_per_token=flops,
        tokens=tokens,
        flops_total=flops * tokens,
        memory_bytes=round(_FLOAT32 * numbers + _KEPT * activations),
    )
