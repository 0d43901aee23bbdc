"""Byte-pair learning watched: the winner leads its table, counts are true, any k cuts as the encoder does."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.merging import MOST_MERGES, NEVER, SHOWN, TOP, WORDS, learn
from llm.corpora.catalog import documents
from llm.tokenizers.base import N_BYTES
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.bpe_training import LONG_WORD, train
from llm.tokenizers.split import words

STORIES = "\n".join(documents("stories", 0, 20_000))
TEXTS = st.text(st.sampled_from("aab the\n.é漢😀\u0301\u200d7"), max_size=120)


def test_a_vocabulary_of_8192_can_be_learned_and_its_ids_fit_the_payload() -> None:
    assert learn("ab ab", 0).tokenizer.n_vocab + MOST_MERGES >= 8_192
    assert N_BYTES + MOST_MERGES < NEVER <= np.iinfo(np.uint16).max


def test_words_counted_in_pieces_are_told_for_there_the_encoder_makes_fewer_tokens() -> None:
    assert learn(STORIES + "\n" + "é" * LONG_WORD, 20).long_words == 0
    text = "abc" * LONG_WORD + " abc" * 9  # no piece's length is a multiple of three
    found = learn(text, 20)
    assert found.long_words == 1
    assert len(found.tokenizer.encode(text)) < found.tokens[-1]
    assert found.tokens[0] == len(text)


def test_merges_are_those_of_the_library() -> None:
    assert list(learn(STORIES, 200).merges) == list(train(STORIES, 456, ()))


@pytest.mark.parametrize("text", [STORIES, "the the then aaaa aaaaa ", "漢字漢字漢字"], ids=["stories", "runs", "han"])
def test_the_winner_leads_the_table_with_the_count_it_had(text: str) -> None:
    found = learn(text, 300)
    for k, merge in enumerate(found.merges):
        assert tuple(found.pairs[k, 0]) == merge.pair
        assert found.counts[k, 0] == merge.count
        named = found.holds[k][found.holds[k, :, 0] >= 0]
        assert named[:, 1].sum() <= merge.count
        if found.holders[k] <= WORDS:
            assert named[:, 1].sum() == merge.count


@given(TEXTS, st.integers(0, 12))
@settings(max_examples=60, deadline=None)
def test_tables_count_the_text_at_every_merge(text: str, n: int) -> None:
    found = learn(text, n)
    for k in range(len(found.merges) + 1):
        tokenizer = BPETokenizer([merge.pair for merge in found.merges[:k]], ())
        cut = [tokenizer.encode_from_scratch(word) for word in words(text, "gpt4")]
        pairs = Counter(pair for ids in cut for pair in pairwise(ids))
        ranked = sorted(pairs.items(), key=lambda one: (-one[1], one[0]))[:TOP]
        shown = [
            (tuple(pair), int(count)) for pair, count in zip(found.pairs[k], found.counts[k], strict=True) if count
        ]
        assert shown == ranked
        assert found.tokens[k] == sum(map(len, cut))
        assert (found.kinds[k], found.places[k]) == (len(pairs), sum(pairs.values()))


@given(st.one_of(TEXTS, st.text(max_size=80)))
@settings(max_examples=100, deadline=None)
def test_any_k_cuts_as_encoding_with_the_first_k_merges(text: str) -> None:
    found = learn(text + " " + text, 20)
    for k in range(len(found.merges) + 1):
        tokenizer = BPETokenizer([merge.pair for merge in found.merges[:k]], ())
        whole = "".join(found.shown.units)
        expected = [tokenizer.token_bytes(id) for id in tokenizer.encode_from_scratch(whole)]
        assert found.shown.tokens(k) == expected


def test_only_the_beginning_is_shown_and_all_of_it_is_counted() -> None:
    found = learn(STORIES, 50)
    assert "".join(found.shown.units) == STORIES[:SHOWN]
    assert found.characters == len(STORIES)
    assert found.tokens[0] == len(STORIES.encode())
    assert found.shown.gone[0] == NEVER
    assert np.all(np.diff(found.bytes_per_token) >= 0)


def test_the_is_one_token_early() -> None:
    k = learn(STORIES, 100).first(b" the")
    assert k is not None
    assert 1 <= k <= 20


@pytest.mark.parametrize("text", ["", "a", " ", "\ud800", "\x00"], ids=ascii)
def test_nothing_to_join(text: str) -> None:
    found = learn(text, 100)
    assert not found.merges
    assert found.tokens.shape == (1,)


def test_learning_can_be_stopped() -> None:
    class StoppedError(Exception):
        pass

    def say(words: str) -> None:
        if words.startswith("Merge"):
            raise StoppedError

    with pytest.raises(StoppedError):
        learn(STORIES, 100, say=say)
