"""What sort of text each token of a vocabulary is."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from llm.tokenizers.base import Tokenizer

KINDS = ("word, after a space", "letters without a space", "digits", "punctuation", "white space", "bytes", "special")
_WORD, _PIECE, _DIGITS, _MARKS, _SPACE, _BYTES, _SPECIAL = range(len(KINDS))


_KNOWN: WeakKeyDictionary[Tokenizer, np.ndarray] = WeakKeyDictionary()


def token_kinds(tokenizer: Tokenizer) -> np.ndarray:
    """V, uint8: the place in KINDS of every token; kept as long as the tokenizer."""
    if tokenizer not in _KNOWN:
        _KNOWN[tokenizer] = _token_kinds(tokenizer)
    return _KNOWN[tokenizer]


def _token_kinds(tokenizer: Tokenizer) -> np.ndarray:
    special = set(tokenizer.special_tokens.values())
    return np.array(
        [_kind(tokenizer.token_bytes(id), id in special) for id in range(tokenizer.n_vocab)], dtype=np.uint8
    )


def _kind(raw: bytes, special: bool) -> int:
    if special:
        return _SPECIAL
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return _BYTES
    if not text.strip():
        return _SPACE if text.isspace() else _BYTES
    if not text.isprintable() and not any(letter.isalnum() or letter.isspace() for letter in text):
        return _BYTES  # control characters: seen as escapes, as lone bytes are
    if any(letter.isalpha() for letter in text):
        return _WORD if text[0].isspace() else _PIECE
    return _DIGITS if any(letter.isdigit() for letter in text) else _MARKS
