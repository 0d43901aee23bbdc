"""Byte-level BPE from scratch. Over characters it adds two things: bytes, so that any text has ids, and learned
merges, so that frequent words are short (Sennrich et al. 2016; on bytes, Radford et al. 2019)."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from operator import index
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Self

from llm.tokenizers.base import (
    SPECIAL_TOKENS,
    TokenizerError,
    decode,
    place_specials,
    token_bytes,
    without_lone_surrogates,
    write_fields,
)
from llm.tokenizers.long_word import merge_long
from llm.tokenizers.rank_file import (
    MAX_RANK,
    MAX_TOKEN_BYTES,
    MAX_VOCABULARY_BYTES,
    RANK_FILE,
    check_ranks,
    write_ranks,
)
from llm.tokenizers.split import check_pattern, word_blocks, words

if TYPE_CHECKING:
    from llm.tokenizers.tiktoken_backed import TiktokenTokenizer

N_BYTES = 256
LONG_WORD = 4096  # characters; a longer one is no word of any language, and is learned from in pieces
LONG_TEXT = 512  # characters; below it the encoder of this file has finished before tiktoken is loaded
_KNOWN_WORDS = 65_536  # words whose ids are remembered


@dataclass(frozen=True)
class Merge:
    """Two neighbouring tokens that become one."""

    rank: int  # 0 for the first merge learned
    pair: tuple[int, int]
    count: int  # how often the pair stood in the text, overlaps counted
    id: int  # of the new token: 256 + rank
    token_bytes: bytes


def train(
    text: str | Iterable[str],
    n_vocab: int,
    special_tokens: Sequence[str] = SPECIAL_TOKENS,
    pattern: str = "gpt4",
    min_count: int = 2,
) -> Iterator[Merge]:
    """Learn merges from a text or from several documents, most frequent pair first, and yield each as it is found.

    `n_vocab` counts the 256 bytes, the merges and the special tokens. Among equally frequent pairs the one with
    the smaller first id wins, then the one with the smaller second. Ends early, with fewer merges than asked,
    when no pair is left that occurs `min_count` times and makes a token of at most MAX_TOKEN_BYTES. A word of more
    than LONG_WORD characters counts as several, so that one endless word costs no more than a text of its length.
    """
    n_merges = _checked_merges(n_vocab, len(special_tokens))
    counted: Counter[str] = Counter()
    for _ in count_words(text, pattern, counted):
        pass
    return _merges(counted, n_merges, max(1, min_count))


def count_words(text: str | Iterable[str], pattern: str, counted: Counter[str]) -> Iterator[int]:
    """The first half of `train`: add the words of a text or several to `counted`; yields the characters read so far."""
    read = 0
    for document in [text] if isinstance(text, str) else text:
        for block in word_blocks(without_lone_surrogates(document), pattern):
            counted.update(block)
            read += sum(map(len, block))
            yield read
    for word in [word for word in counted if len(word) > LONG_WORD]:
        times = counted.pop(word)
        for start in range(0, len(word), LONG_WORD):
            counted[word[start : start + LONG_WORD]] += times


def train_counted(
    counted: Mapping[str, int],
    n_vocab: int,
    special_tokens: Sequence[str] = SPECIAL_TOKENS,
    min_count: int = 2,
) -> Iterator[Merge]:
    """The second half of `train`: the merges of words that were counted before."""
    return _merges(counted, _checked_merges(n_vocab, len(special_tokens)), max(1, min_count))


def _checked_merges(n_vocab: int, n_special: int) -> int:
    """How many merges fill the vocabulary; a TokenizerError for a size that cannot be."""
    if n_vocab < N_BYTES + n_special:
        raise TokenizerError(
            f"expected n_vocab of at least {N_BYTES + n_special} (256 bytes and {n_special} special tokens), "
            f"got {n_vocab}; ask for more"
        )
    if n_vocab > 0x110000:
        raise TokenizerError(f"expected n_vocab of at most {0x110000}, got {n_vocab}; ask for fewer")
    return n_vocab - N_BYTES - n_special


def _merges(counted: Mapping[str, int], n_merges: int, min_count: int) -> Iterator[Merge]:
    """The merges of words with counts.

    A word is a string with one character per token, chr(id): joining a pair everywhere in it is one `replace`.
    """
    spelled = [word.encode().decode("latin-1") for word in counted]  # latin-1 maps byte b to chr(b)
    times = list(counted.values())
    where: defaultdict[str, list[int]] = defaultdict(list)  # pair -> words, once per place; never shrinks
    for k, word in enumerate(spelled):
        for i in range(len(word) - 1):
            where[word[i : i + 2]].append(k)
    counts = {pair: sum(times[k] for k in places) for pair, places in where.items()}

    # A count only falls once its pair is on the heap, so an entry is never too low: it is checked when it comes up.
    heap = [(-count, pair) for pair, count in counts.items()]
    heapq.heapify(heap)
    vocabulary = [bytes([byte]) for byte in range(N_BYTES)]
    while heap and len(vocabulary) < N_BYTES + n_merges:
        noted, pair = heapq.heappop(heap)
        count = counts[pair]
        if count < min_count:
            continue
        if count != -noted:
            heapq.heappush(heap, (-count, pair))
            continue
        left, right = map(ord, pair)
        joined_bytes = vocabulary[left] + vocabulary[right]
        if len(joined_bytes) > MAX_TOKEN_BYTES:
            continue
        joined = chr(len(vocabulary))
        born: defaultdict[str, list[int]] = defaultdict(list)
        for k in set(where.pop(pair)):
            if pair not in spelled[k]:
                continue
            spelled[k] = spelled[k].replace(pair, joined)
            for gone, new in changes(spelled[k], joined, pair):
                counts[gone] -= times[k]
                born[new].append(k)
        where.update(born)
        for new, places in born.items():
            counts[new] = sum(times[k] for k in places)
            if counts[new] >= min_count:
                heapq.heappush(heap, (-counts[new], new))
        id = len(vocabulary)
        vocabulary.append(joined_bytes)
        yield Merge(id - N_BYTES, (left, right), count, id, joined_bytes)


def changes(word: str, joined: str, pair: str) -> Iterator[tuple[str, str]]:
    """The neighbouring pairs that `joined`, put where `pair` stood, took away, each with the one it brought."""
    left, right = pair[0], pair[1]
    i = word.find(joined)
    while i >= 0:
        if i > 0:
            before = word[i - 1]
            yield (right if before == joined else before) + left, before + joined
        after = word[i + 1 : i + 2]
        if after and after != joined:
            yield right + after, joined + after
        i = word.find(joined, i + 1)


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
        self._vocabulary = dict(enumerate([*tokens, *(name.encode() for name in self.special_tokens)]))
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
        """Ids of the text; a long one is encoded by tiktoken with these ranks, to the same ids."""
        if len(text) >= LONG_TEXT:
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
        if len(word) >= LONG_TEXT:
            return [self.ranks[part] for part in merge_long(word.encode(), self.ranks)]
        ids = [self.ranks[part] for part in merge(word.encode(), self.ranks)]
        if len(self._known) < _KNOWN_WORDS:
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
