"""What breaks without a norm: the same forward pass again, with one norm left out or its divisor frozen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.analysis.norms import norm_of, places, streams
from llm.model.gpt import GPT
from llm.model.hooks import patch
from llm.trace import Trace, trace

# Shapes: P places, B batch, T position, C d_model, V d_vocab, n tokens listed.

LISTED = 5  # most likely tokens kept of each position
QUICK = 2e9  # multiply-adds, about one a parameter and token: up to so many, every norm is left out in turn

How = Literal["bypass", "mean", "token"]


@dataclass(frozen=True)
class NormTrial:
    """The next token after each position, with the model as it is and with one norm changed."""

    divisor: float | None  # by which every token was divided; None where nothing was
    answer: np.ndarray  # T, int32: the most likely token of the model as it is
    before: np.ndarray  # T, float32: its probability
    after: np.ndarray  # T: the same in the second pass
    top: np.ndarray  # 2 T n, int32: the most likely tokens, as it is and in the second pass
    top_prob: np.ndarray  # 2 T n, float32
    kl: np.ndarray  # T, nats: KL(as it is ‖ second pass)
    loss: tuple[float, float] | None  # mean nats of the text's next tokens; None for a single token
    length: np.ndarray  # P T: of the stream in the second pass


@contextmanager
def changed(given: Trace, model: GPT, place: int, how: How, like: int = 0) -> Iterator[float | None]:
    """Within the block the norm that reads a place is another; gives the divisor that all tokens then have.

    "bypass": the stream itself stands for what was centred and divided; gain and bias still act. "mean": every token
    is divided by the mean of the text's divisors, later ones too. "token": by the divisor of the token `like`. What the
    norm reads is as it was, since nothing before it changes.
    """
    found = places(model.config)
    if not 0 <= place < len(found):
        raise ValueError(f"Expected a place from 0 to {len(found) - 1}, got {place}.")
    where = found[place]
    norm_of(model, where)
    if how == "bypass":
        x = next(x for one, x, _ in streams(given, model) if one == where)
        with patch(model, {f"{where.norm}.hook_normalized": lambda was: x.expand_as(was)}):
            yield None
        return
    divisors = given.activations[f"{where.norm}.hook_scale"][0, :, 0]
    if not 0 <= like < len(divisors):
        raise ValueError(f"Expected a token from 0 to {len(divisors) - 1}, got {like}.")
    one = divisors.mean() if how == "mean" else divisors[like]
    with patch(model, {f"{where.norm}.hook_scale": lambda was: one.expand_as(was)}):
        yield float(one)


@torch.no_grad()
def norm_trial(given: Trace, model: GPT, place: int, how: How, like: int = 0) -> NormTrial:
    """Run the traced text again with the norm at a place changed, and compare. Raises ValueError where no norm is."""
    hooks = [one.hook for one in places(model.config) if one.step != "normed"]
    with changed(given, model, place, how, like) as divisor:
        again = trace(model, given.ids.tolist(), names=hooks)
        length = np.stack([x.float().norm(dim=-1).cpu().numpy() for _, x, _ in streams(again, model)])
    was, now = (one.logits.double().log_softmax(dim=-1) for one in (given, again))
    tops = [one.topk(min(LISTED, one.shape[-1]), dim=-1) for one in (was, now)]
    answer = was.argmax(dim=-1)

    def said(log_p: Tensor) -> np.ndarray:
        return log_p.gather(-1, answer[:, None])[:, 0].exp().float().cpu().numpy()

    targets = given.ids[1:]
    losses = [float(F.nll_loss(one[:-1], targets)) for one in (was, now)] if len(targets) else []
    return NormTrial(
        divisor=divisor,
        answer=answer.int().cpu().numpy(),
        before=said(was),
        after=said(now),
        top=np.stack([one.indices.int().cpu().numpy() for one in tops]),
        top_prob=np.stack([one.values.exp().float().cpu().numpy() for one in tops]),
        kl=torch.linalg.vecdot(was.exp(), was - now).clamp(min=0).float().cpu().numpy(),
        loss=(losses[0], losses[1]) if losses else None,
        length=length,
    )


@torch.no_grad()
def every_norm(given: Trace, model: GPT) -> np.ndarray | None:
    """Probability of each position's most likely token with each norm bypassed in turn, (P, T) float32; NaN where no
    norm is. None for a text that would take long (QUICK)."""
    found, T = places(model.config), len(given.ids)
    if len(found) * T * model.n_params > QUICK:
        return None
    answer = given.logits.argmax(dim=-1)[:, None]
    after = np.full((len(found), T), np.nan, dtype=np.float32)
    for place, one in enumerate(found):
        if one.norm:
            with changed(given, model, place, "bypass"):
                probs = model(given.ids[None])[0].float().softmax(dim=-1)
            after[place] = probs.gather(-1, answer)[:, 0].cpu().numpy()
    return after
