"""How one word is encoded: what `merge` does, told one join at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from llm.tokenizers.base import TokenizerError, without_lone_surrogates
from llm.tokenizers.rank_file import MAX_TOKEN_BYTES


@dataclass(frozen=True)
class Step:
    """Two neighbouring parts of a word became one."""

    rank: int  # of the joined token, which is its id too; the k-th merge learned (from 0) has 256 + k
    left: bytes
    right: bytes
    position: int  # of `left` among the parts there were, and of the joined one among those there are now
    parts: tuple[bytes, ...]  # the whole word after it


def encode_steps(word: str, ranks: Mapping[bytes, int]) -> list[Step]:
    """The joins of one word in the order they are made: lowest rank first, the leftmost among equals.

    The word starts as single bytes; no step means that no two neighbours make a token. Takes the ranks of a
    BPETokenizer or of a rank file. Raises TokenizerError for a word of more than MAX_TOKEN_BYTES bytes.
    """
    raw = without_lone_surrogates(word).encode()
    if len(raw) > MAX_TOKEN_BYTES:
        raise TokenizerError(
            f"expected a word of at most {MAX_TOKEN_BYTES} bytes, got one of {len(raw):,}; take a part of it"
        )
    parts = tuple(raw[i : i + 1] for i in range(len(raw)))
    steps: list[Step] = []
    while True:
        joins = [
            (ranks[left + right], position)
            for position, (left, right) in enumerate(pairwise(parts))
            if left + right in ranks
        ]
        if not joins:
            return steps
        rank, position = min(joins)
        left, right = parts[position : position + 2]
        parts = (*parts[:position], left + right, *parts[position + 2 :])
        steps.append(Step(rank, left, right, position, parts))
