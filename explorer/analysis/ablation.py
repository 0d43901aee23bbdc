"""What a head is good for on one text: the same forward pass again, with that head's result set to zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from llm.model.gpt import GPT
from llm.model.hooks import patch
from llm.trace import Trace, hook_name

# Shapes: L layers, B batch, H query heads, T position, D d_head, V d_vocab.

ALL_HEADS = 1024  # head-tokens: below, every head is taken out in turn, which costs as many forward passes as heads


@dataclass(frozen=True)
class HeadEffect:
    """The next token after each position, with the whole model and without one head."""

    token: np.ndarray  # T, the most likely one with the whole model
    before: np.ndarray  # T, its probability
    after: np.ndarray  # T, its probability without the head
    instead: np.ndarray  # T, the most likely one without the head
    instead_after: np.ndarray  # T, its probability without the head


@torch.no_grad()
def without_head(model: GPT, ids: Tensor, layer: int, head: int) -> Tensor:
    """Logits (T, V) of the text (T,) from a true forward pass in which z of one head is zero for every token."""

    def silence(z: Tensor) -> Tensor:  # B T H D
        quiet = z.clone()
        quiet[:, :, head] = 0
        return quiet

    if not 0 <= head < model.config.n_heads:
        raise ValueError(f"Expected a head from 0 to {model.config.n_heads - 1}, got {head}.")
    with patch(model, {hook_name("z", layer): silence}):
        return model(ids[None])[0].float()


def head_effect(trace: Trace, model: GPT, layer: int, head: int) -> HeadEffect:
    """Run the traced text without one head and compare what the model would say after each token."""
    whole = trace.logits.double().softmax(dim=-1)
    left = without_head(model, trace.ids, layer, head).double().softmax(dim=-1)
    before, token = whole.max(dim=-1)
    instead_after, instead = left.max(dim=-1)
    after = left.gather(-1, token[:, None])[:, 0]
    return HeadEffect(*(x.cpu().numpy() for x in (token, before, after, instead, instead_after)))


def loss_change(trace: Trace, model: GPT, layer: int, head: int) -> float | None:
    """How much worse the text is predicted without a head, in nats: the change of the mean loss over its T - 1 next
    tokens in a forward pass with z of that head set to 0. None for a single token, which predicts nothing known."""
    targets = trace.ids[1:]
    if not len(targets):
        return None
    without = without_head(model, trace.ids, layer, head)
    return float(F.cross_entropy(without[:-1], targets) - F.cross_entropy(trace.logits[:-1], targets))


@torch.no_grad()
def every_head(trace: Trace, model: GPT) -> np.ndarray | None:
    """Probability of each position's most likely token without each head in turn, (L, H, T) float32.

    One pass for each layer, a batch of the text with another head silent in each row. None for a text that would take
    long (ALL_HEADS).
    """
    L, H, T = model.config.n_layers, model.config.n_heads, len(trace.ids)
    if L * H * T > ALL_HEADS:
        return None
    token = trace.logits.argmax(dim=-1)
    others = 1 - torch.eye(H, device=trace.ids.device)[:, None, :, None]  # B 1 H 1
    after = []
    for layer in range(L):
        with patch(model, {hook_name("z", layer): lambda z: z * others.to(z.dtype)}):
            probs = model(trace.ids.expand(H, T)).float().softmax(dim=-1)  # B T V
        after.append(probs.gather(-1, token.expand(H, T)[..., None])[..., 0])
    return torch.stack(after).cpu().numpy()
