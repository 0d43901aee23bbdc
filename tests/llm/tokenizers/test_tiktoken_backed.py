"""The tiktoken wrapper: same ids as tiktoken itself, and its panics are errors that a caller can catch."""

from __future__ import annotations

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st

from llm.tokenizers.base import TokenizerError
from llm.tokenizers.split import explicit_pattern
from llm.tokenizers.tiktoken_backed import TiktokenTokenizer

BYTES = {bytes([b]): b for b in range(256)}
RANKS = BYTES | {b"ab": 256, b"abab": 257, b" a": 258}


@pytest.fixture(scope="module")
def tokenizer() -> TiktokenTokenizer:
    return TiktokenTokenizer(RANKS, {"<|endoftext|>": 300}, "gpt2")


@given(st.text(alphabet=st.one_of(st.sampled_from("ab "), st.characters(exclude_categories=["Cs"])), max_size=80))
def test_same_ids_as_tiktoken(tokenizer: TiktokenTokenizer, text: str) -> None:
    theirs = tiktoken.Encoding(
        "theirs", pat_str=explicit_pattern("gpt2"), mergeable_ranks=RANKS, special_tokens={"<|endoftext|>": 300}
    )
    assert tokenizer.encode(text) == theirs.encode_ordinary(text)
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_special_tokens_have_their_own_ids_and_holes_stand_for_nothing(tokenizer: TiktokenTokenizer) -> None:
    assert tokenizer.n_vocab == 301
    assert 300 not in tokenizer.encode("<|endoftext|>")
    assert tokenizer.decode([257, 300]) == "abab<|endoftext|>"
    assert tokenizer.token_bytes(300) == b"<|endoftext|>"
    assert tokenizer.token_bytes(259) == tokenizer.token_bytes(299) == b""
    assert tokenizer.decode([97, 299, 98]) == "ab"
    for id in (301, -1):
        with pytest.raises(TokenizerError):
            tokenizer.decode([id])


def test_a_panic_is_an_error(tokenizer: TiktokenTokenizer) -> None:
    with pytest.raises(TokenizerError, match="StackOverflow"):
        tokenizer.encode(" " * 1_500_000 + "x")
    assert tokenizer.encode("abab") == [257]


@pytest.mark.parametrize(
    ("ranks", "special_tokens", "pattern", "reason"),
    [
        ({b"a": 0}, {}, "gpt4", "256 bytes"),
        (BYTES | {b"ab": 97}, {}, "gpt4", "each rank once"),
        (BYTES | {b"": 256}, {}, "gpt4", "at least one byte"),
        (BYTES, {}, "", "split pattern"),
        (BYTES, {}, "(((", "split pattern"),
        (BYTES, {"<|x|>": 97}, "gpt4", "unused id"),
        (BYTES, {"": 256}, "gpt4", "names of special"),
        (BYTES, {"<|x|>": -1}, "gpt4", "unused id"),
        (BYTES, {"<|x|>": 256, "<|y|>": 256}, "gpt4", "unused id"),
    ],
)
def test_hostile_parts_are_refused(
    ranks: dict[bytes, int], special_tokens: dict[str, int], pattern: str, reason: str
) -> None:
    with pytest.raises(TokenizerError, match=reason):
        TiktokenTokenizer(ranks, special_tokens, pattern)


def test_stopping_by_hand_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tiktoken, "Encoding", stop)
    with pytest.raises(KeyboardInterrupt):
        TiktokenTokenizer(RANKS, {})
