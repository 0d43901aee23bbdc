"""Why did this pair become one token? Byte-pair learning watched: at every merge the pairs that stood for choice."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import regex

from llm.tokenizers.base import N_BYTES, without_lone_surrogates
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.bpe_training import Learner, Merge, count_words, cut_long_words
from llm.tokenizers.split import words

SHOWN = 2_000  # characters of the text in which the merges are shown
TOP = 12  # candidates kept of each moment
WORDS = 4  # words named that hold the winner
NEVER = 65_535  # of a boundary that no merge takes away
MOST_MERGES = 8_192  # a vocabulary of 8,192 and a bit more; ids fit 16 bits, ranks stay below NEVER

# Shapes: K merges, B bytes of the shown text. Row k: after the first k merges.


@dataclass(frozen=True)
class Shown:
    """The beginning of the text, and which merge takes away the boundary before each of its bytes."""

    units: tuple[str, ...]  # what a reader takes for one character
    starts: np.ndarray  # first byte of each unit
    gone: np.ndarray  # B, uint16: rank of that merge, NEVER between words and at the start

    def tokens(self, k: int) -> list[bytes]:
        """The tokens after the first k merges."""
        raw = "".join(self.units).encode()
        cuts = [i for i, rank in enumerate(self.gone) if rank >= k] + [len(raw)]
        return [raw[start:end] for start, end in pairwise(cuts)]


@dataclass(frozen=True)
class Learned:
    """A whole training."""

    merges: tuple[Merge, ...]
    pattern: str  # that split the text into words
    characters: int
    kinds_of_words: int
    long_words: int  # learned from in pieces: the encoder, which cuts none, may make fewer tokens of them
    tokens: np.ndarray  # K+1: tokens of the whole text
    pairs: np.ndarray  # K+1 TOP 2: candidates, most frequent first, the rule for ties within; -1 where there are fewer
    counts: np.ndarray  # K+1 TOP
    kinds: np.ndarray  # K+1: different pairs that occur
    places: np.ndarray  # K+1: the counts of all of them together
    words: tuple[str, ...]  # that hold a winner
    holds: np.ndarray  # K WORDS 2: word and how many of the winner's count stand in it; -1 where there are fewer
    holders: np.ndarray  # K: different words that hold the winner
    shown: Shown

    @cached_property
    def tokenizer(self) -> BPETokenizer:
        """What was learned, with the special tokens of every tokenizer here."""
        return BPETokenizer([merge.pair for merge in self.merges], pattern=self.pattern)

    @property
    def bytes_per_token(self) -> np.ndarray:
        return self.tokens[0] / np.maximum(1, self.tokens)

    def token(self, id: int) -> bytes:
        """What the token of an id stands for."""
        return bytes([id]) if id < N_BYTES else self.merges[id - N_BYTES].token_bytes

    def first(self, token: bytes) -> int | None:
        """After how many merges the token is there."""
        return next((merge.rank + 1 for merge in self.merges if merge.token_bytes == token), None)


def learn(text: str, n_merges: int, pattern: str = "gpt4", say: Callable[[str], None] = lambda words: None) -> Learned:
    """Train on the text and keep every moment of it; `say` is told how far it is and may raise to stop.

    `pattern` is a named one or a person's own. Raises TokenizerError for one that cannot be used.
    """
    text = without_lone_surrogates(text)
    n_merges = min(n_merges, MOST_MERGES)
    counted: Counter[str] = Counter()
    for read in count_words(text, pattern, counted):
        say(f"Counting words, {read:,} of {len(text):,} characters")
    long_words = cut_long_words(counted)
    names, times = list(counted), list(counted.values())
    say(f"Counting pairs in {len(names):,} different words")
    learner = Learner(counted, min_count=1)  # what occurs once is on show too
    n_words, tokens = sum(times), [sum(len(word.encode()) * n for word, n in counted.items())]
    tops, kinds = [learner.candidates(TOP)], [len(learner.counts)]
    merges: list[Merge] = []
    holders: list[int] = []
    holds: list[list[tuple[int, int]]] = []
    named: dict[str, int] = {}
    while len(merges) < n_merges and tops[-1] and tops[-1][0][1] > 1:
        pair = tops[-1][0][0]
        inside = learner.holding(pair)
        joins = sum([n * times[k] for k, n in inside])
        if pair[0] == pair[1]:
            inside = [(k, _overlapping(learner.cut(k), pair)) for k, _ in inside]
        most = heapq.nsmallest(WORDS, [(-n * times[k], names[k]) for k, n in inside])
        holds.append([(named.setdefault(word, len(named)), -n) for n, word in most])
        holders.append(len(inside))
        merge = learner.join()
        assert merge, "the first candidate can be joined"
        merges.append(merge)
        tokens.append(tokens[-1] - joins)
        tops.append(learner.candidates(TOP))
        kinds.append(len(learner.counts))
        say(f"Merge {len(merges):,} of {n_merges:,}")
    pairs, counts = _table(tops)
    return Learned(
        merges=tuple(merges),
        pattern=pattern,
        characters=len(text),
        kinds_of_words=len(counted),
        long_words=long_words,
        tokens=np.array(tokens),
        pairs=pairs,
        counts=counts,
        kinds=np.array(kinds),
        places=np.array(tokens) - n_words,  # a word has one pair fewer than tokens
        words=tuple(named),
        holds=_filled(holds, WORDS),
        holders=np.array(holders, dtype=np.int64),
        shown=shown(text[:SHOWN], merges, pattern),
    )


def _table(tops: Sequence[Sequence[tuple[str, int]]]) -> tuple[np.ndarray, np.ndarray]:
    """Candidates and their counts as arrays."""
    there = np.arange(TOP) < np.array([len(top) for top in tops])[:, None]
    pairs, counts = np.full((*there.shape, 2), -1), np.zeros(there.shape, dtype=np.int64)
    ids = "".join([pair for top in tops for pair, _ in top]).encode("utf-32-le", "surrogatepass")
    pairs[there] = np.frombuffer(ids, "<u4").reshape(-1, 2)
    counts[there] = [count for top in tops for _, count in top]
    return pairs, counts


def _filled(rows: Sequence[Sequence[tuple[int, int]]], width: int) -> np.ndarray:
    """One after the other, each filled up with -1."""
    found = np.full((len(rows), width, 2), -1, dtype=np.int64)
    for k, row in enumerate(rows):
        if row:
            found[k, : len(row)] = row
    return found


def _overlapping(word: str, pair: str) -> int:
    """How often a pair of equals stands in the word: twice in three of a kind."""
    return sum(len(run) - 1 for run in regex.findall(f"{regex.escape(pair)}+", word))


def shown(text: str, merges: Sequence[Merge], pattern: str = "gpt4") -> Shown:
    """Where the merges join this text."""
    units = regex.findall(r"\X", text)
    ranks = {merge.pair: merge.rank for merge in merges}
    gone: list[int] = []
    for word in words(text, pattern):
        gone += _gone(word.encode(), ranks)
    starts = np.cumsum([0, *(len(unit.encode()) for unit in units)])[:-1]
    return Shown(tuple(units), starts, np.array(gone, dtype=np.uint16))


def _gone(word: bytes, ranks: Mapping[tuple[int, int], int]) -> list[int]:
    """For each byte of a word the rank of the merge that joins it to the one before."""
    gone, ids, starts = [NEVER] * len(word), list(word), list(range(len(word)))
    while True:
        found = [(rank, pair) for pair in pairwise(ids) if (rank := ranks.get(pair)) is not None]
        if not found:
            return gone
        rank, pair = min(found)
        i = 0
        while i < len(ids) - 1:
            if (ids[i], ids[i + 1]) == pair:
                gone[starts[i + 1]] = rank
                ids[i : i + 2] = [N_BYTES + rank]
                del starts[i + 1]
            i += 1
