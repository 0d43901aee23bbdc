"""Every token is of one kind."""

import pytest

from explorer.analysis.token_kinds import KINDS, _kind, token_kinds
from llm.tokenizers.bpe import BPETokenizer


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b" red", "word, after a space"),
        (b"\nThe", "word, after a space"),
        (b"ed", "letters without a space"),
        ("é".encode(), "letters without a space"),
        (b"'s", "letters without a space"),
        (b"42", "digits"),
        (b" 4", "digits"),
        (b',"', "punctuation"),
        (b".\n", "punctuation"),
        (b"\n\n", "white space"),
        (b" ", "white space"),
        (b"\xe2\x80", "bytes"),
        (b"\x04", "bytes"),
    ],
)
def test_a_token(raw: bytes, kind: str) -> None:
    assert KINDS[_kind(raw, False)] == kind


def test_a_vocabulary() -> None:
    tokenizer = BPETokenizer.train("red lamp, red house. " * 40, 270)
    kinds = token_kinds(tokenizer)
    assert len(kinds) == tokenizer.n_vocab
    for id in tokenizer.special_tokens.values():
        assert KINDS[kinds[id]] == "special"
