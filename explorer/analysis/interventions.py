"""Interventions: parts of a model whose result is scaled, or replaced by what they give on average, in every pass."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.analysis.seen_tokens import GENERATED, seen_tokens
from llm.corpora.catalog import documents
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.model.hooks import Edit, capture
from llm.tokenizers.base import Tokenizer
from llm.trace import hook_name

# Shapes: B batch, T position, L layers, H query heads, D d_head, C d_model.

MOST = 10.0  # times: the largest factor
ROWS, LONG = 32, 64  # of the text on which a part's mean is taken
_WRITTEN = re.compile(
    r"(?:(?P<head>\d{1,4}\.\d{1,4})|(?P<whole>[am])(?P<layer>\d{1,4}))(?:x(?P<factor>\d{1,2}(?:\.\d{1,4})?)|~)(?P<off>-?)",
    re.ASCII,
)


@dataclass(frozen=True, order=True)
class Part:
    """A head, all heads of a block, or a block's MLP; all count from 0."""

    layer: int
    head: int | None = None
    mlp: bool = False

    @property
    def name(self) -> str:
        """head 3.1; MLP of block 2."""
        if self.head is not None:
            return f"head {self.layer}.{self.head}"
        return f"{'MLP' if self.mlp else 'attention'} of block {self.layer}"

    def within(self, config: GPTConfig) -> bool:
        """Whether such a model has it."""
        here = self.layer < config.n_layers and (self.head is None or self.head < config.n_heads)
        return here and not (self.mlp and config.mlp == "none")


@dataclass(frozen=True)
class Intervention:
    """What is done to a part: its result times a factor, or, where that is None, its mean in its place."""

    part: Part
    factor: float | None = 0.0
    on: bool = True

    @property
    def words(self) -> str:
        """head 3.1 off; MLP of block 2 × 0.5; attention of block 0 at its mean."""
        done = "at its mean" if self.factor is None else f"× {self.factor:g}" if self.factor else "off"
        return f"{self.part.name} {done}"

    def __str__(self) -> str:
        """As an address says it: 3.1x0, m2x0.5, a0~; a minus behind one that is switched off."""
        part = self.part
        where = f"{'m' if part.mlp else 'a'}{part.layer}" if part.head is None else f"{part.layer}.{part.head}"
        return where + ("~" if self.factor is None else f"x{self.factor:g}") + ("" if self.on else "-")


Stack = tuple[Intervention, ...]


def parse(text: str) -> tuple[Stack, list[str]]:
    """The interventions that an address names, and what of it names none; of one part the last counts."""
    stack: Stack = ()
    wrong = []
    for piece in filter(None, text.split(",")):
        found = _WRITTEN.fullmatch(piece)
        factor = float(found["factor"]) if found and found["factor"] else None
        if not found or (factor or 0) > MOST:
            wrong.append(piece)
            continue
        if found["head"]:
            layer, head = map(int, found["head"].split("."))
            part = Part(layer, head)
        else:
            part = Part(int(found["layer"]), mlp=found["whole"] == "m")
        stack = put(stack, Intervention(part, factor, not found["off"]))
    return stack, wrong


def put(stack: Stack, one: Intervention) -> Stack:
    """With this one: in place of the one on the same part, else behind the others."""
    if any(other.part == one.part for other in stack):
        return tuple(one if other.part == one.part else other for other in stack)
    return (*stack, one)


def switched(stack: Stack, on: bool, *parts: Part) -> Stack:
    """With those on these parts switched on or off, or all of them."""
    return tuple(replace(one, on=on) if not parts or one.part in parts else one for one in stack)


def effective(stack: Stack, config: GPTConfig) -> Stack:
    """Those that change something in such a model, in the order in which they apply: a whole attention before a head of
    it, so that what is asked of the one head holds."""

    def place(one: Intervention) -> tuple[int, bool, int]:
        return one.part.layer, one.part.mlp, -1 if one.part.head is None else one.part.head

    return tuple(sorted((one for one in stack if one.on and one.factor != 1 and one.part.within(config)), key=place))


def reference(tokenizer: Tokenizer, provenance: Mapping[str, Any], n_ctx: int) -> tuple[list[list[int]], str]:
    """Rows of ids on which means are taken, and in words what they are: the start of the corpus that the model was
    trained on, where that can be generated again, else random ids of its vocabulary."""
    options = provenance.get("options")
    kind, seed = (options.get(name) if isinstance(options, Mapping) else None for name in ("corpus", "corpus_seed"))
    long = min(LONG, n_ctx)
    if kind in GENERATED and isinstance(seed, int):
        ids = [id for text in documents(kind, seed, 8 * ROWS * long) for id in tokenizer.encode(text)]
        rows = [ids[at : at + long] for at in range(0, len(ids) - long + 1, long)][:ROWS]
        if rows:
            return rows, f"the first {len(rows) * long:,} tokens of its training corpus"
    pool = seen_tokens(tokenizer, provenance)
    chance = np.random.default_rng(0).choice(np.array(pool.ids), size=(ROWS, long))
    return chance.tolist(), f"{chance.size:,} random tokens out of {pool.words}"


@dataclass(frozen=True)
class Means:
    """What each part gives on average, over the tokens of a text."""

    z: Tensor  # L H D
    mlp_out: Tensor  # L C
    words: str  # which text


@torch.no_grad()
def means(model: GPT, rows: Sequence[Sequence[int]], words: str) -> Means:
    """Over all tokens of rows of ids that are equally long, each at most the context."""
    layers = range(model.config.n_layers)
    names = [hook_name(short, layer) for short in ("z", "mlp_out") for layer in layers]
    with capture(model, names) as seen:
        model(torch.tensor(rows, dtype=torch.long, device=model.embed.weight.device))

    def over_tokens(short: str) -> Tensor:
        return torch.stack([seen[hook_name(short, layer)].float().mean(dim=(0, 1)) for layer in layers])

    return Means(over_tokens("z"), over_tokens("mlp_out"), words)


def edits(stack: Iterable[Intervention], usual: Means | None = None) -> dict[str, Edit]:
    """What `patch` takes: an edit for each hook point that is concerned. `usual` is needed where a mean is asked for.

    A head is changed at z, before its output matrix: what the matrices write, and every sum over heads, follows.
    An attention's bias stays.
    """
    of_hook: dict[str, list[Intervention]] = defaultdict(list)
    for one in stack:
        of_hook[hook_name("mlp_out" if one.part.mlp else "z", one.part.layer)].append(one)
    return {name: _edit(here, usual) for name, here in of_hook.items()}


def _edit(here: Sequence[Intervention], usual: Means | None) -> Edit:
    def changed(x: Tensor) -> Tensor:  # B T H D, or B T C
        x = x.clone()
        for one in here:
            layer, head = one.part.layer, one.part.head
            at = (..., slice(None) if head is None else head, slice(None)) if not one.part.mlp else (...,)
            if one.factor is not None:
                x[at] *= one.factor
            elif usual is None:
                raise ValueError(f"Expected the means of the model's parts for {one.words}, got none.")
            else:
                mean = (
                    usual.mlp_out[layer] if one.part.mlp else usual.z[layer] if head is None else usual.z[layer, head]
                )
                x[at] = mean.to(x.dtype)
        return x

    return changed
