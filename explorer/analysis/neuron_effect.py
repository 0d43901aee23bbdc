"""What a text loses without a neuron: the same forward pass again, with what it gives held at zero or at its mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.analysis.neurons import activity, additions, given, output_map, require_neuron
from llm.model.gpt import GPT
from llm.model.hooks import patch
from llm.trace import Trace, hook_name

# Shapes: L layers, T position, M d_mlp, K neurons, V d_vocab.

TRIED = 4  # neurons that are taken out to find one to open on


@dataclass(frozen=True)
class Without:
    """The text again with one neuron held at zero, and at its mean over the text, at every token."""

    answer: np.ndarray  # T, the most likely next token of the whole model
    before: np.ndarray  # T, its probability
    after: np.ndarray  # 2 T, its probability at zero, at the mean
    instead: np.ndarray  # 2 T, the most likely next token then
    mean: float  # the neuron's mean over the text
    loss: float | None  # nats per next token of the text; None for a single token
    loss_after: tuple[float, float] | None  # at zero, at the mean


@torch.no_grad()
def without_neuron(trace: Trace, model: GPT, layer: int, at: int) -> Without:
    """A true forward pass for each of both; any wiring, post-norm too."""
    require_neuron(model, layer, at)
    mean = trace.activations[hook_name("post", layer)][0, :, at].mean()

    def held(post: Tensor) -> Tensor:  # 2 T M
        post = post.clone()
        post[0, :, at], post[1, :, at] = 0, mean.to(post.dtype)
        return post

    with patch(model, {hook_name("post", layer): held}):
        logits = model(trace.ids.expand(2, -1)).float()  # 2 T V
    probs, left = trace.logits.double().softmax(dim=-1), logits.double().softmax(dim=-1)
    before, answer = probs.max(dim=-1)
    after = left.gather(-1, answer.expand(2, -1)[..., None])[..., 0]
    targets = trace.ids[1:]
    losses = None
    if len(targets):
        losses = [float(F.cross_entropy(one[:-1], targets)) for one in (trace.logits, *logits)]
    return Without(
        answer=answer.cpu().numpy(),
        before=before.cpu().numpy(),
        after=after.cpu().numpy(),
        instead=left.argmax(dim=-1).cpu().numpy(),
        mean=float(mean),
        loss=losses[0] if losses else None,
        loss_after=(losses[1], losses[2]) if losses else None,
    )


def standing_out(trace: Trace, model: GPT) -> tuple[int, int]:
    """A neuron to open on. Of those active on at most half of the text, the TRIED that add most to what the model says
    after it (where nothing sums, that write the longest vectors there); of these the one it loses most without."""
    active, last = activity(trace, model).active, len(trace.ids) - 1
    try:
        size = additions(trace, model, last).by_neuron
    except ValueError:
        lengths = torch.stack([output_map(model, layer).weight.norm(dim=0) for layer in range(model.config.n_layers)])
        size = np.abs(given(trace, model, last)) * lengths.cpu().numpy()
    choosy = active <= max(1, len(trace.ids) // 2)
    order = np.argsort(-np.where(choosy, size, -np.inf), axis=None, kind="stable")[:TRIED]
    places = [divmod(int(one), size.shape[1]) for one in order]
    logits = _each_silent(trace, model, places)
    answer = int(trace.logits[last].argmax())
    return places[int(logits.softmax(dim=-1)[:, answer].argmin())]


@torch.no_grad()
def _each_silent(trace: Trace, model: GPT, places: Sequence[tuple[int, int]]) -> Tensor:
    """Logits after the text, (K, V), with each of K neurons at zero in turn."""

    def edit(layer: int) -> Callable[[Tensor], Tensor]:
        def silence(post: Tensor) -> Tensor:  # K T M
            post = post.clone()
            for row, (at, neuron) in enumerate(places):
                if at == layer:
                    post[row, :, neuron] = 0
            return post

        return silence

    with patch(model, {hook_name("post", layer): edit(layer) for layer in {at for at, _ in places}}):
        return model(trace.ids.expand(len(places), -1), last_only=True)[:, 0].float()
