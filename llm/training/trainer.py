"""The training loop: a report after every update. It writes nothing, knows no store; to stop is to leave the loop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from llm.data import TokenDataset, batch
from llm.training.evaluate import Evaluation, evaluate
from llm.training.health import HealthCheck, LayerHealth
from llm.training.losses import Loss, next_token_loss
from llm.training.precision import autocast, resolve_precision
from llm.training.schedule import lr_fraction, muon_momentum
from llm.training.state import TrainingState

Batches = Callable[[int], tuple[Tensor, ...]]  # index of a forward pass -> batch, whose first item is the ids (B, T)
Evaluate = Callable[[nn.Module], Evaluation]


class TrainingError(RuntimeError):
    """Training cannot go on; the model keeps the weights of the last good update."""

    def __init__(self, message: str, step: int) -> None:
        super().__init__(message)
        self.step = step  # the update that failed, counted from 1


@dataclass(frozen=True)
class StepReport:
    """One update, as it happened."""

    step: int  # updates done, this one included
    loss: float  # of the training batch before the update, nats, with label smoothing if any
    lr: float  # AdamW's rate; Muon's follows the same schedule
    grad_norm: float  # of all gradients together, before clipping
    tokens: int  # training tokens read since step 0
    seconds: float  # this update, without validation
    validation_loss: float | None = None  # nats per token, where evaluated
    bits_per_byte: float | None = None  # the same per UTF-8 byte of validation text
    is_best: bool = False  # the lowest validation loss so far
    stops: bool = False  # patience is over: no report follows
    layers: LayerHealth | None = None  # every health_every updates


def train(
    state: TrainingState,
    dataset: TokenDataset,
    loss: Loss | None = None,
    batches: Batches | None = None,
    evaluation: Evaluate | None = None,
    lr_scale: Callable[[int], float] | None = None,
) -> Iterator[StepReport]:
    """Update `state` up to `state.config.steps`, yielding a report after each update.

    Fine-tuning gives its own `loss`, `batches` (a pure function of the forward pass's index) and `evaluation`; the
    defaults are next-token prediction on windows of `dataset`. The schedule's rates are multiplied by `lr_scale` of
    the updates done. Raises TrainingError on a loss or gradient that is not finite, before it reaches the weights.
    """
    config, model = state.config, state.model
    parameters = [p for p in model.parameters() if p.requires_grad]
    device = parameters[0].device
    precision = resolve_precision(config.precision, device)
    loss = loss or partial(next_token_loss, label_smoothing=config.label_smoothing)
    batches = batches or _windows(state, dataset, device)
    evaluation = evaluation or _validation(state, dataset)
    while state.step < config.steps and not _out_of_patience(state):
        started = time.perf_counter()
        model.train()
        total = torch.zeros((), device=device)
        with _dropout_seed(device, config.seed, state.step):
            for index in range(config.grad_accumulation):
                some = batches(state.step * config.grad_accumulation + index)
                with autocast(precision, device):
                    part = loss(model, some) / config.grad_accumulation
                part.backward()
                total += part.detach()
                state.tokens += some[0].numel()
        norm = torch.nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
        loss_value, norm_value = torch.stack([total, norm.to(total)]).tolist()
        if not (math.isfinite(loss_value) and math.isfinite(norm_value)):
            _zero_grad(state)
            raise TrainingError(
                f"Training stopped at step {state.step + 1}: the loss is {loss_value} and the gradient norm "
                f"{norm_value}; lower the learning rate or lengthen the warm-up, and resume or start again.",
                state.step + 1,
            )
        check = HealthCheck(model) if config.health_every and not (state.step + 1) % config.health_every else None
        lr = _update(state, parameters, norm, lr_scale(state.step) if lr_scale else 1.0)
        layers = check.after_update() if check else None
        state.step += 1
        seconds = time.perf_counter() - started
        report = StepReport(state.step, loss_value, lr, norm_value, state.tokens, seconds, layers=layers)
        yield _report(state, evaluation, report)


def _update(state: TrainingState, parameters: list[nn.Parameter], norm: Tensor, scale: float) -> float:
    """Clip, and step every optimizer at this step's rates; returns AdamW's."""
    config = state.config
    if config.clip_norm:
        torch.nn.utils.clip_grads_with_norm_(parameters, config.clip_norm, norm)
    fraction = lr_fraction(config, state.step) * scale
    for kind, optimizer in state.optimizers.items():
        for group in optimizer.param_groups:
            group["lr"] = group["peak_lr"] * fraction
            if kind == "muon":
                group["momentum"] = muon_momentum(config, state.step)
        optimizer.step()
    _zero_grad(state)
    return config.lr * fraction


def _report(state: TrainingState, evaluation: Evaluate, report: StepReport) -> StepReport:
    """With a validation where one is due."""
    config = state.config
    due = config.eval_every and (state.step % config.eval_every == 0 or state.step == config.steps)
    if not due:
        return report
    figures = evaluation(state.model)
    if not math.isfinite(figures.loss):
        raise TrainingError(
            f"Training stopped at step {state.step}: the validation loss is {figures.loss}; lower the learning rate "
            "or lengthen the warm-up, and resume from an earlier checkpoint or start again.",
            state.step,
        )
    is_best = figures.loss < state.best_loss
    if is_best:
        state.best_loss, state.best_step, state.since_best = figures.loss, state.step, 0
    else:
        state.since_best += 1
    return replace(
        report,
        validation_loss=figures.loss,
        bits_per_byte=figures.bits_per_byte,
        is_best=is_best,
        stops=_out_of_patience(state),
    )


def _out_of_patience(state: TrainingState) -> bool:
    return state.config.patience is not None and state.since_best >= state.config.patience


def _windows(state: TrainingState, dataset: TokenDataset, device: torch.device) -> Batches:
    config, n_ctx = state.config, _n_ctx(state.model)
    starts = dataset.train_starts
    return lambda index: batch(dataset.train, config.seed, index, config.batch_size, n_ctx, device, starts)


def _validation(state: TrainingState, dataset: TokenDataset) -> Evaluate:
    config, n_ctx = state.config, _n_ctx(state.model)
    return lambda model: evaluate(model, dataset, n_ctx, config.eval_windows, config.batch_size, config.precision)


def _n_ctx(model: nn.Module) -> int:
    return model.config.n_ctx  # type: ignore[union-attr, return-value]  # GPT, or a wrapper of one


def _zero_grad(state: TrainingState) -> None:
    for optimizer in state.optimizers.values():
        optimizer.zero_grad()


@contextmanager
def _dropout_seed(device: torch.device, seed: int, step: int) -> Iterator[None]:
    """Make dropout masks a pure function of (seed, step), and leave the global random state as it was."""
    word = int(np.random.SeedSequence((seed, step)).generate_state(1, np.uint64)[0])
    generator = _default_generator(device)
    before = generator.get_state()
    generator.manual_seed(word & (2**63 - 1))
    try:
        yield
    finally:
        generator.set_state(before)


def _default_generator(device: torch.device) -> torch.Generator:
    """The one that dropout on `device` draws from."""
    if device.type == "cuda":
        return torch.cuda.default_generators[device.index or 0]
    if device.type == "mps":
        return torch.mps._get_default_mps_generator()
    return torch.default_generator
