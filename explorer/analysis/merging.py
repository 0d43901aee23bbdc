"""Why did this pair become one token? Byte-pair learning replayed: at every merge the pairs that stood for choice."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import regex

from llm.tokenizers.base import without_lone_surrogates
from llm.tokenizers.bpe import N_BYTES, Merge, changes, count_words, train_counted
from llm.tokenizers.rank_file import MAX_TOKEN_BYTES
from llm.tokenizers.split import words

SHOWN = 2_000  # characters of the text in which the merges are shown
TOP = 12  # candidates kept of each moment
WORDS = 4  # words named that hold the winner
NEVER = 65_535  # of a boundary that no merge takes away
MOST = 8_000  # merges: ids stay below the surrogates, ranks below NEVER

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
    characters: int
    kinds_of_words: int
    tokens: np.ndarray  # K+1: tokens of the whole text
    pairs: np.ndarray  # K+1 TOP 2: candidates, most frequent first, the rule for ties within; -1 where there are fewer
    counts: np.ndarray  # K+1 TOP
    kinds: np.ndarray  # K+1: different pairs that occur
    places: np.ndarray  # K+1: the counts of all of them together
    words: tuple[str, ...]  # that hold a winner
    holds: np.ndarray  # K WORDS 2: word and how many of the winner's count stand in it; -1 where there are fewer
    holders: np.ndarray  # K: different words that hold the winner
    shown: Shown

    @property
    def bytes_per_token(self) -> np.ndarray:
        return self.tokens[0] / np.maximum(1, self.tokens)

    def first(self, token: bytes) -> int | None:
        """After how many merges the token is there."""
        return next((merge.rank + 1 for merge in self.merges if merge.token_bytes == token), None)


def learn(text: str, n_merges: int, pattern: str = "gpt4", say: Callable[[str], None] = lambda words: None) -> Learned:
    """Train on the text, then replay the merges with every count; `say` is told how far it is and may raise to stop."""
    text = without_lone_surrogates(text)
    counted: Counter[str] = Counter()
    for read in count_words(text, pattern, counted):
        say(f"Counting words, {read:,} of {len(text):,} characters")
    merges = []
    for merge in train_counted(counted, N_BYTES + min(n_merges, MOST), ()):
        merges.append(merge)
        say(f"Merge {merge.rank + 1:,} of {n_merges:,}")
    say("Counting pairs")
    replay = _Replay(counted)
    rows = [replay.row()]
    named: dict[str, int] = {}
    holds = np.full((len(merges), WORDS, 2), -1, dtype=np.int64)
    holders = np.zeros(len(merges), dtype=np.int64)
    for k, merge in enumerate(merges):
        inside = replay.join(merge)
        holders[k] = len(inside)
        for n, (word, count) in enumerate(heapq.nsmallest(WORDS, inside, key=lambda one: (-one[1], one[0]))):
            holds[k, n] = named.setdefault(word, len(named)), count
        rows.append(replay.row())
        say(f"Counting pairs, merge {k + 1:,} of {len(merges):,}")
    pairs = np.full((len(rows), TOP, 2), -1, dtype=np.int64)
    counts = np.zeros((len(rows), TOP), dtype=np.int64)
    for k, row in enumerate(rows):
        for n, (count, left, right) in enumerate(row.best):
            pairs[k, n], counts[k, n] = (left, right), count
    return Learned(
        merges=tuple(merges),
        characters=len(text),
        kinds_of_words=len(counted),
        tokens=np.array([row.tokens for row in rows]),
        pairs=pairs,
        counts=counts,
        kinds=np.array([row.kinds for row in rows]),
        places=np.array([row.places for row in rows]),
        words=tuple(named),
        holds=holds,
        holders=holders,
        shown=shown(text[:SHOWN], merges, pattern),
    )


@dataclass(frozen=True)
class _Row:
    tokens: int
    best: tuple[tuple[int, int, int], ...]  # count, left, right
    kinds: int
    places: int


class _Replay:
    """The words of a text, one character per token, and the count of every pair in them."""

    def __init__(self, counted: Mapping[str, int]) -> None:
        self._names = list(counted)
        self._spelled = [word.encode().decode("latin-1") for word in counted]
        self._times = list(counted.values())
        self._lengths = [1] * N_BYTES
        self._counts: dict[str, int] = defaultdict(int)
        self._where: defaultdict[str, set[int]] = defaultdict(set)  # never shrinks
        for k, word in enumerate(self._spelled):
            for pair in _pairs(word):
                self._counts[pair] += self._times[k]
                self._where[pair].add(k)
        self._heap = [(-count, pair) for pair, count in self._counts.items()]
        heapq.heapify(self._heap)
        self._places = sum(self._counts.values())
        self._tokens = sum(len(word) * times for word, times in zip(self._spelled, self._times, strict=True))

    def row(self) -> _Row:
        """The most frequent pairs now. Entries of the heap that no longer hold are dropped on the way."""
        best: list[tuple[int, str]] = []
        while self._heap and len(best) < TOP:
            entry = heapq.heappop(self._heap)
            noted, pair = entry
            too_long = sum(self._lengths[ord(id)] for id in pair) > MAX_TOKEN_BYTES
            if self._counts.get(pair) == -noted and not too_long and entry not in best[-1:]:
                best.append(entry)
        for entry in best:
            heapq.heappush(self._heap, entry)
        wire = tuple((-noted, ord(pair[0]), ord(pair[1])) for noted, pair in best)
        return _Row(self._tokens, wire, len(self._counts), self._places)

    def join(self, merge: Merge) -> list[tuple[str, int]]:
        """Apply a merge; the words that held its pair, each with how many of the pair's count stood in it."""
        left, right = merge.pair
        pair, joined = chr(left) + chr(right), chr(merge.id)
        self._lengths.append(self._lengths[left] + self._lengths[right])
        inside, changed = [], {pair}
        for k in self._where.pop(pair, ()):
            word, times = self._spelled[k], self._times[k]
            if pair not in word:
                continue
            new = self._spelled[k] = word.replace(pair, joined)
            here = _overlapping(word, pair)
            self._counts[pair] -= here * times
            for old, fresh in changes(new, joined, pair):
                if old != pair:
                    self._counts[old] -= times
                self._counts[fresh] += times
                self._where[fresh].add(k)
                changed.update((old, fresh))
            inside.append((self._names[k], here * times))
            self._tokens -= (len(word) - len(new)) * times
            self._places -= (len(word) - len(new)) * times
        for one in changed:
            if self._counts[one]:
                heapq.heappush(self._heap, (-self._counts[one], one))
            else:
                del self._counts[one]
        return inside


def _overlapping(word: str, pair: str) -> int:
    """How often the pair stands in the word; twice in three of a kind."""
    if pair[0] != pair[1]:
        return word.count(pair)
    return sum(len(run) - 1 for run in regex.findall(f"{regex.escape(pair)}+", word))


def _pairs(word: str) -> Iterable[str]:
    return (word[i : i + 2] for i in range(len(word) - 1))


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
