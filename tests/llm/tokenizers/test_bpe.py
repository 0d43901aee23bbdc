"""The byte-level BPE tokenizer: any text comes back, ids are tiktoken's, and what cannot be is refused."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm.tokenizers.base import SPECIAL_TOKENS, TokenizerError
from llm.tokenizers.bpe import LONG_TEXT, LONG_WORD, BPETokenizer, merge
from tests.llm.tokenizers.many_scripts import TEXT


@pytest.fixture(scope="module")
def bpe() -> BPETokenizer:
    return BPETokenizer.train(TEXT, 340)


def test_vocabulary_counts_bytes_merges_and_specials_last(bpe: BPETokenizer) -> None:
    assert bpe.n_vocab == 340 == 256 + len(bpe.merges) + len(SPECIAL_TOKENS)
    assert list(bpe.special_tokens.items()) == [
        ("<|endoftext|>", 337),
        ("<|user|>", 338),
        ("<|assistant|>", 339),
    ]
    for name, id in bpe.special_tokens.items():
        assert bpe.token_bytes(id) == name.encode()
        assert bpe.decode([id]) == name


def test_a_short_text_gives_a_smaller_tokenizer() -> None:
    tokenizer = BPETokenizer.train("abab", 1024)
    assert tokenizer.n_vocab == 256 + 1 + 3


@given(st.text(max_size=200))
def test_round_trip(bpe: BPETokenizer, text: str) -> None:
    assert bpe.decode(bpe.encode(text)) == text


MIXED = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.text(alphabet="abcdef ghi'st\r\n\t123!?,\x1c\x1d\x1e\x1f\x85\xa0\u2028\u3000", max_size=30),
        st.sampled_from(["the kite", " isn't", "漢字", "🎈", "I'ſ", " ", "\n", "<|endoftext|>", "e\u0301", "\ufeff"]),
    ),
    max_size=60,
).map("".join)


@settings(max_examples=300)
@given(MIXED)
def test_from_scratch_equals_tiktoken(bpe: BPETokenizer, text: str) -> None:
    assert bpe.encode_from_scratch(text) == bpe._tiktoken.encode(text)


def test_every_character_is_cut_as_tiktoken_cuts_it(bpe: BPETokenizer) -> None:
    """Over all of Unicode, as a letter, as a sign and as white space would be."""
    everything = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    for template in ("x{}", "1{}", " {} "):
        text = "".join(template.format(c) for c in everything[::7])
        assert bpe.encode_from_scratch(text) == bpe._tiktoken.encode(text)


@pytest.mark.parametrize("length", [LONG_WORD - 1, LONG_WORD, LONG_TEXT - 1, LONG_TEXT, 3 * LONG_TEXT])
def test_length_changes_the_encoder_and_not_the_ids(bpe: BPETokenizer, length: int) -> None:
    text = TEXT[:length]
    assert bpe.encode(text) == bpe.encode_from_scratch(text)
    assert bpe.decode(bpe.encode(text)) == text


def test_remembered_words_change_no_ids() -> None:
    tokenizer = BPETokenizer.train(TEXT, 300)
    assert tokenizer.encode_from_scratch(TEXT) == tokenizer.encode_from_scratch(TEXT)


def test_merge_joins_by_rank_not_by_place() -> None:
    ranks = {bytes([b]): b for b in range(256)} | {b"bc": 256, b"ab": 257}
    assert merge(b"abc", ranks) == [b"a", b"bc"]
    assert merge(b"", ranks) == []


@pytest.mark.parametrize("name", SPECIAL_TOKENS)
@pytest.mark.parametrize("repeat", [1, 100])
def test_special_names_in_a_text_are_ordinary(bpe: BPETokenizer, name: str, repeat: int) -> None:
    text = f"a{name}b" * repeat
    ids = bpe.encode(text)
    assert not set(ids) & set(bpe.special_tokens.values())
    assert bpe.decode(ids) == text


def test_special_names_stay_ordinary_when_trained_on() -> None:
    tokenizer = BPETokenizer.train("<|endoftext|>" * 50, 300)
    ids = tokenizer.encode("<|endoftext|>")
    assert tokenizer.special_tokens["<|endoftext|>"] not in ids
    assert tokenizer.decode(ids) == "<|endoftext|>"


def test_no_text_no_ids(bpe: BPETokenizer) -> None:
    assert bpe.encode("") == []
    assert bpe.decode([]) == ""


@pytest.mark.parametrize("repeat", [1, 400])
def test_lone_surrogates_become_the_replacement_character(bpe: BPETokenizer, repeat: int) -> None:
    ids = bpe.encode("a\ud800b" * repeat)
    assert ids == bpe.encode("a\ufffdb" * repeat)
    assert bpe.encode("\ud83c\udf88" * repeat) == bpe.encode("🎈" * repeat)


def test_half_a_character_decodes_to_the_replacement_character(bpe: BPETokenizer) -> None:
    assert bpe.decode("é".encode()[:1]) == "\ufffd"


@pytest.mark.parametrize("id", [-1, 340, 10**30])
def test_an_unknown_id_is_refused(bpe: BPETokenizer, id: int) -> None:
    with pytest.raises(TokenizerError, match="from 0 to 339"):
        bpe.decode([id])


@pytest.mark.timeout(60)
def test_long_words_do_not_hang(bpe: BPETokenizer) -> None:
    for text in ("a" * 2_000_000, " " * 2_000_000, "the" * 500_000):
        assert bpe.decode(bpe.encode(text)) == text


def test_more_blanks_than_tiktoken_takes_still_encode(bpe: BPETokenizer) -> None:
    text = " " * 1_500_000 + "x"
    assert bpe.decode(bpe.encode(text)) == text


def test_impossible_merges_are_refused() -> None:
    with pytest.raises(TokenizerError, match="merge 0 to join two ids below 256"):
        BPETokenizer([(97, 256)])
    with pytest.raises(TokenizerError, match="new token"):
        BPETokenizer([(97, 97), (97, 97)])
    with pytest.raises(TokenizerError, match="at most 1024 bytes"):
        BPETokenizer([(97, 97), *((id, id) for id in range(256, 300))])
    with pytest.raises(TokenizerError, match="special tokens"):
        BPETokenizer([], special_tokens=["<|x|>", "<|x|>"])


def test_importing_needs_neither_torch_nor_tiktoken() -> None:
    code = "import sys, llm.tokenizers.bpe; print([m for m in ('torch', 'tiktoken', 'numpy') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
