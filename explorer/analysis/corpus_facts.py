"""What a corpus is, in numbers that say what a loss on it means: tokens, repeats, and what counting alone predicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from llm.data import TokenDataset

SMOOTHING = (
    "Unigram: how often each token is a training target, each counted once more than seen. Bigram: how often it comes "
    "after the token before, mixed with the unigram as Witten and Bell do: the more kinds of token were seen there, "
    "the more."
)

# Shapes: N tokens of a stream, P training pairs (a token and the next), M targets of the validation windows.


@dataclass(frozen=True)
class CorpusFacts:
    """Counts, and two losses in nats per token on the very targets that validation scores."""

    documents: int
    repeated: int  # documents that are equal to an earlier one
    characters: int
    training_tokens: int
    validation_tokens: int
    bytes_per_token: float  # of the validation text
    n_vocab: int
    used: int  # tokens of the vocabulary that occur in the training text
    uniform: float  # nats: every token equally likely
    unigram: float  # nats: how often each token occurs
    bigram: float  # nats: how often each token follows the one before


def corpus_facts(
    told: Mapping[str, Any], data: TokenDataset, n_vocab: int, n_ctx: int, n_windows: int = 0
) -> CorpusFacts:
    """Count it all, in a few passes over the streams; `told` is what the preparation said of the text.

    `n_windows` as evaluate() takes it: of the validation windows that many are scored, 0 is all.
    """
    train, validation = _pairs(data.train, n_ctx, data.train_starts), _targets(data, n_ctx, n_windows)
    unigram, bigram = losses(train, validation, n_vocab)
    return CorpusFacts(
        documents=told["documents"],
        repeated=told["repeated"],
        characters=told["characters"],
        training_tokens=len(data.train),
        validation_tokens=len(data.validation),
        bytes_per_token=data.bytes_per_token,
        n_vocab=n_vocab,
        used=len(np.unique(data.train)),
        uniform=float(np.log(n_vocab)),
        unigram=unigram,
        bigram=bigram,
    )


def losses(
    train: tuple[np.ndarray, np.ndarray], validation: tuple[np.ndarray, np.ndarray], n_vocab: int
) -> tuple[float, float]:
    """Mean -log p of the validation targets, nats, by unigram and by bigram; (before, target) ids each.

    Unigram: (c(b) + 1) / (P + V). Bigram: (c(a, b) + t(a) p(b)) / (c(a) + t(a)), t(a) the number of different tokens
    seen after a (Witten and Bell 1991); p(b) where a was never seen. NaN without targets.
    """
    if not len(validation[1]):
        return float("nan"), float("nan")
    before, after = (ids.astype(np.int64) for ids in train)
    v_before, v_after = (ids.astype(np.int64) for ids in validation)
    p = (np.bincount(after, minlength=n_vocab) + 1.0) / (len(after) + n_vocab)  # V
    codes, counts = np.unique(before * n_vocab + after, return_counts=True)
    seen = np.bincount(before, minlength=n_vocab)  # V, c(a)
    kinds = np.bincount(codes // n_vocab, minlength=n_vocab)  # V, t(a)
    wanted = v_before * n_vocab + v_after
    at = np.minimum(np.searchsorted(codes, wanted), max(0, len(codes) - 1))
    pair = np.where(codes[at] == wanted, counts[at], 0) if len(codes) else np.zeros(len(wanted))
    total = seen[v_before] + kinds[v_before]
    mixed = (pair + kinds[v_before] * p[v_after]) / np.maximum(1, total)
    q = np.where(total > 0, mixed, p[v_after])
    return float(-np.log(p[v_after]).mean()), float(-np.log(q).mean())


def _pairs(stream: np.ndarray, n_ctx: int, starts: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Every (token, next) that a training window can show."""
    if starts is None:
        return stream[:-1], stream[1:]
    starts = starts[starts < len(stream) - n_ctx]
    change = np.zeros(len(stream) + 1, dtype=np.int32)
    np.add.at(change, starts, 1)
    np.add.at(change, starts + n_ctx, -1)
    shown = np.flatnonzero(np.cumsum(change)[: len(stream) - 1] > 0)
    return stream[shown], stream[shown + 1]


def _targets(data: TokenDataset, n_ctx: int, n_windows: int) -> tuple[np.ndarray, np.ndarray]:
    """What validation scores: windows in order, without overlap, or `n_windows` spread evenly over them."""
    stream, starts = data.validation, data.validation_starts
    last = len(stream) - n_ctx
    offsets, free = [], 0
    for start in range(0, max(0, last), n_ctx) if starts is None else map(int, starts[starts < last]):
        if start >= free:
            offsets.append(start)
            free = start + n_ctx
    if 0 < n_windows < len(offsets):
        offsets = [offsets[i * len(offsets) // n_windows] for i in range(n_windows)]
    places = (np.array(offsets, dtype=np.int64)[:, None] + np.arange(n_ctx)).ravel()
    return stream[places], stream[places + 1]
