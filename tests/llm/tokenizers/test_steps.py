"""The steps of a word end where `merge` ends, and each makes one join that its parts show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.tokenizers.base import TokenizerError
from llm.tokenizers.bpe import BPETokenizer, merge
from llm.tokenizers.steps import Step, encode_steps

BYTES = {bytes([byte]): byte for byte in range(256)}
NARROW = st.text(alphabet="abé", max_size=40)


def test_a_word_step_by_step() -> None:
    ranks = BYTES | {b"th": 256, b"he": 257, b"the": 258}
    assert encode_steps("the", ranks) == [
        Step(256, b"t", b"h", 0, (b"th", b"e")),
        Step(258, b"th", b"e", 0, (b"the",)),
    ]
    assert encode_steps("hehe", ranks) == [
        Step(257, b"h", b"e", 0, (b"he", b"h", b"e")),
        Step(257, b"h", b"e", 1, (b"he", b"he")),
    ]


@pytest.mark.parametrize("word", ["", "t", "xyz"])
def test_a_word_with_nothing_to_join_has_no_steps(word: str) -> None:
    assert encode_steps(word, BYTES | {b"th": 256}) == []


@given(NARROW, NARROW)
def test_steps_end_where_merge_ends(corpus: str, word: str) -> None:
    ranks = BPETokenizer.train(corpus, 300, special_tokens=()).ranks
    steps = encode_steps(word, ranks)
    raw = word.encode()
    before = tuple(raw[i : i + 1] for i in range(len(raw)))
    for step in steps:
        assert before[step.position : step.position + 2] == (step.left, step.right)
        assert step.parts[step.position] == step.left + step.right
        assert ranks[step.left + step.right] == step.rank
        assert len(step.parts) == len(before) - 1
        assert b"".join(step.parts) == raw
        before = step.parts
    assert list(before) == merge(raw, ranks)


def test_lone_surrogates_are_replaced_and_long_words_refused() -> None:
    assert encode_steps("\ud800", BYTES | {b"\xef\xbf": 256})[0].parts == (b"\xef\xbf", b"\xbd")
    assert len(encode_steps("a" * 1024, BYTES | {b"aa": 256})) == 512
    with pytest.raises(TokenizerError, match="at most 1024 bytes, got one of 1,025"):
        encode_steps("a" * 1025, BYTES)
