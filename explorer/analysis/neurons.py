"""The neurons of the MLPs on one text: how often each is active, what it reads and gives, and what it adds to the
logits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.analysis.attribution import readout
from llm.model.gpt import GPT
from llm.model.mlp import SwiGLUMLP
from llm.model.norms import LayerNorm
from llm.trace import Trace, hook_name

# Shapes: L layers, T position, M d_mlp, C d_model, V d_vocab, E bins.

BINS = 60
CURVE = 181  # points of a drawn activation function
REPLACED = 1e-2  # of its size: by more an MLP's result is no multiple of what it read


@dataclass(frozen=True)
class Activity:
    """What the neurons of every layer do on a text. One is active where what its activation function reads, of a gated
    MLP the gate, is above 0: there ReLU, GELU and SiLU let through, elsewhere they give nothing or nearly nothing."""

    active: np.ndarray  # L M, int32: on how many tokens
    n_tokens: int
    edges: np.ndarray  # E + 1, float64: the same bins for all layers, from the lowest to the highest value
    counts: np.ndarray  # L E, int64: values after the activation, of all neurons at all tokens

    def never(self, layer: int) -> int:
        """Neurons of a layer active on no token."""
        return int((self.active[layer] == 0).sum())

    def always(self, layer: int) -> int:
        """Neurons of a layer active on every token."""
        return int((self.active[layer] == self.n_tokens).sum())


def _require_mlp(model: GPT) -> None:
    if model.config.mlp == "none":
        raise ValueError("This model has attention alone: its blocks have no MLP, and so no neurons.")


def output_map(model: GPT, layer: int) -> nn.Linear:
    """What an MLP's neurons write: a column each."""
    return cast(nn.Linear, model.blocks[layer].mlp.W_out)


def activity(trace: Trace, model: GPT) -> Activity:
    """Count over all tokens of the text. Raises ValueError for a model without MLPs, as all of this file does."""
    _require_mlp(model)
    layers = range(model.config.n_layers)
    active = torch.stack([(trace.activations[hook_name("pre", at)][0] > 0).sum(dim=0) for at in layers])
    posts = [trace.activations[hook_name("post", at)][0].double().cpu().numpy() for at in layers]
    low, high = min(float(post.min()) for post in posts), max(float(post.max()) for post in posts)
    edges = np.linspace(low, high if high > low else low + 1.0, BINS + 1)
    counts = np.stack([np.histogram(post, edges)[0] for post in posts])
    return Activity(active.int().cpu().numpy(), len(trace.ids), edges, counts)


def given(trace: Trace, model: GPT, position: int) -> np.ndarray:
    """What every neuron gives on at one position, (L, M) float32."""
    _require_mlp(model)
    layers = range(model.config.n_layers)
    return torch.stack([trace.activations[hook_name("post", at)][0, position] for at in layers]).float().cpu().numpy()


@dataclass(frozen=True)
class Neuron:
    """One neuron at every token of the text, and its activation function."""

    pre: np.ndarray  # T, what the activation function reads
    bent: np.ndarray  # T, what it gives
    linear: np.ndarray | None  # T, what that multiplies in a gated MLP
    post: np.ndarray  # T, what the neuron gives on
    curve: np.ndarray  # 2 x CURVE, the function itself around these values


def neuron(trace: Trace, model: GPT, layer: int, at: int) -> Neuron:
    """Neuron `at` of a layer on the text."""
    require_neuron(model, layer, at)

    def values(short: str) -> Tensor:
        return trace.activations[hook_name(short, layer)][0, :, at].float()

    pre, bend = values("pre"), _bend(model, layer)
    reach = max(3.0, 1.1 * float(pre.abs().max()))
    x = torch.linspace(-reach, reach, CURVE)
    return Neuron(
        pre=pre.cpu().numpy(),
        bent=bend(pre).cpu().numpy(),
        linear=values("pre_linear").cpu().numpy() if model.config.mlp == "swiglu" else None,
        post=values("post").cpu().numpy(),
        curve=torch.stack([x, bend(x)]).numpy(),
    )


def _bend(model: GPT, layer: int) -> Callable[[Tensor], Tensor]:
    """An MLP's activation function; of a gated one the gate's."""
    mlp = model.blocks[layer].mlp
    return F.silu if isinstance(mlp, SwiGLUMLP) else cast(Callable[[Tensor], Tensor], mlp.activation)


def require_neuron(model: GPT, layer: int, at: int) -> None:
    _require_mlp(model)
    config = model.config
    if not (0 <= layer < config.n_layers and 0 <= at < config.d_mlp):
        raise ValueError(f"Expected a neuron from 0.0 to {config.n_layers - 1}.{config.d_mlp - 1}, got {layer}.{at}.")


@dataclass(frozen=True)
class Additions:
    """What every neuron adds directly to the logit of one token at one position, the final norm's divisor frozen."""

    token: int
    by_neuron: np.ndarray  # L M, float64
    bias: np.ndarray  # L, float64: what the MLP's own bias adds

    def largest(self, layer: int | None = None, most: int = 5) -> list[tuple[int, int]]:
        """Layer and number of those that add or take most, the largest first; of one layer, or of all."""
        size = np.abs(self.by_neuron)
        if layer is not None:
            size = np.where(np.arange(len(size))[:, None] == layer, size, -1.0)
        order = np.argsort(-size, axis=None, kind="stable")[:most]
        return [(int(i) // size.shape[1], int(i) % size.shape[1]) for i in order]


@torch.no_grad()
def additions(trace: Trace, model: GPT, position: int, token: int | None = None) -> Additions:
    """To the logit of `token`, or of the one that the model finds most likely. Per layer they sum, with the bias, to
    what attribution() gives the MLP. Raises ValueError where the stream is no sum."""
    _require_mlp(model)
    _require_sum(model)
    token = int(trace.logits[position].argmax()) if token is None else token
    direction, _, _ = readout(trace, model, position, token, None)
    by_neuron, bias = [], []
    for layer in range(model.config.n_layers):
        kept = passed_on(trace, model, layer, position)
        post = trace.activations[hook_name("post", layer)][0, position].double()
        by_neuron.append(kept * post * (direction @ output_map(model, layer).weight.double()))
        own = output_map(model, layer).bias
        bias.append(0.0 if own is None else kept * float(own.double() @ direction))
    return Additions(token, torch.stack(by_neuron).cpu().numpy(), np.array(bias))


def _require_sum(model: GPT) -> None:
    if model.config.block == "post_norm":
        raise ValueError(
            "This model normalises its stream after every addition (post-norm), so that what a neuron writes reaches "
            "no logit as a plain sum. What it loses without the neuron is still exact."
        )


def passed_on(trace: Trace, model: GPT, layer: int, position: int) -> float:
    """How many times what an MLP's neurons wrote it gave on: 1 where nobody intervened, 0 where it gave something else
    instead."""
    post = trace.activations[hook_name("post", layer)][0, position]
    wrote = output_map(model, layer)(post).double()
    gave = trace.activations[hook_name("mlp_out", layer)][0, position].double()
    times = float((wrote @ gave) / (wrote @ wrote).clamp_min(1e-30))
    if float((gave - times * wrote).norm()) > REPLACED * (1e-6 + float(wrote.norm())):
        return 0.0
    return 1.0 if abs(times - 1) < 1e-4 else times


@dataclass(frozen=True)
class Writing:
    """What a neuron's output row does to every logit."""

    per_unit: np.ndarray  # V, float32: for each 1 that the neuron gives on, at this position's divisor
    mean: float  # over all tokens, which softmax does not see

    def raised(self, most: int) -> np.ndarray:
        """The tokens that it promotes most."""
        return np.argsort(-self.per_unit, kind="stable")[:most]

    def lowered(self, most: int) -> np.ndarray:
        """The tokens that it suppresses most."""
        return np.argsort(self.per_unit, kind="stable")[:most]


@torch.no_grad()
def writing(trace: Trace, model: GPT, layer: int, at: int, position: int) -> Writing:
    """W_U · (gain ∘ W_out row) / divisor, the row centred where the final norm centres. Raises as additions()."""
    require_neuron(model, layer, at)
    _require_sum(model)
    row = output_map(model, layer).weight[:, at].double()  # C
    norm = model.ln_final
    if isinstance(norm, LayerNorm):
        row = row - row.mean()
    divisor = float(trace.activations[hook_name("ln_final.scale")][0, position, 0])
    read = (row * norm.w.double() / divisor).to(model.unembed.weight.dtype)
    per_unit = (model.unembed.weight @ read).float().cpu().numpy() * passed_on(trace, model, layer, position)
    return Writing(per_unit.astype(np.float32), float(per_unit.mean()))
