"""Sums of token vectors whose answer a reader expects, and what a model's own vectors give."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.analysis.embeddings import Side, combined, cosines, nearest, rows
from llm.model.gpt import GPT
from llm.tokenizers.base import Tokenizer

# a - b + c, and what one would expect; a model has those of which each word is one of its tokens
EXPECTED = (
    (" she", " he", " his", " her"),
    (" her", " his", " he", " she"),
    (" She", " He", " he", " she"),
    ("It", "it", " the", "The"),
    (" your", " you", " I", " my"),
    (" had", " has", " is", " was"),
    (" lamps", " lamp", " carrot", " carrots"),
    (" wanted", " want", " play", " played"),
    (" king", " man", " woman", " queen"),
    (" Paris", " France", " Italy", " Rome"),
    (" bigger", " big", " small", " smaller"),
    (" cats", " cat", " dog", " dogs"),
)

Sum = tuple[int, int, int]


@dataclass(frozen=True)
class Analogy:
    """One of EXPECTED in the ids of a model."""

    sum: Sum  # a, b, c of a - b + c
    expected: int
    got: int  # the nearest token to the sum, its three terms left out

    @property
    def holds(self) -> bool:
        return self.got == self.expected


def known(tokenizer: Tokenizer) -> tuple[tuple[Sum, int], ...]:
    """Those of EXPECTED of which each word is one token, and what is expected."""
    found: list[tuple[Sum, int]] = []
    for words in EXPECTED:
        try:
            ids = [tokenizer.encode(word) for word in words]
        except ValueError:  # a tokenizer of characters lacks a letter
            continue
        if all(len(one) == 1 for one in ids):
            a, b, c, expected = (one[0] for one in ids)
            found.append(((a, b, c), expected))
    return tuple(found)


def tried(model: GPT, asked: tuple[tuple[Sum, int], ...], side: Side) -> tuple[Analogy, ...]:
    """What the model gives for each; those that hold first."""
    matrix = rows(model, side)
    found = [
        Analogy(one, expected, int(nearest(cosines(matrix, combined(matrix, *one)), 1, one)[0]))
        for one, expected in asked
    ]
    return tuple(sorted(found, key=lambda one: not one.holds))
