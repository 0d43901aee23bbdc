"""Byte-pair learning against the paper's kind of worked example, a naive trainer and Hugging Face's trainer."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from llm.corpora.standard_library import standard_library
from llm.corpora.stories import stories
from llm.tokenizers.base import TokenizerError
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.bpe_training import Merge, train
from llm.tokenizers.rank_file import MAX_TOKEN_BYTES
from llm.tokenizers.split import words
from tests.llm.tokenizers.many_scripts import TEXT


def naive_train(text: str, n_merges: int) -> list[tuple[int, int]]:
    """Recount every pair of every word before every merge."""
    counted = {tuple(word.encode()): n for word, n in Counter(words(text, "gpt4")).items()}
    learned: list[tuple[int, int]] = []
    for id in range(256, 256 + n_merges):
        counts: Counter[tuple[int, int]] = Counter()
        for word, n in counted.items():
            for pair in pairwise(word):
                counts[pair] += n
        best = min(counts, key=lambda pair: (-counts[pair], pair), default=None)
        if best is None or counts[best] < 2:
            break
        learned.append(best)
        replaced: dict[tuple[int, ...], int] = {}
        for word, n in counted.items():
            out: list[int] = []
            i = 0
            while i < len(word):
                if word[i : i + 2] == best:
                    out.append(id)
                    i += 2
                else:
                    out.append(word[i])
                    i += 1
            replaced[tuple(out)] = n
        counted = replaced
    return learned


def test_worked_example() -> None:
    assert list(train("aaabdaaabac", 256 + 3, special_tokens=())) == [
        Merge(0, (97, 97), 4, 256, b"aa"),
        Merge(1, (97, 98), 2, 257, b"ab"),
        Merge(2, (256, 257), 2, 258, b"aaab"),
    ]
    tokenizer = BPETokenizer.train("aaabdaaabac", 259, special_tokens=())
    assert tokenizer.encode("aaabdaaabac") == [258, 100, 258, 97, 99]
    assert tokenizer.decode([258, 100, 258, 97, 99]) == "aaabdaaabac"


@given(st.text(alphabet="ab c'1\n", max_size=60), st.integers(1, 12))
def test_merges_equal_a_naive_trainer(text: str, n_merges: int) -> None:
    learned = [m.pair for m in train(text, 256 + n_merges, special_tokens=())]
    assert learned == naive_train(text, n_merges)


def test_merges_equal_a_naive_trainer_on_any_script() -> None:
    assert [m.pair for m in train(TEXT, 340)] == naive_train(TEXT, 340 - 259)


def _beginning(documents: Iterable[str], n_chars: int) -> str:
    texts: list[str] = []
    for document in documents:
        texts.append(document)
        if sum(map(len, texts)) >= n_chars:
            break
    return "\n".join(texts)[:n_chars]


CORPORA: dict[str, tuple[Callable[[], str], int]] = {
    "many scripts": (lambda: TEXT, 340),
    "stories": (lambda: _beginning(stories(7), 300_000), 2048),
    "code": (lambda: _beginning(standard_library(), 600_000), 2048),
}


@pytest.mark.parametrize("name", CORPORA)
@pytest.mark.parametrize("pattern", ["gpt4", "gpt2"])
def test_merges_equal_hugging_face(name: str, pattern: str) -> None:
    """Each byte is shown to it as a character in byte order, so that its ids are ours and with them the tie rule: among
    equal counts the smaller ids win. With its own alphabet, in which byte 0 comes after byte 33, ties fall otherwise.
    """
    make, n_vocab = CORPORA[name]
    text = make()
    byte_characters = [chr(0x4E00 + byte) for byte in range(256)]
    peer = Tokenizer(models.BPE())
    peer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=n_vocab, show_progress=False, initial_alphabet=byte_characters, min_frequency=2
    )
    spelled = (" ".join("".join(byte_characters[b] for b in word.encode()) for word in words(text, pattern)),)
    peer.train_from_iterator(spelled, trainer)
    theirs = sorted(peer.get_vocab().items(), key=lambda item: item[1])
    ours = list(train(text, n_vocab, special_tokens=(), pattern=pattern))
    assert len(ours) == n_vocab - 256
    assert [token for token, _ in theirs[256:]] == ["".join(byte_characters[b] for b in m.token_bytes) for m in ours]


def segmented(word: bytes, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """A word as training leaves it: every merge in turn, from left to right."""
    ids = list(word)
    for new, (left, right) in enumerate(pairs, 256):
        i = 0
        while i < len(ids) - 1:
            if (ids[i], ids[i + 1]) == (left, right):
                ids[i : i + 2] = [new]
            i += 1
    return ids


@given(st.text(alphabet="ab é\n", max_size=80), st.text(alphabet="ab é\n", max_size=40))
def test_the_segmentation_after_k_merges_is_the_encoding_with_the_first_k(corpus: str, other: str) -> None:
    pairs = [m.pair for m in train(corpus, 300, special_tokens=())]
    for k in range(len(pairs) + 1):
        tokenizer = BPETokenizer(pairs[:k], special_tokens=())
        for text in (corpus, other):
            trained = [id for word in words(text, "gpt4") for id in segmented(word.encode(), pairs[:k])]
            assert tokenizer.encode_from_scratch(text) == trained


def test_the_segmentation_after_k_merges_is_the_encoding_on_a_real_text() -> None:
    text = _beginning(stories(3), 2000) + TEXT[:200]
    pairs = [m.pair for m in train(text, 800, special_tokens=())]
    for k in range(0, len(pairs) + 1, 7):
        trained = [id for word in words(text, "gpt4") for id in segmented(word.encode(), pairs[:k])]
        assert BPETokenizer(pairs[:k]).encode(text) == trained


def test_merges_are_yielded_one_by_one_and_describe_themselves() -> None:
    first = list(islice(train(TEXT, 340), 40))
    tokens = [bytes([b]) for b in range(256)]
    for rank, m in enumerate(first):
        assert (m.rank, m.id) == (rank, 256 + rank)
        assert m.token_bytes == tokens[m.pair[0]] + tokens[m.pair[1]]
        tokens.append(m.token_bytes)
    assert all(a.count >= b.count for a, b in pairwise(first))


def test_training_does_not_depend_on_hash_seeds() -> None:
    code = f"from llm.tokenizers.bpe_training import train; print([m.pair for m in train({TEXT!r}, 340)])"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in "12"
    ]
    assert runs[0] == runs[1] == f"{[m.pair for m in train(TEXT, 340)]}\n".encode()


def test_documents_are_not_joined() -> None:
    assert list(train(["ab", "ab"], 260)) == list(train("ab ab", 260))[:1]
    assert [m.pair for m in train(["a", "b", "a", "b"], 260)] == []


@pytest.mark.parametrize("n_vocab", [-1, 0, 258])
def test_too_small_a_vocabulary_is_refused_at_once(n_vocab: int) -> None:
    with pytest.raises(TokenizerError, match="at least 259"):
        train("text", n_vocab)


def test_too_large_a_vocabulary_is_refused() -> None:
    with pytest.raises(TokenizerError, match="at most"):
        train("text", 2_000_000)


@pytest.mark.parametrize(
    ("corpus", "n_merges"),
    [
        ("", 0),
        ([], 0),
        ("a", 0),
        (["", "a"], 0),
        ("\ud800\ud800", 2),
        (" " * 2_000_000, 10),
        ("a" * 2_000_000, 10),
        ("\n" * 200_000, 10),
        ("the cat sat. " * 100_000, 8),
        ("ab" * 250_000, 10),
    ],
    ids=["empty", "none", "one", "two", "surrogates", "blanks", "letter", "newlines", "line", "word"],
)
@pytest.mark.timeout(60)  # seconds where they are quick; hours where they are quadratic
def test_degenerate_corpora_do_not_hang(corpus: str | list[str], n_merges: int) -> None:
    tokenizer = BPETokenizer.train(corpus, 1024)
    assert len(tokenizer.merges) == n_merges
    assert max(map(len, tokenizer.ranks)) <= MAX_TOKEN_BYTES
