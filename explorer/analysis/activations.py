"""Every activation of a trace that belongs to one block, or to none: name, shape, what it is, how large it is."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from llm.trace import Trace

MEANING = {
    "embed": "the token's row of the embedding table",
    "pos_embed": "the position's vector, added to it",
    "resid_pre": "the residual stream as it enters the block",
    "ln1.scale": "what the norm before attention divides by",
    "ln1.normalized": "the stream after that norm, before its gain",
    "q": "queries, one for each head",
    "k": "keys",
    "v": "values",
    "rot_q": "queries turned by their position",
    "rot_k": "keys turned by their position",
    "attn_scores": "q·k / √d_head before softmax; masked ones, −∞, are left out of the length",
    "pattern": "attention weights; each row sums to 1",
    "z": "the mean of the values, weighted by the pattern",
    "attn_out": "what attention adds to the stream",
    "resid_mid": "the stream between attention and MLP",
    "ln2.scale": "what the norm before the MLP divides by",
    "ln2.normalized": "the stream after that norm, before its gain",
    "pre": "neurons before the activation function",
    "pre_linear": "what the gate multiplies",
    "post": "neurons after it",
    "mlp_out": "what the MLP adds to the stream",
    "resid_post": "the stream as it leaves the block",
    "ln_final.scale": "what the final norm divides by",
    "ln_final.normalized": "the stream after the final norm, before its gain",
}
_ALIBI = {
    "attn_scores": "q·k / √d_head − m·distance before softmax, m the head's slope; "
    "masked ones, −∞, are left out of the length"
}
_POST_NORM = {
    "ln1.scale": "what the norm after attention divides by",
    "ln2.scale": "what the norm after the MLP divides by",
    "resid_mid": "stream plus attention, before its norm",
    "resid_post": "stream plus MLP, before its norm",
}


@dataclass(frozen=True)
class Activation:
    """One hooked value."""

    name: str
    shape: tuple[int, ...]
    meaning: str
    length: float  # L2 norm over all its finite numbers


def block_activations(trace: Trace, layer: int, post_norm: bool = False, alibi: bool = False) -> list[Activation]:
    """What comes before the blocks, then the block, then what comes after, each in the order of the forward pass."""
    place, words = f"blocks.{layer}.", MEANING | (_POST_NORM if post_norm else {}) | (_ALIBI if alibi else {})
    shorts = {name: _short(name) for name in trace.activations if name.startswith(place) or "blocks." not in name}
    order = list(MEANING)
    return [
        Activation(name, tuple(value.shape), words[short], _length(value))
        for name, short in sorted(shorts.items(), key=lambda item: order.index(item[1]))
        for value in [trace.activations[name]]
    ]


def _short(name: str) -> str:
    """ "blocks.2.attn.hook_pattern" -> "pattern", "blocks.2.ln1.hook_scale" -> "ln1.scale"."""
    module, _, last = name.rpartition(".")
    kind, module = last.removeprefix("hook_"), module.rpartition(".")[2]
    return f"{module}.{kind}" if module.startswith("ln") else kind


def _length(value: torch.Tensor) -> float:
    return float(torch.where(value.isfinite(), value.detach(), 0.0).double().norm())
