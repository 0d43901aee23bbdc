"""What training lowers. A loss is any function (model, batch) -> scalar, so that every method shares one loop."""

from collections.abc import Callable, Sequence
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

IGNORED = -100  # a target that counts in no loss

Loss = Callable[[nn.Module, Any], Tensor]  # the batch is whatever the loss's own source of batches makes


def next_token_loss(
    model: nn.Module, batch: Sequence[Tensor], label_smoothing: float = 0.0, ignored: int = IGNORED
) -> Tensor:
    """Mean cross-entropy of each next token, in nats: ids (B, T) and targets (B, T), those equal to `ignored` left out.

    Smoothing moves that share of the target's probability evenly over the vocabulary (Szegedy et al. 2016), so the
    smallest reachable loss is then above 0.
    """
    ids, targets = batch
    logits = model(ids).float()  # B T V
    return F.cross_entropy(
        logits.flatten(0, -2), targets.flatten(), ignore_index=ignored, label_smoothing=label_smoothing
    )
