"""Sampling filters: what stands between a model's logits and the token drawn.

Each is a pure function of logits, and of nothing random. A removed token has the logit -inf; at least one token is
always left. Order and definitions are exact, ties included, so that a twin in another language gives the same sets.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

# Shapes: V d_vocab; every function takes logits (..., V), filters the last axis, and keeps shape and dtype.

_ROUNDING = 1e-9  # of a sum of probabilities: ten tokens of 0.1 reach a top_p of 0.8 with eight, not nine
_TINY = torch.finfo(torch.float32).tiny


@dataclass(frozen=True)
class SamplingConfig:
    """How the next token is chosen. The defaults draw from the model's own distribution."""

    temperature: float = 1.0  # logits are divided by it; 0 always takes the most likely token
    top_k: int = 0  # keep this many tokens; 0 keeps all
    top_p: float = 1.0  # keep the fewest tokens that hold this much probability; 1 keeps all
    min_p: float = 0.0  # keep tokens with this share of the top probability; 0 keeps all
    repetition_penalty: float = 1.0  # weaken tokens already in the text; 1 leaves them alone

    def __post_init__(self) -> None:
        for name in ("temperature", "top_p", "min_p", "repetition_penalty"):
            value = getattr(self, name)
            if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
                raise ValueError(f"{name} must be a finite number, got {value!r}.")
        if self.temperature < 0:
            raise ValueError(f"temperature must be at least 0 (0 is greedy), got {self.temperature!r}.")
        if not isinstance(self.top_k, int) or isinstance(self.top_k, bool) or self.top_k < 0:
            raise ValueError(f"top_k must be a whole number of at least 0 (0 keeps all tokens), got {self.top_k!r}.")
        if not 0 <= self.top_p <= 1:
            raise ValueError(f"top_p must be from 0 (one token) to 1 (all tokens), got {self.top_p!r}.")
        if not 0 <= self.min_p <= 1:
            raise ValueError(f"min_p must be from 0 (all tokens) to 1 (only the most likely), got {self.min_p!r}.")
        if not self.repetition_penalty > 0:
            raise ValueError(
                f"repetition_penalty must be above 0 (above 1 discourages repeats), got {self.repetition_penalty!r}."
            )

    @property
    def greedy(self) -> bool:
        """Whether the most likely token is always taken, so that no seed matters."""
        return self.temperature == 0


def probabilities(logits: Tensor) -> Tensor:
    """softmax(logits) in float64, (..., V): exactly 0 where a token was removed, and summing to 1.

    Raises ValueError where nothing is left to choose from: every logit -inf, or one that is NaN or +inf.
    """
    _highest(logits)
    return logits.double().softmax(dim=-1)


def repetition_penalty(logits: Tensor, penalty: float, ids: Sequence[int]) -> Tensor:
    """For each distinct token of `ids`: logit / penalty where it is positive, logit · penalty where it is not.

    (Keskar et al. 2019, the form in use since Hugging Face's.) The penalty is the same however often a token occurred.
    """
    _highest(logits)
    index = torch.tensor(sorted(set(ids)), dtype=torch.long, device=logits.device)
    seen = logits[..., index]
    return logits.index_copy(-1, index, torch.where(seen > 0, seen / penalty, seen * penalty))


def temperature(logits: Tensor, temperature: float) -> Tensor:
    """(logit - highest logit) / temperature: below 1 sharpens, above 1 flattens, and none is removed.

    The shift changes no probability and keeps a tiny temperature finite. At 0, the limit: only the highest logit
    survives, the one with the lowest id if several are equal.
    """
    highest = _highest(logits)
    if temperature == 0:
        kept = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, logits.argmax(dim=-1, keepdim=True), True)
        return _keep(logits, kept)
    return (logits - highest) / max(temperature, _TINY)


def top_k(logits: Tensor, k: int) -> Tensor:
    """Keep the k highest logits; of equal ones at the cut, those with the lowest ids (Fan et al. 2018).

    So exactly k survive, or all where k is 0 or more than V.
    """
    _highest(logits)
    if not 0 < k < logits.shape[-1]:
        return logits
    lowest = logits.topk(k, dim=-1).values[..., -1:]
    kept = logits >= lowest
    if int(kept.sum()) * logits.shape[-1] > k * logits.numel():  # equal logits at the cut
        above, equal = logits > lowest, logits == lowest
        kept = above | (equal & (above.sum(dim=-1, keepdim=True) + equal.cumsum(dim=-1) <= k))
    return _keep(logits, kept)


def top_p(logits: Tensor, p: float) -> Tensor:
    """Keep the nucleus (Holtzman et al. 2020): from the most likely down, the fewest tokens that hold p between them.

    Tokens are ordered by probability, equal ones by id, lowest first; the cut may fall between equals. A token is kept
    if those before it hold less than p - 1e-9, so the one that reaches p is kept, and the first always. 1 keeps all.
    """
    _highest(logits)
    if p >= 1:
        return logits
    ordered, order = logits.sort(dim=-1, descending=True, stable=True)
    probs = probabilities(ordered)
    before = probs.cumsum(dim=-1) - probs
    inside = before < p - _ROUNDING
    inside[..., 0] = True
    return _keep(logits, torch.zeros_like(inside).scatter(-1, order, inside))


def min_p(logits: Tensor, share: float) -> Tensor:
    """Keep tokens whose probability is at least `share` of the highest one's (Nguyen et al. 2024).

    That is e^(logit - highest logit) ≥ share, in float64; equal tokens are kept or removed together. 0 keeps all.
    """
    highest = _highest(logits)
    return _keep(logits, (logits.double() - highest).exp() >= share)


def _highest(logits: Tensor) -> Tensor:
    """The highest logit, (..., 1), known to be finite."""
    if logits.shape[-1] == 0:
        raise ValueError("Expected a logit for each token, got none.")
    highest = logits.amax(dim=-1, keepdim=True)
    if not math.isfinite(highest.sum(dtype=torch.float64)):
        raise ValueError(
            "Expected a finite highest logit, got one that is NaN or infinite: the model's weights are not finite, or "
            "every token was removed; load an earlier checkpoint."
        )
    return highest


def _keep(logits: Tensor, kept: Tensor) -> Tensor:
    return logits.masked_fill(~kept, -math.inf)


@dataclass(frozen=True)
class Filter:
    """A row of the table: when it does something, and what."""

    on: Callable[[SamplingConfig], bool]
    apply: Callable[[Tensor, SamplingConfig, Sequence[int]], Tensor]  # logits, settings, ids of the text so far


FILTERS: dict[str, Filter] = {
    "repetition_penalty": Filter(
        lambda c: c.repetition_penalty != 1, lambda x, c, ids: repetition_penalty(x, c.repetition_penalty, ids)
    ),
    "temperature": Filter(lambda c: c.temperature != 1, lambda x, c, ids: temperature(x, c.temperature)),
    "top_k": Filter(lambda c: c.top_k > 0, lambda x, c, ids: top_k(x, c.top_k)),
    "top_p": Filter(lambda c: c.top_p < 1, lambda x, c, ids: top_p(x, c.top_p)),
    "min_p": Filter(lambda c: c.min_p > 0, lambda x, c, ids: min_p(x, c.min_p)),
}
"""In the order of application; a name is also the field of `SamplingConfig` that it reads."""


def filtered(logits: Tensor, config: SamplingConfig, ids: Sequence[int] = ()) -> Iterator[tuple[str, Tensor]]:
    """The logits after each filter that is on, with its name, in order: each reads what the one before it left.

    Filters read logits, so top_p and min_p see the probabilities as they are after temperature and the cuts before.
    """
    for name, step in FILTERS.items():
        if step.on(config):
            logits = step.apply(logits, config, ids)
            yield name, logits
