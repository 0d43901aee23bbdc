"""A split pattern of a person's own: no text is lost, no search is endless, what is no pattern is a sentence."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, pre_tokenizers

from llm.tokenizers import own_pattern
from llm.tokenizers.base import TokenizerError
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.bpe_training import count_words, train
from llm.tokenizers.export import write_huggingface
from llm.tokenizers.load import load_tokenizer
from llm.tokenizers.own_pattern import LONGEST
from llm.tokenizers.split import PATTERNS, check_pattern, words
from llm.tokenizers.tiktoken_backed import TiktokenTokenizer
from tests.llm.tokenizers.many_scripts import TEXT

PATTERNS_OF_ONES_OWN = [r"\w+", r"\s+|\S+", r"[^\n]+\n?", "a", "x*", r"(?i)the|(?<=t)he", r"\p{Han}", r"(?=a)", ".{3}"]
GPT4 = PATTERNS["gpt4"].replace("<L>", r"\p{L}").replace("<N>", r"\p{N}")


@given(st.text(max_size=60) | st.text(alphabet="the a\n1!漢", max_size=60), st.sampled_from(PATTERNS_OF_ONES_OWN))
def test_what_a_pattern_leaves_out_is_kept(text: str, pattern: str) -> None:
    cut = list(words(text, pattern))
    assert "".join(cut) == text
    assert all(cut)
    tokenizer = BPETokenizer([(97, 97), (32, 97)], pattern=pattern)
    assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.parametrize("pattern", [r"\w+", r"\s+|\S+", r"[a-z]+", r"\n"])
def test_words_are_those_of_hugging_face(pattern: str) -> None:
    theirs = pre_tokenizers.Split(Regex(pattern), behavior="isolated").pre_tokenize_str(TEXT)
    assert list(words(TEXT, pattern)) == [word for word, _ in theirs]


def test_a_pattern_written_out_learns_what_the_named_one_does() -> None:
    assert list(train(TEXT, 340, pattern=GPT4)) == list(train(TEXT, 340))


def test_it_is_used_saved_and_found_again(tmp_path: Path) -> None:
    tokenizer = BPETokenizer.train("the cat the dog the cow " * 30, 300, pattern=r"\w+")
    assert b"the" in tokenizer.ranks
    assert not any(b" " in token for token in tokenizer.ranks if len(token) > 1)
    tokenizer.save(tmp_path)
    again = load_tokenizer(tmp_path)
    for text in (TEXT[:100], TEXT):  # tiktoken, which would leave out what lies between the words, is not asked
        assert again.encode(text) == tokenizer.encode(text)
        assert again.decode(again.encode(text)) == text


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "of 1 to 2,000 characters"),
        ("x" * (LONGEST + 1), "of 1 to 2,000 characters"),
        ("\ud800", "of 1 to 2,000 characters"),
        ("(((", "missing"),
        (r"\p{Foo}", "unknown property"),
        (r"\L<x>", "named list"),
        ("(?:" * 490 + ")" * 490, "recursion"),
        ("(?r)a", "searches forwards"),
        ("(a|aa|a?)+$", "took more than"),
        (r"(?<=\Ka)b|a", "follow each other"),
    ],
)
def test_what_is_no_pattern_is_a_sentence(pattern: str, reason: str) -> None:
    for call in (check_pattern, lambda p: BPETokenizer((), pattern=p), lambda p: train("text", 300, pattern=p)):
        with pytest.raises(TokenizerError, match=reason) as caught:
            call(pattern)
        assert "\n" not in str(caught.value)


def test_what_is_done_with_the_words_meanwhile_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    check_pattern(r"[^\n]+|\n")
    monkeypatch.setattr(own_pattern, "PATIENCE", 0.2)
    monkeypatch.setattr(own_pattern, "PER_CHARACTER", 0.0)
    monkeypatch.setattr(own_pattern, "_BLOCK", 64)
    text, found = "ab\n" * 200, []
    for word, _ in own_pattern.pieces(text, r"[^\n]+|\n"):
        found.append(word)
        if len(found) % 64 == 0:
            until = time.process_time() + 0.1
            while time.process_time() < until:
                pass
    assert "".join(found) == text


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", ["q" * 60 + "y", "y" + "q" * 20_000 + "y"])
def test_a_pattern_that_explodes_on_this_text_alone_is_stopped(text: str) -> None:
    pattern, start = "(q|qq|q?)+$", time.process_time()
    with pytest.raises(TokenizerError, match=r"took more than 2\.\d seconds on [\d,]+ characters; write it so"):
        list(count_words(text, pattern, Counter()))
    assert time.process_time() - start < 10


def test_other_programs_are_not_given_it(tmp_path: Path) -> None:
    tokenizer = BPETokenizer.train(TEXT, 300, pattern=r"\w+")
    with pytest.raises(TokenizerError, match="ids would differ"):
        write_huggingface(tokenizer, tmp_path / "hf.json")
    with pytest.raises(TokenizerError, match="ids would differ"):
        TiktokenTokenizer(tokenizer.ranks, {}, r"\w+")
