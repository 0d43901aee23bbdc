"""The heap joins what `merge` joins, and a long word of many different joins ends soon."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.tokenizers.bpe import BPETokenizer, merge
from llm.tokenizers.long_word import merge_long

NARROW = st.text(alphabet="abcé", max_size=60)


@given(NARROW, NARROW)
def test_the_heap_joins_what_merge_joins(corpus: str, word: str) -> None:
    ranks = BPETokenizer.train(corpus, 300, special_tokens=()).ranks
    assert merge_long(word.encode(), ranks) == merge(word.encode(), ranks)


@pytest.mark.parametrize("word", [b"", b"a", b"ab", b"aaaaa"])
def test_words_with_little_in_them(word: bytes) -> None:
    ranks = {bytes([byte]): byte for byte in range(256)} | {b"aa": 256}
    assert merge_long(word, ranks) == merge(word, ranks)


def test_a_long_word_of_many_different_joins_is_encoded() -> None:
    """Behind more blanks than tiktoken takes, so that the encoder is ours."""
    letters = "".join(random.Random(1).choices("abcdefgh", k=200_000))
    tokenizer = BPETokenizer.train([letters[i : i + 4000] for i in range(0, 100_000, 4000)], 3000)
    text = " " * 1_500_000 + "x " + letters
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert ids[-len(tokenizer.encode(" " + letters)) :] == tokenizer.encode(" " + letters)
