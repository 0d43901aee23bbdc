"""BPE against the paper's kind of worked example, a naive trainer, Hugging Face's trainer and tiktoken."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from llm.corpora.standard_library import standard_library
from llm.corpora.stories import stories
from llm.tokenizers.base import SPECIAL_TOKENS, TokenizerError
from llm.tokenizers.bpe import LONG_TEXT, BPETokenizer, Merge, merge, train
from llm.tokenizers.rank_file import MAX_TOKEN_BYTES
from llm.tokenizers.split import words

TEXT = (
    "Mia put the red kite in the box. “Where is the kite?” asked Ben. The kite isn't in the shed!\n\n"
    "Τα παιδιά 1234 + 5678 = 6912; naïve café — 漢字漢字 🎈🎈🎈\tdef f(x):\r\n    return x\n"
) * 6


@pytest.fixture(scope="module")
def bpe() -> BPETokenizer:
    return BPETokenizer.train(TEXT, 340)


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
    code = f"from llm.tokenizers.bpe import train; print([m.pair for m in train({TEXT!r}, 340)])"
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


def test_vocabulary_counts_bytes_merges_and_specials_last(bpe: BPETokenizer) -> None:
    assert bpe.n_vocab == 340 == 256 + len(bpe.merges) + len(SPECIAL_TOKENS)
    assert list(bpe.special_tokens.items()) == [
        ("<|endoftext|>", 337),
        ("<|user|>", 338),
        ("<|assistant|>", 339),
    ]
    for name, id in bpe.special_tokens.items():
        assert bpe.token_bytes(id) == name.encode()
        assert bpe.decode([id]) == name


def test_a_short_text_gives_a_smaller_tokenizer() -> None:
    tokenizer = BPETokenizer.train("abab", 1024)
    assert tokenizer.n_vocab == 256 + 1 + 3


@pytest.mark.parametrize("n_vocab", [-1, 0, 258])
def test_too_small_a_vocabulary_is_refused_at_once(n_vocab: int) -> None:
    with pytest.raises(TokenizerError, match="at least 259"):
        train("text", n_vocab)


def test_too_large_a_vocabulary_is_refused() -> None:
    with pytest.raises(TokenizerError, match="at most"):
        train("text", 2_000_000)


@given(st.text(max_size=200))
def test_round_trip(bpe: BPETokenizer, text: str) -> None:
    assert bpe.decode(bpe.encode(text)) == text


MIXED = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.text(alphabet="abcdef ghi'st\r\n\t123!?,\x1c\x1d\x1e\x1f\x85\xa0\u2028\u3000", max_size=30),
        st.sampled_from(["the kite", " isn't", "漢字", "🎈", "I'ſ", " ", "\n", "<|endoftext|>", "e\u0301", "\ufeff"]),
    ),
    max_size=60,
).map("".join)


@settings(max_examples=300)
@given(MIXED)
def test_from_scratch_equals_tiktoken(bpe: BPETokenizer, text: str) -> None:
    assert bpe.encode_from_scratch(text) == bpe._tiktoken.encode(text)


def test_every_character_is_cut_as_tiktoken_cuts_it(bpe: BPETokenizer) -> None:
    """Over all of Unicode, as a letter, as a sign and as white space would be."""
    everything = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    for template in ("x{}", "1{}", " {} "):
        text = "".join(template.format(c) for c in everything[::7])
        assert bpe.encode_from_scratch(text) == bpe._tiktoken.encode(text)


@pytest.mark.parametrize("length", [LONG_TEXT - 1, LONG_TEXT, 3 * LONG_TEXT])
def test_length_changes_the_encoder_and_not_the_ids(bpe: BPETokenizer, length: int) -> None:
    text = TEXT[:length]
    assert bpe.encode(text) == bpe.encode_from_scratch(text)
    assert bpe.decode(bpe.encode(text)) == text


def test_remembered_words_change_no_ids() -> None:
    tokenizer = BPETokenizer.train(TEXT, 300)
    assert tokenizer.encode_from_scratch(TEXT) == tokenizer.encode_from_scratch(TEXT)


def test_merge_joins_by_rank_not_by_place() -> None:
    ranks = {bytes([b]): b for b in range(256)} | {b"bc": 256, b"ab": 257}
    assert merge(b"abc", ranks) == [b"a", b"bc"]
    assert merge(b"", ranks) == []


@pytest.mark.parametrize("name", SPECIAL_TOKENS)
@pytest.mark.parametrize("repeat", [1, 100])
def test_special_names_in_a_text_are_ordinary(bpe: BPETokenizer, name: str, repeat: int) -> None:
    text = f"a{name}b" * repeat
    ids = bpe.encode(text)
    assert not set(ids) & set(bpe.special_tokens.values())
    assert bpe.decode(ids) == text


def test_special_names_stay_ordinary_when_trained_on() -> None:
    tokenizer = BPETokenizer.train("<|endoftext|>" * 50, 300)
    ids = tokenizer.encode("<|endoftext|>")
    assert tokenizer.special_tokens["<|endoftext|>"] not in ids
    assert tokenizer.decode(ids) == "<|endoftext|>"


def test_no_text_no_ids(bpe: BPETokenizer) -> None:
    assert bpe.encode("") == []
    assert bpe.decode([]) == ""


@pytest.mark.parametrize("repeat", [1, 400])
def test_lone_surrogates_become_the_replacement_character(bpe: BPETokenizer, repeat: int) -> None:
    ids = bpe.encode("a\ud800b" * repeat)
    assert ids == bpe.encode("a\ufffdb" * repeat)
    assert bpe.encode("\ud83c\udf88" * repeat) == bpe.encode("🎈" * repeat)


def test_half_a_character_decodes_to_the_replacement_character(bpe: BPETokenizer) -> None:
    assert bpe.decode("é".encode()[:1]) == "\ufffd"


@pytest.mark.parametrize("id", [-1, 340, 10**30])
def test_an_unknown_id_is_refused(bpe: BPETokenizer, id: int) -> None:
    with pytest.raises(TokenizerError, match="from 0 to 339"):
        bpe.decode([id])


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


@pytest.mark.timeout(60)
def test_long_words_do_not_hang(bpe: BPETokenizer) -> None:
    for text in ("a" * 2_000_000, " " * 2_000_000, "the" * 500_000):
        assert bpe.decode(bpe.encode(text)) == text


def test_more_blanks_than_tiktoken_takes_still_encode(bpe: BPETokenizer) -> None:
    text = " " * 1_500_000 + "x"
    assert bpe.decode(bpe.encode(text)) == text


def test_impossible_merges_are_refused() -> None:
    with pytest.raises(TokenizerError, match="merge 0 to join two ids below 256"):
        BPETokenizer([(97, 256)])
    with pytest.raises(TokenizerError, match="new token"):
        BPETokenizer([(97, 97), (97, 97)])
    with pytest.raises(TokenizerError, match="at most 1024 bytes"):
        BPETokenizer([(97, 97), *((id, id) for id in range(256, 300))])
    with pytest.raises(TokenizerError, match="special tokens"):
        BPETokenizer([], special_tokens=["<|x|>", "<|x|>"])


def test_importing_needs_neither_torch_nor_tiktoken() -> None:
    code = "import sys, llm.tokenizers.bpe; print([m for m in ('torch', 'tiktoken', 'numpy') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
