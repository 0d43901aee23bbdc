"""The algorithm of bpe.py in compiled code: tiktoken with ranks of ours or of a rank file (GPT-2's, GPT-4's). It
adds speed and other people's vocabularies; it cannot train."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self, TypeVar

import tiktoken

from llm.tokenizers.base import (
    TokenizerError,
    by_id,
    checked_special,
    decode,
    token_bytes,
    without_lone_surrogates,
    write_fields,
)
from llm.tokenizers.rank_file import MAX_RANK, RANK_FILE, check_ranks, read_ranks, write_ranks
from llm.tokenizers.split import check_pattern, explicit_pattern

T = TypeVar("T")


class TiktokenTokenizer:
    """Ids are ranks; special tokens have ids of their own, between or behind them."""

    kind: Final = "tiktoken"

    def __init__(self, ranks: Mapping[bytes, int], special_tokens: Mapping[str, int], pattern: str = "gpt4") -> None:
        check_pattern(pattern)
        check_ranks(ranks)
        self.ranks: Mapping[bytes, int] = MappingProxyType(dict(ranks))
        self.pattern = pattern
        self.special_tokens: Mapping[str, int] = MappingProxyType(dict(special_tokens))
        tokens = {rank: token for token, rank in ranks.items()}
        for name, id in special_tokens.items():
            if type(id) is not int or not 0 <= id <= MAX_RANK or id in tokens:
                raise TokenizerError(
                    f"expected an unused id up to {MAX_RANK} for the special token {name!r:.80}, got {id!r:.80}"
                )
            tokens[id] = checked_special(name).encode()
        self._vocabulary = by_id(tokens)
        self.n_vocab = len(self._vocabulary)
        self._encoding = _run(
            lambda: tiktoken.Encoding(
                self.kind, pat_str=explicit_pattern(pattern), mergeable_ranks=dict(ranks), special_tokens={}
            )
        )

    def encode(self, text: str) -> list[int]:
        """Ids of the text; a TokenizerError where tiktoken gives up, as on a million blanks before a word."""
        text = without_lone_surrogates(text)
        return _run(lambda: self._encoding.encode_ordinary(text))

    def decode(self, ids: Iterable[int]) -> str:
        """Text of the ids; a character cut in half becomes U+FFFD."""
        return decode(self._vocabulary, ids)

    def token_bytes(self, id: int) -> bytes:
        """The bytes one id stands for."""
        return token_bytes(self._vocabulary, id)

    def save(self, directory: Path) -> None:
        """Write tokenizer.json and the rank file."""
        write_fields(directory, self.kind, pattern=self.pattern, special_tokens=dict(self.special_tokens))
        write_ranks(directory / RANK_FILE, self.ranks)

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any], directory: Path) -> Self:
        """The tokenizer that tokenizer.json and the rank file beside it describe."""
        return cls(read_ranks(directory / RANK_FILE), fields["special_tokens"], fields["pattern"])


def _run(call: Callable[[], T]) -> T:
    """Call tiktoken; a panic in its Rust code, which no `except Exception` stops, becomes a TokenizerError."""
    try:
        return call()
    except BaseException as error:
        if isinstance(error, (TokenizerError, KeyboardInterrupt, SystemExit)):
            raise
        raise TokenizerError(f"tiktoken gave up ({error}); encode the text in shorter pieces") from None
