"""The same forward pass with some heads silent: their result set to zero, or to what they give on average."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from llm.model.gpt import GPT
from llm.model.hooks import capture, patch
from llm.trace import hook_name

# Shapes: S rows, T position, L layers, H query heads, D d_head, V d_vocab.

Head = tuple[int, int]  # layer, head
Silence = Literal["zero", "mean"]


@contextmanager
def silent(model: GPT, heads: Iterable[Head], instead: Tensor | None = None) -> Iterator[None]:
    """Within the block z of these heads is zero at every position, or `instead` (L, T, H, D): what to put there.

    Longer texts than `instead` raise ValueError.
    """
    of_layer: dict[int, list[int]] = {}
    for layer, head in heads:
        of_layer.setdefault(layer, []).append(head)

    def edit(layer: int, silenced: list[int]) -> dict[str, object]:
        def quiet(z: Tensor) -> Tensor:  # S T H D
            z = z.clone()
            z[:, :, silenced] = 0 if instead is None else instead[layer, : z.shape[1], silenced].to(z.dtype)
            return z

        return {hook_name("z", layer): quiet}

    edits = {name: fn for layer, silenced in of_layer.items() for name, fn in edit(layer, silenced).items()}
    with patch(model, edits):  # type: ignore[arg-type]
        yield


@torch.no_grad()
def token_losses(model: GPT, ids: Tensor, targets: Tensor) -> Tensor:
    """Nats of every target, (S, T) -> (S, T)."""
    logits = model(ids).float()
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none").view(targets.shape)


@torch.no_grad()
def usual_results(model: GPT, ids: Tensor) -> Tensor:
    """What every head gives on average at each position over the rows (S, T): (L, T, H, D)."""
    names = [hook_name("z", layer) for layer in range(model.config.n_layers)]
    with capture(model, names) as seen:
        model(ids)
    return torch.stack([seen[name].float().mean(dim=0) for name in names])


def silenced_losses(
    model: GPT, ids: Tensor, targets: Tensor, sets: Sequence[Sequence[Head]], instead: Tensor | None = None
) -> np.ndarray:
    """Losses (A, S, T) with each set of heads silent in turn: a true forward pass a set."""
    found = []
    for heads in sets:
        with silent(model, heads, instead):
            found.append(token_losses(model, ids, targets))
    return torch.stack(found).cpu().numpy()
