"""The character tokenizer: what it knows round-trips, what it does not is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.tokenizers.base import TokenizerError
from llm.tokenizers.char import CharTokenizer


@given(st.text(max_size=80))
def test_round_trip_of_its_own_text(text: str) -> None:
    tokenizer = CharTokenizer.train(text)
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.n_vocab == len(set(text)) + 3
    assert b"".join(map(tokenizer.token_bytes, tokenizer.encode(text))) == text.encode()


def test_ids_follow_code_points_and_specials_come_last() -> None:
    tokenizer = CharTokenizer.train(["ba", "né"])
    assert tokenizer.characters == ("a", "b", "n", "é")
    assert tokenizer.encode("banné") == [1, 0, 2, 2, 3]
    assert list(tokenizer.special_tokens.values()) == [4, 5, 6]
    assert tokenizer.decode([0, 4]) == "a<|endoftext|>"
    assert tokenizer.encode("") == []


def test_an_unknown_character_is_named_with_its_place() -> None:
    tokenizer = CharTokenizer.train("abc")
    with pytest.raises(TokenizerError, match=r"'é' \(U\+00E9\) at position 2") as caught:
        tokenizer.encode("abé")
    assert "BPE" in str(caught.value)
    with pytest.raises(TokenizerError, match=r"'É' \(U\+00C9\) at position 0, 'x' .* and 2 more; take them out"):
        tokenizer.encode("Éaxxyzuvw")
    with pytest.raises(TokenizerError, match="U\\+003C"):
        tokenizer.encode("<|endoftext|>")


def test_special_names_are_spelled_out_when_their_characters_are_known() -> None:
    tokenizer = CharTokenizer.train("<|endoftext|>")
    ids = tokenizer.encode("<|endoftext|>")
    assert len(ids) == len("<|endoftext|>")
    assert tokenizer.special_tokens["<|endoftext|>"] not in ids


def test_lone_surrogates_become_the_replacement_character() -> None:
    tokenizer = CharTokenizer.train("a\ud800")
    assert tokenizer.characters == ("a", "\ufffd")
    assert tokenizer.decode(tokenizer.encode("\udfff")) == "\ufffd"


def test_unknown_ids_and_impossible_vocabularies_are_refused() -> None:
    with pytest.raises(TokenizerError, match="from 0 to 3"):
        CharTokenizer.train("a").decode([4])
    with pytest.raises(TokenizerError, match="single characters"):
        CharTokenizer(["ab"])
    with pytest.raises(TokenizerError, match="once"):
        CharTokenizer(["a", "a"])
