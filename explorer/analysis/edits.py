"""Interventions as edits of the forward pass, and what they put in: the parts' means, and what another text gave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.analysis.interventions import Intervention, Part, Steer, one_token
from explorer.analysis.seen_tokens import GENERATED, seen_tokens
from llm.corpora.catalog import documents
from llm.model.gpt import GPT
from llm.model.hooks import Edit, capture, first_position
from llm.tokenizers.base import Tokenizer
from llm.trace import Trace, hook_name

# Shapes: B batch, T position, L layers, H query heads, D d_head, C d_model.

ROWS, LONG = 32, 64  # of the text on which a part's mean is taken


def edits(stack: Iterable[Intervention], given: Mapping[Intervention, Tensor]) -> dict[str, Edit]:
    """What `patch` takes: an edit for each hook point that is concerned, the interventions there in their order.

    `given` holds what each Mean, Patch and Steer puts in. With a key/value cache a token is changed when it is read.
    """
    of_hook: dict[str, list[Intervention]] = defaultdict(list)
    for one in stack:
        of_hook[one.part.hook].append(one)
    return {name: _edit(here, given) for name, here in of_hook.items()}


def _edit(here: Sequence[Intervention], given: Mapping[Intervention, Tensor]) -> Edit:
    def changed(x: Tensor) -> Tensor:  # B T H D, or B T C
        x, start = x.clone(), first_position()
        for one in here:
            share, put = one.part.of(x), given.get(one)
            first, last = 0, x.shape[1]
            if one.part.at is not None:
                first, last = one.part.at - start, one.part.at - start + 1
            elif put is not None and put.ndim == share.ndim - 1:  # a row for each token of another text
                last = min(last, len(put) - start)
                put = put[start : start + max(0, last)]
            if 0 <= first < last <= x.shape[1]:
                share[:, first:last] = one.edit(share[:, first:last], put)
        return x

    return changed


def from_trace(seen: Trace, part: Part) -> Tensor:
    """What a part gave in a run: (T ...), or (...) of its one token."""
    rows = part.of(seen.activations[part.hook])[0]
    return rows if part.at is None else rows[part.at]


def direction(model: GPT, tokenizer: Tokenizer, one: Steer) -> Tensor:
    """The direction of a Steer, (C,) of length 1."""
    rows = model.unembed.weight if one.matrix == "unembed" else model.embed.weight
    a, b = (one_token(tokenizer, word) for word in (one.word, one.less))
    made = rows[a] - rows[b] if one.less else rows[a]
    return F.normalize(made.detach().float(), dim=0)


@dataclass(frozen=True)
class Means:
    """What each part gives on average, over the tokens of a text."""

    z: Tensor  # L H D
    mlp_out: Tensor  # L C
    resid_pre: Tensor  # L C
    words: str  # which text

    def of(self, part: Part) -> Tensor:
        """Of one part: H D, D or C."""
        of_kind = {"attention": self.z, "mlp": self.mlp_out, "stream": self.resid_pre}[part.kind][part.layer]
        return of_kind if part.head is None else of_kind[part.head]


@torch.no_grad()
def means(model: GPT, rows: Sequence[Sequence[int]], words: str) -> Means:
    """Over all tokens of rows of ids that are equally long, each at most the context."""
    layers = range(model.config.n_layers)
    names = [hook_name(short, layer) for short in ("z", "mlp_out", "resid_pre") for layer in layers]
    with capture(model, names) as seen:
        model(torch.tensor(rows, dtype=torch.long, device=model.embed.weight.device))

    def over_tokens(short: str) -> Tensor:
        return torch.stack([seen[hook_name(short, layer)].float().mean(dim=(0, 1)) for layer in layers])

    return Means(over_tokens("z"), over_tokens("mlp_out"), over_tokens("resid_pre"), words)


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
