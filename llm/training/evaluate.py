"""How good a model is on text it has not been trained on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from llm.data import TokenDataset, validation_windows
from llm.training.config import Precision
from llm.training.precision import autocast, resolve_precision


@dataclass(frozen=True)
class Evaluation:
    """Validation figures of one model, and over how much text."""

    loss: float  # mean cross-entropy of a next token, nats
    bits_per_byte: float  # the same information per UTF-8 byte of text: comparable across tokenizers
    n_tokens: int  # targets scored

    @property
    def perplexity(self) -> float:
        """exp(loss): as unsure as a fair choice among this many tokens."""
        return math.inf if self.loss >= 700 else math.exp(self.loss)


@torch.no_grad()
def evaluate(
    model: nn.Module,
    dataset: TokenDataset,
    n_ctx: int,
    n_windows: int = 0,
    batch_size: int = 8,
    precision: Precision = "fp32",
) -> Evaluation:
    """Score fixed windows of n_ctx tokens, `n_windows` spread evenly over the validation stream (0: all of it).

    Every target counts the same, the separator between documents included; no label smoothing; dropout is off. Within
    a window the first token sees nothing before it, so a longer n_ctx scores lower. Bits per byte are the nats of all
    targets, divided by ln 2 and by the bytes that those targets stand for at the validation text's mean bytes per
    token, where a separator stands for 0 bytes (compare nanochat's evaluate_bpb, which leaves separators out of both).
    """
    windows = list(validation_windows(dataset.validation, n_ctx, dataset.validation_starts))
    if 0 < n_windows < len(windows):
        windows = [windows[i * len(windows) // n_windows] for i in range(n_windows)]
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    total, n_tokens = 0.0, 0  # summed here: some devices have no float64
    try:
        for start in range(0, len(windows), batch_size):
            some = windows[start : start + batch_size]
            ids, targets = (torch.cat(side).to(device) for side in zip(*some, strict=True))  # B T
            with autocast(resolve_precision(precision, device), device):
                logits = model(ids).float()  # B T V
            total += F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum").item()
            n_tokens += targets.numel()
    finally:
        model.train(was_training)
    loss = total / n_tokens
    return Evaluation(loss, dataset.bits_per_byte(loss), n_tokens)
