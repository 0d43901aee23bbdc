"""Activation patching: which part of one run, put into another, carries its answer.

(Meng et al. 2022; Wang et al. 2022)
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from explorer.analysis.edits import Means, from_trace
from explorer.analysis.interventions import Kind, Part
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.model.hooks import Edit, patch
from llm.trace import Trace, trace

# Shapes: L layers, B batch, T position, H query heads, D d_head, C d_model, V d_vocab, K cells, n tokens listed.

LISTED = 6  # most likely tokens kept of a pass
QUICK = 2.5e10  # multiply-adds, about one a parameter and token: a sweep of fewer is made unasked
CHUNK = 1e10  # of one forward pass of a sweep, so that progress is told and a Stop is heard

Way = Literal["denoise", "noise", "zero", "mean"]
Answers = tuple[int, int]  # the clean prompt's and the corrupted one's


@dataclass(frozen=True)
class Said:
    """What comes after the last token of some passes, in raw logits and probabilities over the whole vocabulary."""

    logits: np.ndarray  # K 2, float64: of the two answers
    probs: np.ndarray  # K 2, float64
    top: np.ndarray  # K n, int32
    top_prob: np.ndarray  # K n, float32
    seconds: float = 0.0  # that the passes took

    @property
    def difference(self) -> np.ndarray:
        """The metric: the clean answer's logit less the corrupted one's, (K,)."""
        return np.asarray(self.logits[:, 0] - self.logits[:, 1])


def share(difference: np.ndarray, both: Said) -> np.ndarray:
    """Logit differences on the scale of two runs: 1 is the clean one's, 0 the corrupted one's."""
    clean, corrupted = both.difference
    return np.asarray((difference - corrupted) / (clean - corrupted))


def cells(config: GPTConfig, n_tokens: int) -> list[Part]:
    """All that a sweep tries: the stream into each block, each attention and MLP, at each token; each head at all."""
    kinds: list[Kind] = ["stream", "attention", "mlp"] if config.mlp != "none" else ["stream", "attention"]
    layers = range(config.n_layers)
    found = [Part(layer, kind=kind, at=at) for kind in kinds for layer in layers for at in range(n_tokens)]
    return found + [Part(layer, head) for layer in layers for head in range(config.n_heads)]


def cost(model: GPT, n_tokens: int) -> float:
    """Multiply-adds of a sweep, about."""
    return float(len(cells(model.config, n_tokens)) * n_tokens * model.n_params)


def answers(clean: Trace, other: Trace) -> Answers:
    """The most likely token of each run; where both say the same, the corrupted run's next one."""
    first = int(clean.logits[-1].argmax())
    ranked = other.logits[-1].topk(min(2, other.logits.shape[-1])).indices.tolist()
    return first, next((token for token in ranked if token != first), first)


def both_runs(
    clean: Trace, model: GPT, corrupted: tuple[int, ...], asked: tuple[int | None, int | None]
) -> tuple[Answers, Said]:
    """The answers that are compared, those asked for or each run's own, and what both runs say of them: K = 2."""
    other = trace(model, corrupted, names=())
    own = answers(clean, other)
    chosen = (own[0] if asked[0] is None else asked[0], own[1] if asked[1] is None else asked[1])
    return chosen, _said(torch.stack([clean.logits[-1], other.logits[-1]]), chosen)


@torch.no_grad()
def sweep(
    clean: Trace,
    model: GPT,
    corrupted: tuple[int, ...],
    chosen: Answers,
    way: Way,
    usual: Means | None = None,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> Said:
    """Every one of `cells` in a true forward pass of its own, many in a batch; K in their order.

    "denoise" puts what the clean run gave into the corrupted run, "noise" the other way round; "zero" and "mean" (of
    `usual`) put those into the clean run. `told` hears how many are done. Raises ValueError on prompts of unequal
    length.
    """
    T = len(clean.ids)
    if len(corrupted) != T:
        raise ValueError(f"Expected two prompts with as many tokens, got {T} and {len(corrupted)}; line them up.")
    base, source = given(clean, model, corrupted, way)
    parts = cells(model.config, T)
    rows = int(max(1, min(len(parts), CHUNK // (T * model.n_params))))
    logits, began = [], time.perf_counter()
    for first in range(0, len(parts), rows):
        told(first, len(parts))
        logits.append(_each(base, model, parts[first : first + rows], lambda part: put_in(part, source, way, usual)))
    return replace(_said(torch.cat(logits), chosen), seconds=time.perf_counter() - began)


def given(clean: Trace, model: GPT, corrupted: tuple[int, ...], way: Way) -> tuple[Tensor, Trace]:
    """The ids of the run that is changed, and the run that gives."""
    other = torch.tensor(corrupted, dtype=clean.ids.dtype, device=clean.ids.device)
    if way == "denoise":
        return other, clean
    return clean.ids, trace(model, corrupted) if way == "noise" else clean


def put_in(part: Part, source: Trace, way: Way, usual: Means | None) -> Tensor:
    """What stands in a part's place: (...) at one token or for all, or (T ...)."""
    was = from_trace(source, part)
    if way == "zero":
        return torch.zeros_like(was)
    if way == "mean":
        if usual is None:
            raise ValueError("Expected the means of the model's parts, got none.")
        return usual.of(part).to(was.dtype)
    return was


def _each(base: Tensor, model: GPT, parts: Sequence[Part], value: Callable[[Part], Tensor]) -> Tensor:
    """Logits after the last token, (B, V), of a batch of the text in which each row has another part changed."""
    at_hook: dict[str, list[tuple[int, Part]]] = defaultdict(list)
    for row, part in enumerate(parts):
        at_hook[part.hook].append((row, part))

    def edit(here: list[tuple[int, Part]]) -> Edit:
        def changed(x: Tensor) -> Tensor:  # B T H D, or B T C
            x = x.clone()
            for row, part in here:
                part.of(x)[row, slice(None) if part.at is None else part.at] = value(part)
            return x

        return changed

    with patch(model, {name: edit(here) for name, here in at_hook.items()}):
        return model(base.expand(len(parts), -1), last_only=True)[:, 0].float()


@dataclass(frozen=True)
class Trial:
    """One part put in another's place by hand: what is said before and after, of the same tokens."""

    said: Said  # K = 2: the run as it is, and changed
    tokens: np.ndarray  # n, int32: the likely ones of either, and the answers
    before: np.ndarray  # n, float64
    after: np.ndarray  # n, float64


@torch.no_grad()
def trial(
    clean: Trace,
    model: GPT,
    corrupted: tuple[int, ...],
    chosen: Answers,
    way: Way,
    part: Part,
    origin: Part,
    usual: Means | None = None,
) -> Trial:
    """Put what `origin` gave in the giving run in place of `part`, in one forward pass. Prompts of any length."""
    base, source = given(clean, model, corrupted, way)
    for place, n, run in ((part, len(base), "run that is changed"), (origin, len(source.ids), "run that gives")):
        if (place.at or 0) >= n:
            raise ValueError(f"Expected a token from 0 to {n - 1} of the {run}, got {place.at}.")
    value = put_in(origin, source, way, usual)
    if part.at is None and way in ("denoise", "noise") and len(value) != len(base):
        raise ValueError("Expected two prompts with as many tokens, to put in a head at all of them; line them up.")
    was = model(base[None], last_only=True)[0, 0].float()
    logits = torch.stack([was, _each(base, model, [part], lambda _: value)[0]])
    said = _said(logits, chosen)
    tokens = np.array(list(dict.fromkeys([*chosen, *said.top[:, :4].ravel().tolist()])), dtype=np.int32)
    probs = logits.double().softmax(dim=-1).cpu().numpy()
    return Trial(said, tokens, probs[0, tokens], probs[1, tokens])


@torch.no_grad()
def entering(clean: Trace, model: GPT, corrupted: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray] | None:
    """What the model's own end would say of the stream that enters each block, (L, T) int32 ids of both runs.

    None where that would take long (QUICK).
    """
    if 2 * model.config.n_layers * len(clean.ids) * model.unembed.weight.numel() > QUICK:
        return None
    names = [Part(layer, kind="stream").hook for layer in range(model.config.n_layers)]

    def tops(run: Trace) -> np.ndarray:
        read = [model.unembed(model.ln_final(run.activations[name][0])).argmax(dim=-1) for name in names]
        return torch.stack(read).int().cpu().numpy()

    return tops(clean), tops(trace(model, corrupted, names=names))


def first_difference(clean: Sequence[int], corrupted: Sequence[int]) -> int:
    """The first token in which two texts differ, or the last one that both have."""
    pairs = list(zip(clean, corrupted, strict=False))
    return next((at for at, (one, other) in enumerate(pairs) if one != other), len(pairs) - 1)


def _said(logits: Tensor, chosen: Answers) -> Said:
    probs = logits.double().softmax(dim=-1)
    top = probs.topk(min(LISTED, probs.shape[-1]), dim=-1)
    two = list(chosen)
    return Said(
        logits=logits[:, two].double().cpu().numpy(),
        probs=probs[:, two].cpu().numpy(),
        top=top.indices.int().cpu().numpy(),
        top_prob=top.values.float().cpu().numpy(),
    )
