"""How a tokenizer builds one word: its joins in the order they are made, and the trees that they leave behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from llm.tokenizers.base import N_BYTES, TokenizerError, without_lone_surrogates
from llm.tokenizers.split import words
from llm.tokenizers.steps import Step, encode_steps

LONGEST = 48  # bytes: more leaves than that are no picture


@dataclass(frozen=True)
class Node:
    """A byte, or two parts that were joined."""

    raw: bytes
    merge: int | None = None  # counted from 1, as learned; None for a byte
    parts: tuple[Node, ...] = ()


@dataclass(frozen=True)
class WordTree:
    """All that happened to the word."""

    tokens: tuple[Node, ...]
    steps: tuple[Step, ...]


def merge_number(rank: int) -> int:
    """The merge, counted from 1, that made the token of this rank: the bytes come first in every vocabulary."""
    return rank - N_BYTES + 1


def word_tree(word: str, ranks: Mapping[bytes, int], pattern: str) -> WordTree:
    """The trees of a word; the split pattern may part it before any merge. Raises TokenizerError for a long one."""
    word = without_lone_surrogates(word)
    if len(word.encode()) > LONGEST:
        raise TokenizerError(
            f"expected a word of at most {LONGEST} bytes, got {len(word.encode()):,}; take a shorter one"
        )
    tokens: list[Node] = []
    steps: list[Step] = []
    for piece in words(word, pattern):
        nodes = [Node(bytes([byte])) for byte in piece.encode()]
        for step in encode_steps(piece, ranks):
            left, right = nodes[step.position : step.position + 2]
            nodes[step.position : step.position + 2] = [
                Node(step.left + step.right, merge_number(step.rank), (left, right))
            ]
            steps.append(step)
        tokens += nodes
    return WordTree(tuple(tokens), tuple(steps))
