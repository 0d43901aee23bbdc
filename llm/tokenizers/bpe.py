"""Byte-level BPE from scratch. Over characters it adds two things: bytes, so that any text has ids, and learned
merges, so that frequent words are short (Sennrich et al. 2016; on bytes, Radford et al. 2019)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from operator import index
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Self

from llm.tokenizers.base import (
    N_BYTES,
    SPECIAL_TOKENS,
    TokenizerError,
    decode,
    place_specials,
    token_bytes,
    without_lone_surrogates,
    write_fields,
)
from llm.tokenizers.bpe_training import train
from llm.tokenizers.long_word import merge_long
from llm.tokenizers.rank_file import (
    MAX_RANK,
    MAX_TOKEN_BYTES,
    MAX_VOCABULARY_BYTES,
    RANK_FILE,
    check_ranks,
    write_ranks,
)
from llm.tokenizers.split import PATTERNS, check_pattern, words

if TYPE_CHECKING:
    from llm.tokenizers.tiktoken_backed import TiktokenTokenizer

LONG_TEXT = 512  # characters; below it the encoder of this file has finished before tiktoken is loaded
LONG_WORD = 16  # characters; from there on a heap of the joins is several times faster than looking at all of them
_KNOWN_WORDS = 65_536  # words whose ids are remembered


class BPETokenizer:
    """256 bytes, then the merges in the order they were learned, then the special tokens."""

    kind: Final = "bpe"

    def __init__(
        self,
        merges: Iterable[tuple[int, int]],
        special_tokens: Sequence[str] = SPECIAL_TOKENS,
        pattern: str = "gpt4",
    ) -> None:
        check_pattern(pattern)
        self.merges = tuple(merges)
        if len(self.merges) > MAX_RANK - N_BYTES:
            raise TokenizerError(f"expected at most {MAX_RANK - N_BYTES:,} merges, got {len(self.merges):,}; use fewer")
        self.pattern = pattern
        tokens = [bytes([byte]) for byte in range(N_BYTES)]
        n_bytes = N_BYTES
        for left, right in self.merges:
            if not (0 <= left < len(tokens) and 0 <= right < len(tokens)):
                raise TokenizerError(
                    f"expected merge {len(tokens) - N_BYTES} to join two ids below {len(tokens)}, "
                    f"got {left} and {right}; list merges in the order they were learned"
                )
            if len(tokens[left]) + len(tokens[right]) > MAX_TOKEN_BYTES:
                raise TokenizerError(f"expected tokens of at most {MAX_TOKEN_BYTES} bytes, got a merge to a longer one")
            tokens.append(tokens[left] + tokens[right])
            n_bytes += len(tokens[-1])
            if n_bytes > MAX_VOCABULARY_BYTES:
                raise TokenizerError(
                    f"expected tokens of at most {MAX_VOCABULARY_BYTES:,} bytes together, got more by merge "
                    f"{len(tokens) - N_BYTES:,} of {len(self.merges):,}; use a smaller vocabulary"
                )
        self.ranks: Mapping[bytes, int] = MappingProxyType({token: id for id, token in enumerate(tokens)})
        if len(self.ranks) != len(tokens):
            raise TokenizerError("expected each merge to make a new token, got one that exists; train it again")
        check_ranks(self.ranks)
        self.special_tokens: Mapping[str, int] = MappingProxyType(place_specials(special_tokens, len(tokens)))
        self._vocabulary = [*tokens, *(name.encode() for name in self.special_tokens)]
        self._known: dict[str, list[int]] = {}
        self.n_vocab = len(self._vocabulary)

    @classmethod
    def train(
        cls,
        text: str | Iterable[str],
        n_vocab: int,
        special_tokens: Sequence[str] = SPECIAL_TOKENS,
        pattern: str = "gpt4",
    ) -> Self:
        """Learn from a text or several. A short text gives fewer tokens: compare `n_vocab` of the result."""
        merges = train(text, n_vocab, special_tokens, pattern)
        return cls((merge.pair for merge in merges), special_tokens, pattern)

    def encode(self, text: str) -> list[int]:
        """Ids of the text; a long one is encoded by tiktoken with these ranks, to the same ids.

        Not where it is split by a pattern of somebody's own: tiktoken leaves out what that does not match.
        """
        if len(text) >= LONG_TEXT and self.pattern in PATTERNS:
            try:
                return self._tiktoken.encode(text)
            except TokenizerError:
                pass  # a million blanks in a row are too many for its regex engine, not for ours
        return self.encode_from_scratch(text)

    def encode_from_scratch(self, text: str) -> list[int]:
        """Ids of the text by the code of this file alone."""
        ids: list[int] = []
        for word in words(without_lone_surrogates(text), self.pattern):
            ids += self._known.get(word) or self._encode_word(word)
        return ids

    def _encode_word(self, word: str) -> list[int]:
        join = merge if len(word) < LONG_WORD else merge_long
        ids = [self.ranks[part] for part in join(word.encode(), self.ranks)]
        if len(word) < LONG_TEXT and len(self._known) < _KNOWN_WORDS:
            self._known[word] = ids
        return ids

    @cached_property
    def _tiktoken(self) -> TiktokenTokenizer:
        from llm.tokenizers.tiktoken_backed import TiktokenTokenizer

        return TiktokenTokenizer(self.ranks, self.special_tokens, self.pattern)

    def decode(self, ids: Iterable[int]) -> str:
        """Text of the ids; a character cut in half becomes U+FFFD."""
        return decode(self._vocabulary, ids)

    def token_bytes(self, id: int) -> bytes:
        """The bytes one id stands for."""
        return token_bytes(self._vocabulary, id)

    def save(self, directory: Path) -> None:
        """Write tokenizer.json, which `from_fields` reads, and the same ranks for tiktoken to read."""
        write_fields(
            directory,
            self.kind,
            pattern=self.pattern,
            special_tokens=list(self.special_tokens),
            merges=self.merges,
        )
        write_ranks(directory / RANK_FILE, self.ranks)

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any], directory: Path) -> Self:
        """The tokenizer that tokenizer.json describes; the rank file is derived and not read."""
        merges = [(index(left), index(right)) for left, right in fields["merges"]]
        return cls(merges, fields["special_tokens"], fields["pattern"])


def merge(word: bytes, ranks: Mapping[bytes, int]) -> list[bytes]:
    """Start from single bytes and keep joining the pair whose joined bytes have the lowest rank."""
    if word in ranks:
        return [word]
    parts = [word[i : i + 1] for i in range(len(word))]
    while True:
        best = min(
            (left + right for left, right in pairwise(parts) if left + right in ranks),
            key=ranks.__getitem__,
            default=None,
        )
        if best is None:
            return parts
        joined: list[bytes] = []
        for part in parts:
            if joined and joined[-1] + part == best:
                joined[-1] = best
            else:
                joined.append(part)
        parts = joined
