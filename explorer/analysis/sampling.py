"""How scores become a distribution to draw from: what each sampling filter keeps, and which one removes a token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from llm.generation.filters import FILTERS, SamplingConfig, filtered, probabilities

# Shapes: V d_vocab. Everything is computed in float64 over the whole vocabulary, as generation does it.

RESCALING = ("repetition_penalty", "temperature")  # change probabilities; the filters after them only cut
REMOVERS = ("", *FILTERS)  # of a code in Funnel.removed_by


@dataclass(frozen=True)
class Stage:
    """What is left after a filter; one that is off leaves all that it got."""

    name: str  # in FILTERS
    on: bool
    kept: int  # tokens
    mass: float  # probability of the kept, as it was after penalty and temperature, before the first cut
    removed: float  # probability that this filter took away, in the same measure


@dataclass(frozen=True)
class Funnel:
    """From the scores of one position to the distribution that the next token is drawn from."""

    before: np.ndarray  # V, the model's own distribution
    after: np.ndarray  # V, after every filter, summing to 1
    removed_by: np.ndarray  # V, uint8: place in REMOVERS, 0 where the token was kept
    stages: tuple[Stage, ...]  # one for each of FILTERS, in their order
    entropy: tuple[float, float]  # nats, before and after


def funnel(logits: np.ndarray, config: SamplingConfig, ids: Sequence[int] = ()) -> Funnel:
    """Run the filters over the logits (V,) of one position; `ids` is the text up to it, for the repetition penalty.

    Raises ValueError where no logit is a finite highest one.
    """
    current = torch.from_numpy(np.asarray(logits)).double()
    before = probabilities(current)
    done = dict(filtered(current, config, ids))
    reference = before
    for name in RESCALING:
        if name in done:
            reference = probabilities(done[name])
    removed_by = np.zeros(len(before), dtype=np.uint8)
    stages: list[Stage] = []
    mass = 1.0
    for code, name in enumerate(FILTERS, start=1):
        left = done.get(name, current)
        cut = current.isfinite() & ~left.isfinite()
        removed_by[cut.numpy()] = code
        kept, now = left.isfinite(), mass
        if bool(cut.any()):
            now = float(reference[kept].sum())
        stages.append(Stage(name, name in done, int(kept.sum()), now, mass - now))
        current, mass = left, now
    after = probabilities(current)
    return Funnel(before.numpy(), after.numpy(), removed_by, tuple(stages), (entropy(before), entropy(after)))


def entropy(probs: torch.Tensor) -> float:
    """−Σ p ln p in nats: 0 when one token is certain, ln V when all are alike; e to its power counts equal choices."""
    some = probs[probs > 0]
    return float((some * some.log()).sum().clamp(max=0).abs())
