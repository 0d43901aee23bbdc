"""Input at its worst: every text comes back byte for byte or is refused in a sentence, and nothing hangs."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.data import decode_text
from llm.tokenizers import bpe_training
from llm.tokenizers.base import Tokenizer, TokenizerError
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.bpe_training import LONG_WORD, count_words, cut_long_words, train, train_counted
from llm.tokenizers.char import CharTokenizer
from llm.tokenizers.export import write_huggingface
from llm.tokenizers.load import load_tokenizer
from llm.tokenizers.rank_file import check_ranks, read_ranks
from llm.tokenizers.tiktoken_backed import TiktokenTokenizer

BYTES = {bytes([byte]): byte for byte in range(256)}
STORY = "Mia put the red kite in the box. “Where is the kite?” asked Ben.\n" * 20
ODD_TEXTS = {
    "nothing": "",
    "one character": "x",
    "blanks": " \t\n\u00a0\u2028\u3000 ",
    "NUL": "a\0b\0\0",
    "CRLF": "a\r\nb\rc\n\r",
    "right to left override": "abc\u202edef\u202c שלום عربي",
    "joined emoji": "👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 🇩🇪",
    "composed and not": "é e\u0301 ｶ\uff9e Å A\u030a",
    "line separators": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "marks piled up": "z" + "\u0301" * 300,
    "ends of Unicode": "\ufeff\ufffe\uffff\U0010ffff\ue000",
    "controls": "".join(map(chr, range(32))) + "\x7f\x80\x9f",
    "special names": "<|endoftext|><|user|><|assistant|>",
    "every byte as a character": bytes(range(256)).decode("latin-1"),
}


@pytest.fixture(scope="module")
def readers() -> list[Tokenizer]:
    learned = BPETokenizer.train(STORY, 300)
    return [
        BPETokenizer(()),
        learned,
        BPETokenizer.train(STORY, 300, pattern="gpt2"),
        TiktokenTokenizer(learned.ranks, learned.special_tokens),
    ]


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
@pytest.mark.parametrize("times", [1, 300])
def test_odd_texts_come_back_exactly(readers: list[Tokenizer], text: str, times: int) -> None:
    for reader in [*readers, CharTokenizer.train(text), BPETokenizer.train(text * times, 300)]:
        ids = reader.encode(text * times)
        assert reader.decode(ids) == text * times
        assert b"".join(map(reader.token_bytes, ids)) == (text * times).encode()


@given(st.binary(max_size=300))
def test_bytes_are_read_exactly_or_refused_in_a_sentence(readers: list[Tokenizer], raw: bytes) -> None:
    """What a person uploads: UTF-8, UTF-16 with its mark, or no text at all."""
    text = said = ""
    try:
        text = decode_text(raw)
    except ValueError as error:
        said = str(error)
    assert not said or ("expected" in said and ";" in said)
    for reader in readers:
        assert reader.decode(reader.encode(text)) == text


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"abc\xff", "byte 0xff at position 3"),
        (b"\x7fELF\x02\x01\0\0", "NUL character at position 6"),
        (b"\x89PNG\r\n\x1a\n", "byte 0x89 at position 0"),
        ("\ufeffab".encode("utf-16-le")[:-1], "expected UTF-8 text"),
        (b"\xed\xa0\x80", "byte 0xed at position 0"),
    ],
)
def test_what_is_no_text_is_refused(raw: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        decode_text(raw)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_text(readers: list[Tokenizer], encoding: str) -> None:
    text = decode_text(STORY.encode(encoding))
    assert text == STORY
    assert readers[1].decode(readers[1].encode(text)) == STORY


@given(st.lists(st.sampled_from(["a", " ", "\ud800", "\udbff", "\udc00", "\ud83c\udf88", "🎈"]), max_size=20))
def test_lone_surrogates_are_replaced_and_pairs_joined(readers: list[Tokenizer], parts: list[str]) -> None:
    text = "".join(parts)
    meant = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    for reader in [*readers, CharTokenizer.train(text)]:
        assert reader.decode(reader.encode(text)) == meant
    list(train(text, 300))


@pytest.mark.parametrize(
    ("text", "n_merges"),
    [("", 0), ("a", 0), ("ab", 0), ("\0", 0), ("abab", 1), ("aa aa", 1), (" " * 40, 4)],
)
def test_a_vocabulary_larger_than_the_text_gives_is_smaller(text: str, n_merges: int, tmp_path: Path) -> None:
    tokenizer = BPETokenizer.train(text, 8192)
    assert tokenizer.n_vocab == 256 + n_merges + 3
    tokenizer.save(tmp_path)
    assert load_tokenizer(tmp_path).encode(text) == tokenizer.encode(text)
    write_huggingface(tokenizer, tmp_path / "exported.json")


FIFTY_MB = 50_000_000


@pytest.mark.parametrize(
    ("line", "n_merges"),
    [("a" * FIFTY_MB, 10), (" " * FIFTY_MB, 10), ("漢" * (FIFTY_MB // 3), 10), ("the cat sat. " * (FIFTY_MB // 13), 8)],
    ids=["letter", "blanks", "character", "words"],
)
def test_a_line_of_fifty_megabytes_is_learned_from(line: str, n_merges: int) -> None:
    tokenizer = BPETokenizer.train(line, 1024)
    assert len(tokenizer.merges) == n_merges
    part = line[: 1_000_000 + 7]
    assert tokenizer.decode(tokenizer.encode(part)) == part


def test_one_word_without_a_pattern_in_it_is_learned_from() -> None:
    word = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=500_000))
    tokenizer = BPETokenizer.train(word, 1024)
    assert tokenizer.n_vocab == 1024
    assert tokenizer.decode(tokenizer.encode(word)) == word


@given(st.lists(st.text(alphabet="ab c1é\n", max_size=50), max_size=6))
def test_counting_first_and_merging_after_is_training(documents: list[str]) -> None:
    counted: Counter[str] = Counter()
    read = list(count_words(documents, "gpt4", counted))
    assert read == sorted(read)
    assert (read or [0])[-1] == sum(map(len, documents))
    assert sum(len(word) * times for word, times in counted.items()) == sum(map(len, documents))
    assert list(train_counted(counted, 300)) == list(train(documents, 300))


@pytest.mark.parametrize("text", ["the cat sat. " * 100_000, "Zm9vYmFy/+8=" * 100_000], ids=["line", "no blank"])
def test_counting_can_be_left_at_any_time(text: str) -> None:
    counting = count_words(text, "gpt4", Counter())
    assert 0 < next(counting) < len(text) / 10


@given(st.text(alphabet="ab", max_size=200))
def test_pieces_of_a_long_word_hold_all_of_it(word: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bpe_training, "LONG_WORD", 8)
        counted: Counter[str] = Counter()
        list(count_words([word, word], "gpt4", counted))
        assert cut_long_words(counted) == 2 * (len(word) > 8)
    assert all(0 < len(piece) <= 8 for piece in counted)
    assert sum(len(piece) * times for piece, times in counted.items()) == 2 * len(word)


def test_no_word_of_a_language_is_cut() -> None:
    counted: Counter[str] = Counter()
    list(count_words("a" * LONG_WORD, "gpt4", counted))
    assert cut_long_words(counted) == 0
    assert counted == {"a" * LONG_WORD: 1}


@given(st.binary(max_size=400))
def test_any_bytes_as_a_rank_file_are_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.mktemp("ranks") / "tokenizer.tiktoken"
    path.write_bytes(raw)
    with pytest.raises(TokenizerError) as caught:
        read_ranks(path)
    assert "\n" not in str(caught.value)


@given(st.dictionaries(st.binary(max_size=3), st.integers(-2, 300), max_size=8), st.sets(st.integers(0, 255)))
def test_ranks_that_pass_the_check_never_stop_tiktoken(extra: dict[bytes, int], missing: set[int]) -> None:
    ranks = {token: rank for token, rank in (BYTES | extra).items() if not (len(missing) < 4 and rank in missing)}
    said = ""
    try:
        check_ranks(ranks)
    except TokenizerError as error:
        said = str(error)
    assert "\n" not in said
    for text in () if said else ("", "abc", "\0\x01", "é漢🎈"):
        reader = TiktokenTokenizer(ranks, {})
        assert reader.decode(reader.encode(text)) == text


def test_a_small_file_cannot_claim_a_huge_vocabulary(tmp_path: Path) -> None:
    """131,336 merges, all to new tokens below 1,024 bytes, in a file of 2 MB."""
    merges = [[97, 97], *([id, id] for id in range(256, 263))]  # aa to 256 letters, which is 263
    merges += [[263, byte] for byte in range(256)]  # 264 to 519
    merges += [[left, right] for left in range(264, 520) for right in range(264, 520)]  # from 520 on
    merges += [[520 + i, i % 256] for i in range(256 * 256)]
    BPETokenizer(()).save(tmp_path)
    record = json.loads((tmp_path / "tokenizer.json").read_bytes()) | {"merges": merges}
    (tmp_path / "tokenizer.json").write_text(json.dumps(record))
    with pytest.raises(TokenizerError, match="bytes together, got more by merge"):
        load_tokenizer(tmp_path)


def test_more_merges_than_ids_are_refused_before_they_are_joined() -> None:
    with pytest.raises(TokenizerError, match="at most 999,743 merges, got 1,000,000"):
        BPETokenizer([(97, 98)] * 1_000_000)


@pytest.mark.parametrize(
    "unit", [" ", "\n", "\r\n", " \n", "\t ", "'", "'s", "1", "!\n", "a'", "\u3000", "é", "\u0301"]
)
@pytest.mark.parametrize("end", ["", "x", "\n", "!"])
def test_our_patterns_never_search_for_long(readers: list[Tokenizer], unit: str, end: str) -> None:
    text = unit * 100_000 + end
    for reader in readers:
        assert reader.decode(reader.encode(text)) == text
