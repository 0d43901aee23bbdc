"""Cutting a text: nothing is lost, tokens and words lie where they are said to lie."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.cutting import Bytes, Characters, cut, fertility, split
from llm.tokenizers.base import TokenizerError
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.char import CharTokenizer
from llm.tokenizers.split import PATTERNS, words

BPE = BPETokenizer.train("the cat and the hat and the mat. " * 20, 280)
TEXT = "the cats’ 12345 мир 世界 👩‍👩‍👧‍👦\r\n\t end  "


@pytest.mark.parametrize("tokenizer", [Characters(), Bytes(), BPE])
@given(text=st.text())
def test_every_cut_is_the_text(tokenizer: Characters | Bytes | BPETokenizer, text: str) -> None:
    made = cut(tokenizer, text)
    assert made.exact
    assert made.n_bytes == len(text.encode())
    assert len(made.ids) == len(made.ends)
    assert made.n_bytes == (made.ends[-1] if len(made.ends) else 0)


def test_counts() -> None:
    assert cut(Characters(), "né\ud800").ids.tolist() == [110, 233, 0xFFFD]
    assert cut(Bytes(), "né").ids.tolist() == [110, 0xC3, 0xA9]
    assert cut(Bytes(), "né").bytes_per_token == 1
    assert cut(Characters(), "né").bytes_per_token == 1.5
    assert cut(BPE, "").bytes_per_token == 0


def test_an_unknown_character_is_the_tokenizers_own_sentence() -> None:
    with pytest.raises(TokenizerError, match="expected one of"):
        cut(CharTokenizer.train("abc"), "abd")


def test_fertility_counts_the_tokens_a_word_is_spread_over() -> None:
    by_character = {row.script: row for row in fertility(TEXT, cut(Characters(), TEXT).ends)}
    assert (by_character["Latin"].units, by_character["Latin"].tokens_per_unit) == (3, 10 / 3)
    assert (by_character["Cyrillic"].unit, by_character["Cyrillic"].tokens_per_unit) == ("word", 3)
    assert (by_character["Han"].unit, by_character["Han"].units, by_character["Han"].tokens_per_unit) == (
        "character",
        2,
        1,
    )
    assert by_character["numbers"].tokens_per_unit == 5
    assert (by_character["emoji"].units, by_character["emoji"].tokens_per_unit) == (1, 7)
    by_byte = {row.script: row.tokens_per_unit for row in fertility(TEXT, cut(Bytes(), TEXT).ends)}
    assert (by_byte["Cyrillic"], by_byte["Han"]) == (6, 3)


def test_a_token_with_the_space_before_counts_for_its_word_only() -> None:
    (row,) = fertility("the the the", np.array([3, 7, 11]))
    assert (row.units, row.tokens_per_unit) == (3, 1)


def test_every_script_is_counted_by_what_it_writes() -> None:
    texts = {
        "Telugu": ("మానవులందరు స్వతంత్రంగా జన్మించినారు", "word", 3),
        "Tamil": ("மனிதப் பிறவியினர்", "word", 2),
        "Khmer": ("មនុស្ស", "character", 4),
        "Thai": ("มนุษย์", "character", 4),
        "Myanmar": ("လူတိုင်း", "character", 3),
        "other": ("ᠠᠨ ߒߞߏ ᱥᱟᱱ", "word", 1),
    }
    for script, (text, unit, units) in texts.items():
        rows = {row.script: row for row in fertility(text, cut(Bytes(), text).ends)}
        assert (rows[script].unit, rows[script].units) == (unit, units), script


def test_no_words_no_fertility() -> None:
    assert fertility("", np.array([], np.int32)) == []
    assert fertility("  …", np.array([5])) == []


def test_the_newest_pattern_parts_words_in_capitals_and_keeps_their_ends() -> None:
    text = "HelloWorld's 12345 a/b\n"
    shown = split(text, "o200k_base")
    edges = [0, *shown.ends.tolist()]
    words = [text.encode()[a:b].decode() for a, b in pairwise(edges)]
    assert words == ["Hello", "World's", " ", "123", "45", " a", "/b", "\n"]


@pytest.mark.parametrize("pattern", [*PATTERNS, r"\w+", "a|b*"])
@given(text=st.text(max_size=200))
def test_the_split_shown_is_the_split_used(pattern: str, text: str) -> None:
    shown = split(text, pattern)
    raw = text.encode()
    starts = [0, *shown.ends[:-1].tolist()]
    assert [raw[a:b].decode() for a, b in zip(starts, shown.ends.tolist(), strict=bool(len(shown.ends)))] == list(
        words(text, pattern)
    )
    assert len(shown.took) == len(shown.ends)


def test_a_pattern_of_ones_own_and_what_it_leaves_out() -> None:
    shown = split("now: then", r"\w+")
    assert shown.ends.tolist() == [3, 5, 9]
    assert [shown.parts[part].name for part in shown.took[:2]] == ["a pattern of one's own", "what it leaves out"]


def test_the_parts_that_took_the_words() -> None:
    shown = split("I'll pay 1234 $!\n\n  now  ", "gpt4")
    names = [shown.parts[part].name.split(",")[0] for part in shown.took]
    assert names[:5] == ["letters", "ends such as 'm", "letters", "one blank", "one to three digits"]
    assert names[-1] == "white space at the end of the text"
    assert "|".join(part.regex for part in shown.parts) == PATTERNS["gpt4"].replace("<L>", r"\p{L}").replace(
        "<N>", r"\p{N}"
    )
