"""What the size of a vocabulary costs: a larger one makes fewer tokens of the same text, and a larger embedding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from llm.model.config import GPTConfig
from llm.model.size import size
from llm.tokenizers.base import N_BYTES, without_lone_surrogates
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.bpe_training import train

SIZES = (256, 512, 1024, 4096, 16_384)  # bytes and merges
WIDTHS = (32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
MOST = 2_000_000  # characters that are learned from and counted

# Shapes: S sizes, W widths.


@dataclass(frozen=True)
class Cost:
    """One text by vocabularies of growing size, each the beginning of the next."""

    n_vocab: tuple[int, ...]  # S; the last may be less than asked for: a short text has no more pairs
    tokens: tuple[int, ...]  # S
    characters: int  # that were learned from and counted
    n_bytes: int

    @property
    def short(self) -> bool:
        """Whether the text had fewer pairs than the largest size asks for."""
        return self.n_vocab != SIZES


def cost(text: str, pattern: str = "gpt4", say: Callable[[str], None] = lambda words: None) -> Cost:
    """Learn once and cut the text with the first merges of each size. Raises TokenizerError."""
    text = without_lone_surrogates(text)[:MOST]
    pairs: list[tuple[int, int]] = []
    for merge in train(text, SIZES[-1], special_tokens=(), pattern=pattern):
        pairs.append(merge.pair)
        if merge.rank % 500 == 0:
            say(f"Learned {len(pairs):,} of {SIZES[-1] - N_BYTES:,} merges")
    n_vocab = tuple(dict.fromkeys(min(size, N_BYTES + len(pairs)) for size in SIZES))
    tokens = []
    for n in n_vocab:
        say(f"Cutting the text with {n:,} tokens")
        tokens.append(len(BPETokenizer(pairs[: n - N_BYTES], (), pattern).encode(text)))
    return Cost(n_vocab, tuple(tokens), len(text), len(text.encode()))


def parameters(config: GPTConfig, n_vocab: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """W x S each: parameters of the token tables, and of the whole model, for every width.

    All else is as in `config`: its blocks, its heads, its MLP in proportion.
    """
    tables, whole = np.zeros((2, len(WIDTHS), len(n_vocab)))
    for i, width in enumerate(WIDTHS):
        heads = next(n for n in (config.n_heads, 4, 2, 1) if width % (2 * n) == 0)
        ratio = config.d_mlp / config.d_model
        for j, n in enumerate(n_vocab):
            made = replace(
                config,
                d_vocab=n,
                d_model=width,
                n_heads=heads,
                n_kv_heads=heads,
                d_mlp=max(1, round(width * ratio)),
            )
            tables[i, j] = n * width * (1 if config.tied else 2)
            whole[i, j] = size(made).parameters
    return tables, whole


def bits_per_byte(provenance: Mapping[str, Any]) -> float | None:
    """What a checkpoint says of itself."""
    found = provenance.get("bits_per_byte")
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
