"""The logit lens: what the model would say if it stopped at a depth (nostalgebraist 2020, "interpreting GPT: the logit
lens"): its own final norm and unembedding, applied to the residual stream on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from llm.model.gpt import GPT
from llm.trace import Trace, hook_name

# Shapes: L layers, N = 1 + 2 L depths (1 + L after whole blocks), T position, C d_model, V d_vocab, K answers
# followed, n tokens listed.

LISTED = 5  # most likely tokens kept of each place
_HELD = 40_000_000  # logits held at a time: a large vocabulary or a long text stays bounded
_READ = 1 << 19  # of them read at a time, which the processor's cache holds
_COLUMNS = 1024  # tokens scored at a time, for all depths: their weights come from memory once

After = Literal["embedding", "attention", "mlp"]


@dataclass(frozen=True)
class Depth:
    """A place on the way of the stream: after the embedding, an attention or an MLP."""

    after: After
    layer: int  # 0 for the embedding
    hook: str  # where the stream was read


@dataclass(frozen=True)
class Lens:
    """A next-token distribution for every depth and position, over the full vocabulary; the last depth is the output.

    Early depths may speak another basis than the unembedding reads, so that what they seem to say misleads: Belrose et
    al. 2023, "Eliciting latent predictions from transformers with the tuned lens", train a map for each depth instead.
    """

    depths: tuple[Depth, ...]  # N
    top: np.ndarray  # N T n, int32: the most likely tokens, the first first
    top_prob: np.ndarray  # N T n, float32
    answers: np.ndarray  # K T, int32: what is followed; -1 where there is none
    log_prob: np.ndarray  # K N T, float32: ln p of the answer; NaN where there is none
    rank: np.ndarray  # K N T, int32: its place in the order, from 1, the best among equals; 0 where there is none
    log_total: np.ndarray  # N T, float32: ln of the sum of e^logit, so that p = e^(logit - log_total)
    entropy: np.ndarray  # N T, float32, nats
    kl: np.ndarray  # N T, float32, nats: KL(end ‖ depth), what is lost by stopping there

    @property
    def halves(self) -> bool:
        """Whether blocks are read after their attention too."""
        return len({depth.after for depth in self.depths}) == len(get_args(After))

    def first_to_stay(self, answer: int, position: int) -> int | None:
        """The depth from which the answer is the most likely token up to the end; None where it is not at the end."""
        right = self.top[:, position, 0] == self.answers[answer, position]
        if not right[-1]:
            return None
        wrong = np.flatnonzero(~right)
        return int(wrong[-1]) + 1 if wrong.size else 0


@torch.no_grad()
def logit_lens(trace: Trace, model: GPT, picked: int | None = None, every_step: bool = True) -> Lens:
    """Read the stream at every depth, or after whole blocks alone.

    Followed are, in this order: the token that the whole model says, the one that the text goes on with (none at the
    last position), and `picked` where it is given.

    A post-norm model normalises the stream itself after each addition: there the normalised stream is read.
    """
    T, V = trace.logits.shape
    if picked is not None and not 0 <= picked < V:
        raise ValueError(f"Expected a token from 0 to {V - 1}, got {picked}.")
    goes_on = torch.cat([trace.ids[1:], trace.ids.new_tensor([-1])])
    followed = [trace.logits.argmax(dim=-1), goes_on]
    followed += [torch.full_like(goes_on, picked)] if picked is not None else []
    answers = torch.stack(followed)  # K T
    depths, normed = zip(*((depth, model.ln_final(x)) for depth, x in streams(trace, model, every_step)), strict=True)
    before = torch.stack(normed[:-1])  # N-1 T C: what the last depth says is the output itself
    pieces = []
    held, read = (max(1, room // V) for room in (_HELD // len(before), _READ))
    for start in range(0, T, held):
        logits = _unembedded(model, before[:, start : start + held])
        for at in range(start, min(T, start + held), read):
            rows = slice(at, min(at + read, start + held))
            here = logits[:, :, at - start : rows.stop - start].movedim(0, 2).flatten(2)[..., :V]  # N-1 t V
            every = (*here, trace.logits[rows])
            end = trace.logits[rows].log_softmax(dim=-1)
            whole = end.exp(), _dot(end.exp(), end)
            found = [_read(one, answers[:, rows], *whole) for one in every]
            pieces.append([torch.stack(one) for one in zip(*found, strict=True)])
    ids, probs, log_prob, rank, log_total, entropy, kl = (
        torch.cat(one, dim=-1).cpu().numpy() for one in zip(*pieces, strict=True)
    )
    return Lens(
        depths=depths,
        top=np.moveaxis(ids, 1, 2),
        top_prob=np.moveaxis(probs, 1, 2),
        answers=answers.int().cpu().numpy(),
        log_prob=np.moveaxis(log_prob, 0, 1),
        rank=np.moveaxis(rank, 0, 1),
        log_total=log_total,
        entropy=entropy,
        kl=kl,
    )


def streams(trace: Trace, model: GPT, every_step: bool = True) -> Iterator[tuple[Depth, Tensor]]:
    """The stream (T, C) at every depth, as the next sublayer or the final norm finds it."""
    post_norm, whole = model.config.block == "post_norm", model.config.mlp == "none"

    def at(short: str, layer: int) -> tuple[str, Tensor]:
        name = hook_name(short, layer)
        return name, trace.activations[name][0]

    hook, x = at("resid_pre", 0)
    yield Depth("embedding", 0, hook), x
    for layer, block in enumerate(model.blocks):
        if every_step or whole:
            hook, x = at("resid_mid", layer)
            yield Depth("attention", layer, hook), block.ln1(x) if post_norm else x
        if not whole:
            hook, x = at("resid_post", layer)
            yield Depth("mlp", layer, hook), block.ln2(x) if post_norm else x


def _unembedded(model: GPT, x: Tensor) -> Tensor:
    """Logits of normed streams (N, T, C), in pieces of the vocabulary: (pieces, N, T, _COLUMNS), the last not full."""
    pieces = model.unembed.weight.split(_COLUMNS)
    rows = x.flatten(0, 1)
    out = x.new_empty(len(pieces), len(rows), _COLUMNS)
    for piece, logits in zip(pieces, out, strict=True):
        torch.mm(rows, piece.T, out=logits[:, : len(piece)])
    return out.view(len(pieces), *x.shape[:2], _COLUMNS)


def _dot(a: Tensor, b: Tensor) -> Tensor:
    """Of each row (T, V) with its own: no product is written down."""
    return torch.bmm(a[:, None], b[:, :, None])[:, 0, 0]


def _read(logits: Tensor, answers: Tensor, end: Tensor, less: Tensor) -> tuple[Tensor, ...]:
    """Of logits (T, V) all that is kept of a place; positions last. `end` is p (T, V) of the whole model, and `less`
    its Σ p ln p."""
    logits = logits.float()
    most = logits.amax(dim=-1)
    s = logits - most[:, None]
    e = s.exp()
    total = e.sum(dim=-1)
    log_total = total.log()
    top = s.topk(min(LISTED, s.shape[-1]), dim=-1)
    said = s[torch.arange(len(s), device=s.device), answers.clamp(min=0)]  # K T
    mark = torch.empty_like(s)  # ones as floats are added up many times faster than as booleans, and as exactly
    better = torch.stack([torch.gt(s, one[:, None], out=mark).sum(dim=-1) for one in said]) + 1
    none = answers < 0
    return (
        top.indices.int().T,
        (top.values - log_total[:, None]).exp().T,
        (said - log_total).masked_fill(none, torch.nan),
        better.int().masked_fill(none, 0),
        most + log_total,
        log_total - _dot(e, s) / total,
        less - _dot(end, s) + log_total,
    )
