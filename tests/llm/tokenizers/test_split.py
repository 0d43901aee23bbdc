"""The two spellings of a pattern cut alike, and cutting a long text in blocks changes nothing."""

from __future__ import annotations

from itertools import product

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from llm.tokenizers import split
from llm.tokenizers.base import TokenizerError
from llm.tokenizers.split import PATTERNS, explicit_pattern, words

BYTES = {bytes([b]): b for b in range(256)}


@pytest.mark.parametrize("name", PATTERNS)
def test_ascii_spelling_equals_the_unicode_one_on_every_three_characters(name: str) -> None:
    any_text, ascii_text = split._compiled(name)
    for a, b in product(map(chr, range(128)), repeat=2):
        for text in (a + b, f"{a}{b}x", f" {a}{b}", f"'{a}{b}", f"{a}{b}\n", f"1{a}{b}"):
            assert ascii_text.findall(text) == any_text.findall(text)


@settings(max_examples=300)
@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=80), st.sampled_from(sorted(PATTERNS)))
def test_ascii_spelling_equals_the_unicode_one(text: str, name: str) -> None:
    any_text, ascii_text = split._compiled(name)
    assert ascii_text.findall(text) == any_text.findall(text)


SPACED = st.text(alphabet=st.sampled_from("ab1 !'\t\n\r\x1c\x85\u3000é漢"), max_size=120)


@settings(max_examples=300)
@given(SPACED, st.integers(0, 12), st.sampled_from(sorted(PATTERNS)))
def test_blocks_cut_no_word(text: str, block: int, name: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(split, "_BLOCK", block)
        cut = list(words(text, name))
    assert cut == split._compiled(name)[0].findall(text)
    assert "".join(cut) == text


@pytest.mark.parametrize("property", ["<L>", "<N>", r"\s"])
def test_explicit_pattern_agrees_with_ours_on_every_character(property: str) -> None:
    """tiktoken keeps what its pattern matches and drops the rest, so the kept bytes are its character class."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PATTERNS, property, f"[{property}]")
        ours = split._compiled(property)[0]
        explicit = explicit_pattern(property)
    theirs = tiktoken.Encoding(property, pat_str=explicit, mergeable_ranks=BYTES, special_tokens={})
    everything = "".join(chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000)
    kept = "".join(ours.findall(everything))
    assert kept
    assert theirs.decode(theirs.encode_ordinary(everything)) == kept


@pytest.mark.parametrize("name", ["", "(((", None, 4, ["gpt4"]])
def test_what_is_no_pattern(name: str) -> None:
    with pytest.raises(TokenizerError, match="split pattern named gpt4 or gpt2"):
        words("text", name)


def test_a_pattern_of_ones_own_has_no_spelling_for_other_programs() -> None:
    with pytest.raises(TokenizerError, match="in another way, so that ids would differ"):
        explicit_pattern(r"\w+")


def test_gpt4_words() -> None:
    assert list(words("I'm at 12345 ok!!\n\n  then", "gpt4")) == [
        "I", "'m", " at", " ", "123", "45", " ok", "!!\n\n", " ", " then",
    ]  # fmt: skip
