"""How byte-pair encoding learns: count the words of a text, then join the most frequent pair of neighbours, over and
over (Sennrich et al. 2016)."""

from __future__ import annotations

import heapq
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from llm.tokenizers.base import N_BYTES, SPECIAL_TOKENS, TokenizerError, without_lone_surrogates
from llm.tokenizers.rank_file import MAX_TOKEN_BYTES
from llm.tokenizers.split import word_blocks

LONG_WORD = 4096  # characters; a longer one is no word of any language, and is learned from in pieces
_BITS = 21  # of an id, whose largest is a code point
_ID = (1 << _BITS) - 1


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
    cut_long_words(counted)
    return _merges(counted, n_merges, min_count)


def count_words(text: str | Iterable[str], pattern: str, counted: Counter[str]) -> Iterator[int]:
    """The first part of `train`: add the words of a text or several to `counted`; yields the characters read so far."""
    read = 0
    for document in [text] if isinstance(text, str) else text:
        for block in word_blocks(without_lone_surrogates(document), pattern):
            counted.update(block)
            read += sum(map(len, block))
            yield read


def cut_long_words(counted: Counter[str]) -> int:
    """The second part: put pieces in place of the words of more than LONG_WORD characters; returned is how many there
    were of these words."""
    long = [word for word in counted if len(word) > LONG_WORD]
    occurrences = [counted.pop(word) for word in long]
    for word, times in zip(long, occurrences, strict=True):
        for start in range(0, len(word), LONG_WORD):
            counted[word[start : start + LONG_WORD]] += times
    return sum(occurrences)


def train_counted(
    counted: Mapping[str, int],
    n_vocab: int,
    special_tokens: Sequence[str] = SPECIAL_TOKENS,
    min_count: int = 2,
) -> Iterator[Merge]:
    """The last part of `train`: the merges of words that were counted before."""
    return _merges(counted, _checked_merges(n_vocab, len(special_tokens)), min_count)


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
    learner = Learner(counted, min_count)
    for _ in range(n_merges):
        merge = learner.join()
        if merge is None:
            return
        yield merge


class Learner:
    """The words of a text as they are cut now, and how often each pair of neighbours stands in them.

    A word is a string with one character per token, chr(id): joining a pair everywhere in it is one `replace`. So is a
    pair, of two characters. `counted` says how often each word occurs.
    """

    def __init__(self, counted: Mapping[str, int], min_count: int = 2) -> None:
        self.vocabulary = [bytes([byte]) for byte in range(N_BYTES)]
        self._words = [word.encode().decode("latin-1") for word in counted]  # latin-1 maps byte b to chr(b)
        self._times = list(counted.values())
        self._least = max(1, min_count)
        self._where: defaultdict[str, list[int]] = defaultdict(list)  # pair -> words, once per place; only grows
        for k, word in enumerate(self._words):
            for i in range(len(word) - 1):
                self._where[word[i : i + 2]].append(k)
        self.counts = {pair: self._total(places) for pair, places in self._where.items()}  # of every pair that occurs
        # A count only falls once its pair is on the heap, so an entry is never too low: it is checked when it comes up.
        self._heap = [_entry(pair, count) for pair, count in self.counts.items()]
        heapq.heapify(self._heap)
        self._front: list[tuple[int, str]] = []  # the first entries, each with its pair, off the heap while looked at

    def candidates(self, n: int) -> list[tuple[str, int]]:
        """The first `n` pairs that could be joined next, with their counts, the one that will be at the head."""
        self._lead(n)
        return [(pair, self.counts[pair]) for _, pair in self._front[:n]]

    def holding(self, pair: str) -> list[tuple[int, int]]:
        """The words in which the pair stands: the place of each among those counted, and how often it can be joined."""
        words = self._words
        return [(k, n) for k in set(self._where.get(pair, ())) if (n := words[k].count(pair))]

    def cut(self, k: int) -> str:
        """The word at a place as it is cut now."""
        return self._words[k]

    def join(self) -> Merge | None:
        """Make the most frequent pair one token everywhere; None where no pair is frequent enough."""
        self._lead(1)
        if not self._front:
            return None
        pair = self._front.pop(0)[1]
        left, right = pair[0], pair[1]
        id = len(self.vocabulary)
        joined, words = chr(id), self._words
        before: defaultdict[str, list[int]] = defaultdict(list)  # neighbour -> words, once per place
        after: defaultdict[str, list[int]] = defaultdict(list)
        for k in set(self._where.pop(pair)):
            word = words[k].replace(pair, joined)
            if word is words[k]:  # the pair went with another merge; were it a copy, nothing would be found in it
                continue
            words[k] = word
            i = word.find(joined)
            while i >= 0:
                if i:
                    before[word[i - 1]].append(k)
                neighbour = word[i + 1 : i + 2]
                if neighbour and neighbour != joined:
                    after[neighbour].append(k)
                i = word.find(joined, i + 1)
        count = self.counts.pop(pair)
        for neighbour, places in before.items():
            self._exchange((right if neighbour == joined else neighbour) + left, neighbour + joined, places)
        for neighbour, places in after.items():
            self._exchange(right + neighbour, joined + neighbour, places)
        self.vocabulary.append(self.vocabulary[ord(left)] + self.vocabulary[ord(right)])
        return Merge(id - N_BYTES, (ord(left), ord(right)), count, id, self.vocabulary[id])

    def _exchange(self, gone: str, new: str, places: list[int]) -> None:
        """In these places the pair `new` stands where `gone` stood."""
        n = self._total(places)
        if gone in self.counts:  # it is not where it is the joined pair itself, as in three of a kind
            self.counts[gone] -= n
            if not self.counts[gone]:
                del self.counts[gone], self._where[gone]
        self.counts[new], self._where[new] = n, places
        if n >= self._least:
            heapq.heappush(self._heap, _entry(new, n))

    def _lead(self, n: int) -> None:
        """See that the first `n` entries at least stand in front, in order, and tell the truth."""
        front, heap = self._front, self._heap
        size = max(n, len(front))
        for entry, pair in front[:]:
            count = self.counts.get(pair, 0)
            if count != -(entry >> 2 * _BITS):
                front.remove((entry, pair))
                heapq.heappush(heap, _entry(pair, count))
        while heap and (len(front) < size or heap[0] < front[-1][0]) and self._settled():
            entry = heapq.heappop(heap)
            insort(front, (entry, _pair(entry)))
            if len(front) > size:
                heapq.heappush(heap, front.pop()[0])

    def _settled(self) -> bool:
        """See that the head of the heap tells the truth; False where there is none."""
        heap = self._heap
        while heap:
            pair, noted = _pair(heap[0]), -(heap[0] >> 2 * _BITS)
            count = self.counts.get(pair, 0)
            left, right = pair[0], pair[1]
            if count < self._least:
                heapq.heappop(heap)
            elif count != noted:
                heapq.heapreplace(heap, _entry(pair, count))
            elif len(self.vocabulary[ord(left)]) + len(self.vocabulary[ord(right)]) > MAX_TOKEN_BYTES:
                heapq.heappop(heap)
            else:
                return True
        return False

    def _total(self, places: list[int]) -> int:
        return sum(map(self._times.__getitem__, places))


def _entry(pair: str, count: int) -> int:
    """One number that sorts as the rule says: the larger count first, then the smaller ids."""
    return (-count << 2 * _BITS) | (ord(pair[0]) << _BITS) | ord(pair[1])


def _pair(entry: int) -> str:
    return chr(entry >> _BITS & _ID) + chr(entry & _ID)
