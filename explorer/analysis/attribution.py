"""Where one logit comes from: direct logit attribution (Elhage et al. 2021, "A mathematical framework for transformer
circuits"), by component and by token of the text, and gradient x input (Shrikumar et al. 2016) beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from llm.model.attention import Attention
from llm.model.gpt import GPT
from llm.model.hooks import patch
from llm.model.norms import LayerNorm
from llm.trace import Trace, hook_name

# Shapes: L layers, H query heads, S source position (S = position + 1), D d_head, C d_model, V d_vocab.

Kind = Literal["embedding", "position", "head", "attention", "attention_bias", "mlp", "norm_bias"]
EDITED = 1e-2  # of its size: by more a head's result differs from what it read only if it was edited
CLEAR = 0.1  # of its own largest: from here up a token's share has a sign worth comparing


@dataclass(frozen=True)
class Part:
    """What one component adds to the logit; without a layer where it stands outside the blocks."""

    kind: Kind
    value: float
    layer: int | None = None
    head: int | None = None  # of kind "head"


@dataclass(frozen=True)
class Attribution:
    """One position's logit of a token, or its lead over the token `against`, as a sum.

    The final norm's divisor is frozen at the one that this position has: the parts then add up, but what a change of a
    part would do to the divisor is left out.
    """

    position: int
    token: int
    against: int | None
    logit: float  # as the model computed it, in float32
    divisor: float
    parts: tuple[Part, ...]  # in the order of the depth
    moved: np.ndarray | None  # L H S, float64: each head's part by the position it was read from; None where not split
    own: float  # what this position's own embedding and MLPs add

    @property
    def remainder(self) -> float:
        """The logit less the sum of the parts: rounding of the model's float32, no more."""
        return self.logit - sum(part.value for part in self.parts)

    @property
    def by_token(self) -> np.ndarray | None:
        """The logit by the position it was written at, (S,); biases come from no token and are left out."""
        if self.moved is None:
            return None
        total: np.ndarray = self.moved.sum(axis=(0, 1))
        total[-1] += self.own
        return total


@torch.no_grad()
def attribution(trace: Trace, model: GPT, position: int, token: int, against: int | None = None) -> Attribution:
    """Split the logit at `position`. Raises ValueError for a model whose stream is no sum."""
    if model.config.block == "post_norm":
        raise ValueError(
            "This model normalises its stream after every addition (post-norm), so that the stream is no sum of what "
            "its parts wrote and no logit can be split among them exactly."
        )
    for one in (token, *([] if against is None else [against])):
        if not 0 <= one < model.config.d_vocab:
            raise ValueError(f"Expected a token from 0 to {model.config.d_vocab - 1}, got {one}.")
    direction, constant, divisor = readout(trace, model, position, token, against)

    def added(name: str) -> float:
        return float(trace.activations[name][0, position].double() @ direction)

    parts = [Part("embedding", added(hook_name("embed")))]
    if hook_name("pos_embed") in trace.activations:
        parts.append(Part("position", added(hook_name("pos_embed"))))
    moved: list[np.ndarray] = []
    for layer, block in enumerate(model.blocks):
        whole = added(hook_name("attn_out", layer))
        by_head = _heads(trace, block.attn, layer, position, direction)
        bias = float(_bias(block.attn, direction))
        if abs(by_head.sum() + bias - whole) > 1e-3 * (1 + np.abs(by_head).sum()):  # a norm stands before the addition
            parts.append(Part("attention", whole, layer))
        else:
            moved.append(_moved(trace, block.attn, layer, position, direction))
            parts += [Part("head", float(value), layer, head) for head, value in enumerate(by_head)]
            parts += [Part("attention_bias", bias, layer)] if block.attn.W_O.bias is not None else []
        if model.config.mlp != "none":
            parts.append(Part("mlp", added(hook_name("mlp_out", layer)), layer))
    if model.ln_final.b is not None:
        parts.append(Part("norm_bias", constant))
    logits = trace.logits[position].double()
    return Attribution(
        position=position,
        token=token,
        against=against,
        logit=float(logits[token] - (0.0 if against is None else logits[against])),
        divisor=divisor,
        parts=tuple(parts),
        moved=np.stack(moved) if len(moved) == len(model.blocks) else None,
        own=sum(part.value for part in parts if part.kind in ("embedding", "position", "mlp")),
    )


def readout(trace: Trace, model: GPT, position: int, token: int, against: int | None) -> tuple[Tensor, float, float]:
    """The direction (C) whose dot product with a part of the stream is what that adds, what the norm's bias adds, and
    the divisor. The gain is folded in; centring moves from the stream to the direction: d · (x - mean x) =
    (d - mean d) · x."""
    rows = model.unembed.weight
    row = rows[token].double() - (0.0 if against is None else rows[against].double())
    norm, divisor = model.ln_final, float(trace.activations[hook_name("ln_final.scale")][0, position, 0])
    direction = row * norm.w.double()
    if isinstance(norm, LayerNorm):
        direction = direction - direction.mean()
    return direction / divisor, float(row @ norm.b.double()) if norm.b is not None else 0.0, divisor


def _pulled_back(attention: Attention, direction: Tensor) -> Tensor:
    """The direction as each head's result is read by it, (H, D): direction · W_O."""
    return (direction @ attention.W_O.weight.double()).view(attention.n_heads, attention.d_head)


def _heads(trace: Trace, attention: Attention, layer: int, position: int, direction: Tensor) -> np.ndarray:
    """What each head adds, z W_O · direction, (H,)."""
    z = trace.activations[hook_name("z", layer)][0, position].double()  # H D
    return (z * _pulled_back(attention, direction)).sum(dim=-1).cpu().numpy()


def _bias(attention: Attention, direction: Tensor) -> float:
    bias = attention.W_O.bias
    return 0.0 if bias is None else float(bias.double() @ direction)


def _moved(trace: Trace, attention: Attention, layer: int, position: int, direction: Tensor) -> np.ndarray:
    """The same by source, pattern · (v W_O · direction), (H, S)."""
    S = position + 1
    weights = trace.activations[hook_name("pattern", layer)][0, :, position, :S].double()  # H S
    v = trace.activations[hook_name("v", layer)][0, :S].double()  # S G D
    v = v.repeat_interleave(attention.n_heads // attention.n_kv_heads, dim=1)  # S H D
    values = torch.einsum("shd,hd->hs", v, _pulled_back(attention, direction))
    z = trace.activations[hook_name("z", layer)][0, position].double()  # H D
    return (weights * values * _kept(z, torch.einsum("hs,shd->hd", weights, v))[:, None]).cpu().numpy()


def _kept(z: Tensor, read: Tensor) -> Tensor:
    """How many times what a head read (H, D) it gave on: 1 where nobody intervened, 0 where it gave something else
    instead, which then came from no token; (H,)."""
    times = (z * read).sum(dim=-1) / (read * read).sum(dim=-1).clamp_min(1e-30)
    other = (z - times[:, None] * read).norm(dim=-1) > EDITED * (1e-6 + read.norm(dim=-1))
    whole = (times - 1).abs() < EDITED
    return torch.where(other, 0.0, torch.where(whole, 1.0, times))


def gradient_x_input(trace: Trace, model: GPT, position: int, token: int, against: int | None = None) -> np.ndarray:
    """d logit / d embedding · embedding for each token up to `position`, (S,) float64: how fast the logit would grow
    if that token's embedding did, by every path through the model, to first order. It need not sum to the logit."""
    leaf: list[Tensor] = []

    def watched(x: Tensor) -> Tensor:
        leaf.append(x.detach().requires_grad_())
        return leaf[0]

    with torch.enable_grad(), patch(model, {hook_name("embed"): watched}):
        logits = model(trace.ids[None, : position + 1], last_only=True)[0, -1]
        asked = logits[token] - (0.0 if against is None else logits[against])
        (gradient,) = torch.autograd.grad(asked, leaf[0])
    return (gradient[0].double() * leaf[0].detach()[0].double()).sum(dim=-1).cpu().numpy()


@dataclass(frozen=True)
class Agreement:
    """How two ways to share a logit among the tokens of a text compare."""

    first: tuple[int, int]  # where each has its largest share
    opposite: tuple[int, ...]  # where both are at least CLEAR of their own largest, and of opposite sign


def agreement(one: np.ndarray, other: np.ndarray) -> Agreement:
    """Compare two shares (S,), each on its own scale."""
    clear = [np.abs(shares) >= CLEAR * max(np.abs(shares).max(), 1e-12) for shares in (one, other)]
    opposite = np.flatnonzero(clear[0] & clear[1] & (np.sign(one) != np.sign(other)))
    return Agreement((int(one.argmax()), int(other.argmax())), tuple(int(s) for s in opposite))
