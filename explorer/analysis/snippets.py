"""Where in a corpus each neuron is most active: one reading of the text for all neurons of a model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.analysis.vocabulary import training_texts
from llm.corpora.catalog import documents
from llm.model.gpt import GPT
from llm.model.hooks import capture
from llm.tokenizers.base import END_OF_TEXT, Tokenizer
from llm.trace import hook_name

# Shapes: S rows of text, T position, L layers, M d_mlp, K places kept.

KEPT = 24  # places with the highest values, of each neuron
DRAWN = 6  # places by chance, among those where it is active
TOKENS = 100_000  # at most read
WORK = 4e12  # multiply-adds: a larger model reads less
BATCH = 2048  # tokens of one pass
LONGEST = 256  # tokens of a row
BEFORE, AFTER = 14, 6  # tokens shown around a place
SAME = 3  # tokens up to a place that make two places alike

Say = Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """A text to read: what it is, in words, and how to have its documents."""

    words: str
    read: Callable[[], Sequence[str]]
    name: str = ""  # tells one text from another that is called alike

    @property
    def long(self) -> bool:
        """Whether it may be more than is read: a corpus, which needs no name."""
        return not self.name


def training_source(provenance: Mapping[str, Any], base: Path | None, n_tokens: int) -> Source | None:
    """The start of the text that a model was trained on; None where that cannot be had again. `base` as for
    training_texts()."""
    if training_texts(provenance, base) is None:
        return None
    options = provenance["options"]
    kind, named, whole = options["corpus"], options.get("corpus_file"), int(options["corpus_chars"])
    path = base / Path(named).name if base and named else None
    n_chars = min(whole, 8 * n_tokens)  # of which a token takes at most a few
    return Source(
        f"its training corpus ({str(kind).replace('_', ' ')})",
        lambda: documents(kind, int(options["corpus_seed"]), n_chars, path),
    )


def budget(model: GPT) -> int:
    """How many tokens a model is asked to read: at most TOKENS, of a large one what WORK allows."""
    return int(min(TOKENS, max(BATCH, WORK / (2 * model.n_params))))


@dataclass(frozen=True)
class Places:
    """K places in the rows for each neuron, at most one a row; the best first. A place that is not there has row -1."""

    value: np.ndarray  # L M K, float32
    row: np.ndarray  # L M K, int32
    position: np.ndarray  # L M K, int16


@dataclass(frozen=True)
class Mined:
    """What all neurons did on a text."""

    words: str  # which text
    rows: tuple[np.ndarray, ...]  # S, int32 ids of one piece of a document
    n_tokens: int
    active: np.ndarray  # L M, int64: on how many tokens what the activation function reads is above 0
    highest: Places  # by value
    drawn: Places  # by chance, out of the tokens on which the neuron is active

    def never(self, layer: int) -> int:
        """Neurons of a layer active on no token."""
        return int((self.active[layer] == 0).sum())

    def always(self, layer: int) -> int:
        """Neurons of a layer active on every token."""
        return int((self.active[layer] == self.n_tokens).sum())


def cut_rows(tokenizer: Tokenizer, texts: Iterator[str], n_ctx: int, n_tokens: int) -> list[np.ndarray]:
    """Documents as the model met them, each after the separator and in pieces that fit its context, up to n_tokens."""
    separator, long = tokenizer.special_tokens.get(END_OF_TEXT), min(n_ctx, LONGEST)
    rows: list[np.ndarray] = []
    left = n_tokens
    for text in texts:
        ids = np.array([*([] if separator is None else [separator]), *tokenizer.encode(text)], dtype=np.int32)[:left]
        rows += [ids[at : at + long] for at in range(0, len(ids), long)]
        left -= len(ids)
        if left <= 0:
            break
    return rows


@torch.no_grad()
def mine(model: GPT, tokenizer: Tokenizer, source: Source, say: Say, n_tokens: int | None = None) -> Mined:
    """Read the text once and keep, of every neuron, its highest places and some by chance. Raises ValueError for a
    model without MLPs or a text without tokens."""
    config = model.config
    if config.mlp == "none":
        raise ValueError("This model has no MLP, and so no neurons.")
    say(f"Reading {source.words}")
    rows = cut_rows(tokenizer, iter(source.read()), config.n_ctx, n_tokens or budget(model))
    if not rows:
        raise ValueError("Expected a text, got nothing to read; give some text.")
    order = sorted(range(len(rows)), key=lambda at: len(rows[at]))  # rows of a pass are about equally long
    L, M, total = config.n_layers, config.d_mlp, sum(map(len, rows))
    names = {short: [hook_name(short, layer) for layer in range(L)] for short in ("pre", "post")}
    active = torch.zeros(L, M, dtype=torch.long)
    highest, drawn = _Best(L, M, KEPT), _Best(L, M, DRAWN)
    chance, began, done = torch.Generator().manual_seed(0), time.monotonic(), 0
    for part in _batches(order, rows):
        ids, there = _padded([rows[at] for at in part])
        with capture(model, [*names["pre"], *names["post"]]) as seen:
            model(ids.to(model.embed.weight.device), last_only=True)
        at = torch.tensor(part)
        for layer in range(L):
            pre, post = (seen[names[short][layer]].float().cpu() for short in ("pre", "post"))  # S T M
            on = (pre > 0) & there[..., None]
            active[layer] += on.sum(dim=(0, 1))
            value, position = post.masked_fill(~there[..., None], -torch.inf).max(dim=1)  # S M
            highest.put(layer, value, value, position, at)
            luck = torch.rand(on.shape[:2], generator=chance)[..., None].expand_as(on).masked_fill(~on, -1.0)
            key, position = luck.max(dim=1)
            key = key.masked_fill(key < 0, -torch.inf)
            drawn.put(layer, key, post.gather(1, position[:, None])[:, 0], position, at)
        done += int(there.sum())
        left = (time.monotonic() - began) * (total - done) / done
        say(f"Read {done:,} of {total:,} tokens, about {max(1, round(left))} s left")
    return Mined(source.words, tuple(rows), total, active.numpy(), highest.places(), drawn.places())


@dataclass(frozen=True)
class Snippet:
    """A neuron around one place."""

    ids: np.ndarray  # T, int32
    values: np.ndarray  # T, float32: what the neuron gives on at each of these tokens
    at: int  # the place, among them
    alike: int = 1  # how many of the places kept stand in the same words


@torch.no_grad()
def snippets(model: GPT, mined: Mined, places: Places, layer: int, at: int, most: int) -> list[Snippet]:
    """The first `most` places of a neuron that differ in their words, read again for its value at every token."""
    found: dict[tuple[int, ...], tuple[int, int, int]] = {}
    for row, position in zip(places.row[layer, at].tolist(), places.position[layer, at].tolist(), strict=True):
        if row < 0:
            continue
        words = tuple(mined.rows[row][max(0, position - SAME + 1) : position + 1].tolist())
        first = found.get(words, (row, position, 0))
        found[words] = (*first[:2], first[2] + 1)
    shown = list(found.values())[:most]
    if not shown:
        return []
    ids, _ = _padded([mined.rows[row][: position + 1 + AFTER] for row, position, _ in shown])
    name = hook_name("post", layer)
    with capture(model, [name]) as seen:
        model(ids.to(model.embed.weight.device), last_only=True)
    values = seen[name][..., at].float().cpu().numpy()
    cut = []
    for n, (row, position, alike) in enumerate(shown):
        start, end = max(0, position - BEFORE), min(len(mined.rows[row]), position + 1 + AFTER)
        cut.append(Snippet(mined.rows[row][start:end], values[n, start:end], position - start, alike))
    return cut


def _batches(order: Sequence[int], rows: Sequence[np.ndarray]) -> Iterator[list[int]]:
    """Rows that one pass reads together: BATCH tokens or one row."""
    part: list[int] = []
    for at in order:
        if part and (len(part) + 1) * len(rows[at]) > BATCH:
            yield part
            part = []
        part.append(at)
    if part:
        yield part


def _padded(rows: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """The rows as one (S, T), and where there is text; what stands behind a row's end changes nothing before it."""
    T = max(map(len, rows))
    ids = torch.zeros(len(rows), T, dtype=torch.long)
    for at, row in enumerate(rows):
        ids[at, : len(row)] = torch.from_numpy(row.astype(np.int64))
    return ids, torch.arange(T)[None] < torch.tensor([len(row) for row in rows])[:, None]


class _Best:
    """The K places of each neuron with the highest key so far."""

    def __init__(self, L: int, M: int, K: int) -> None:
        self.key = torch.full((L, K, M), -torch.inf)
        self.value = torch.zeros(L, K, M)
        self.row = torch.full((L, K, M), -1)
        self.position = torch.zeros(L, K, M, dtype=torch.long)

    def put(self, layer: int, key: Tensor, value: Tensor, position: Tensor, row: Tensor) -> None:
        """Of each row one place, (S, M); one with a key of -inf is none."""
        key = torch.cat([self.key[layer], key])
        top = key.topk(self.key.shape[1], dim=0)
        self.key[layer] = top.values
        rows = row[:, None].expand_as(value)
        for mine, theirs in ((self.value, value), (self.row, rows), (self.position, position)):
            mine[layer] = torch.cat([mine[layer], theirs.to(mine.dtype)]).gather(0, top.indices)

    def places(self) -> Places:
        """What was kept, the best first."""
        row = torch.where(self.key > -torch.inf, self.row, -1)
        value, row, position = (x.transpose(1, 2).contiguous() for x in (self.value, row, self.position))
        return Places(value.numpy(), row.int().numpy(), position.short().numpy())
