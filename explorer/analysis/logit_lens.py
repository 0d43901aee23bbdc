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
_ROWS = 128  # positions at a time, so that a large vocabulary stays bounded

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
    end = torch.cat([trace.logits[at : at + _ROWS].log_softmax(dim=-1) for at in range(0, T, _ROWS)])
    depths, found = [], []
    for depth, x in streams(trace, model, every_step):
        rows = [slice(at, at + _ROWS) for at in range(0, T, _ROWS)]
        read = [_read(model.unembed(model.ln_final(x[at])), answers[:, at], end[at]) for at in rows]
        depths.append(depth)
        found.append([torch.cat(parts, dim=-1) for parts in zip(*read, strict=True)])
    ids, probs, log_prob, rank, log_total, entropy, kl = (
        torch.stack(one).cpu().numpy() for one in zip(*found, strict=True)
    )
    return Lens(
        depths=tuple(depths),
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


def _read(logits: Tensor, answers: Tensor, end: Tensor) -> tuple[Tensor, ...]:
    """Of logits (T, V) all that is kept of a place; positions last. `end` is ln p (T, V) of the whole model."""
    logits = logits.float()
    total = logits.logsumexp(dim=-1)
    log_p = logits - total[:, None]
    top = log_p.topk(min(LISTED, logits.shape[-1]), dim=-1)
    rows = torch.arange(len(logits), device=logits.device)
    said = log_p[rows, answers.clamp(min=0)]  # K T
    better = torch.stack([(log_p > one[:, None]).count_nonzero(dim=-1) for one in said]) + 1
    none = answers < 0
    return (
        top.indices.int().T,
        top.values.exp().T,
        said.masked_fill(none, torch.nan),
        better.int().masked_fill(none, 0),
        total,
        -torch.linalg.vecdot(log_p.exp(), log_p),
        torch.linalg.vecdot(end.exp(), end - log_p),
    )
