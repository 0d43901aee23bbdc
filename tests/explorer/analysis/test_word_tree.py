"""The trees of a word: their roots are its tokens, their leaves its bytes, every join has the number of its merge."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.word_tree import LONGEST, Node, word_tree
from llm.corpora.catalog import documents
from llm.tokenizers.base import N_BYTES, TokenizerError
from llm.tokenizers.bpe import BPETokenizer

TOKENIZER = BPETokenizer.train("\n".join(documents("stories", 0, 20_000)), 500)


def _leaves(node: Node) -> bytes:
    return b"".join(map(_leaves, node.parts)) if node.parts else node.raw


def _check(node: Node) -> None:
    assert _leaves(node) == node.raw
    if node.parts:
        assert node.merge
        left, right = TOKENIZER.merges[node.merge - 1]
        assert [part.raw for part in node.parts] == [TOKENIZER.token_bytes(left), TOKENIZER.token_bytes(right)]
        for part in node.parts:
            _check(part)
    else:
        assert node.merge is None
        assert len(node.raw) == 1


@given(st.one_of(st.sampled_from([" the", " together", "don't", " village", ""]), st.text(max_size=12)))
@settings(max_examples=100, deadline=None)
def test_roots_are_the_tokens_and_each_join_is_its_merge(word: str) -> None:
    found = word_tree(word, TOKENIZER.ranks, TOKENIZER.pattern)
    assert [node.raw for node in found.tokens] == [TOKENIZER.token_bytes(i) for i in TOKENIZER.encode(word)]
    for node in found.tokens:
        _check(node)
    assert len(found.steps) == sum(len(node.raw) - 1 for node in found.tokens)


def test_the_came_by_two_or_three_joins() -> None:
    found = word_tree(" the", TOKENIZER.ranks, TOKENIZER.pattern)
    assert [step.left + step.right for step in found.steps][-1] == b" the"
    assert found.tokens[0].merge == TOKENIZER.ranks[b" the"] - N_BYTES + 1


def test_a_long_word_is_refused_in_a_sentence() -> None:
    with pytest.raises(TokenizerError, match="take a shorter one"):
        word_tree("a" * (LONGEST + 1), TOKENIZER.ranks, TOKENIZER.pattern)
