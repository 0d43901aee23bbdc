"""One forward pass, kept: the tokens, the logits and every activation on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor

from llm.model.gpt import GPT
from llm.model.hooks import capture

# Shapes: T position, V d_vocab; activations keep a batch of 1 and are listed beside their hook points in llm/model.


@dataclass(frozen=True)
class Trace:
    """What a model did with one text. Shared between readers, so never written to."""

    tokens: tuple[bytes, ...]  # one per id; empty when no tokenizer was at hand
    ids: Tensor  # T
    logits: Tensor  # T V, float32
    activations: Mapping[str, Tensor]  # by hook name, B = 1

    @property
    def n_bytes(self) -> int:
        """Memory the tensors hold."""
        return sum(t.nbytes for t in (self.ids, self.logits, *self.activations.values()))


@torch.no_grad()
def trace(
    model: GPT,
    ids: Sequence[int],
    tokens: Sequence[bytes] = (),
    names: Iterable[str] | Callable[[str], bool] | None = None,
) -> Trace:
    """Run the model once over `ids` and keep the named activations (all by default).

    Edits of an enclosing `patch` are in effect. Raises ValueError on an empty or too long text, an id outside the
    vocabulary, or a model in training mode (dropout would make the numbers untrue).
    """
    if model.training:
        raise ValueError("Expected a model in evaluation mode, got one in training mode; call model.eval().")
    if tokens and len(tokens) != len(ids):
        raise ValueError(f"Expected one token per id, got {len(tokens)} tokens and {len(ids)} ids.")
    row = torch.tensor(list(ids), dtype=torch.long, device=model.embed.weight.device)
    if row.numel() and not 0 <= int(row.min()) <= int(row.max()) < model.config.d_vocab:
        raise ValueError(
            f"Expected ids from 0 to {model.config.d_vocab - 1}, got {int(row.min())} to {int(row.max())}."
        )
    with capture(model, names) as activations:
        logits = model(row[None])
    return Trace(tuple(tokens), row, logits[0].float(), MappingProxyType(activations))


_ATTENTION = {"q", "k", "v", "rot_q", "rot_k", "attn_scores", "pattern", "z"}
_MLP = {"pre", "pre_linear", "post"}
_STREAM = {"resid_pre", "resid_mid", "resid_post", "attn_out", "mlp_out"}
_NORM = {"scale", "normalized"}


def hook_name(short: str, layer: int | None = None) -> str:
    """The full name of a hook point: `("pattern", 3)`, `("resid_post", 2)`, `("ln1.scale", 0)`, `"ln_final.scale"`."""
    if layer is None:
        module, _, kind = short.rpartition(".")
        if short in {"embed", "pos_embed"} or (module == "ln_final" and kind in _NORM):
            return f"{module}.hook_{kind}" if module else f"hook_{kind}"
    elif short in _ATTENTION:
        return f"blocks.{layer}.attn.hook_{short}"
    elif short in _MLP:
        return f"blocks.{layer}.mlp.hook_{short}"
    elif short in _STREAM:
        return f"blocks.{layer}.hook_{short}"
    elif short.startswith(("ln1.", "ln2.")) and short[4:] in _NORM:
        return f"blocks.{layer}.{short[:3]}.hook_{short[4:]}"
    raise KeyError(f"No hook point is called {short!r} {'at the top level' if layer is None else 'in a block'}.")
