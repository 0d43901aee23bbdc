import codecs
import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch

from llm.data import (
    TokenDataset,
    batch,
    clean_text,
    dataset,
    decode_text,
    split,
    token_stream,
    validation_windows,
)
from llm.tokenizers.base import without_lone_surrogates


class ByteEncoder:
    """A tokenizer of bytes, the simplest there is."""

    def __init__(self, n_vocab: int = 257) -> None:
        self.n_vocab = n_vocab

    def encode(self, text: str) -> list[int]:
        return list(text.encode())


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        ("naïve 𝄞\r\n".encode(), "naïve 𝄞\r\n"),
        (codecs.BOM_UTF8 + b"abc", "abc"),
        ("\ufeffé𝄞".encode("utf-16-le"), "é𝄞"),
        ("\ufeffé𝄞".encode("utf-16-be"), "é𝄞"),
    ],
)
def test_decode_text_reads_unicode(raw: bytes, text: str) -> None:
    assert decode_text(raw) == text


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"abc\xff", r"0xff at position 3.*save the file as UTF-8"),
        ("Grüße".encode("latin-1"), "UTF-8"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "NUL"),
        ("ab".encode("utf-16-le"), "NUL"),
        (b"\xed\xa0\x80", "UTF-8"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", "UTF-8"),
        (codecs.BOM_UTF16_LE + b"a", "UTF-8"),
    ],
)
def test_decode_text_refuses_what_is_no_text(raw: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decode_text(raw)


def test_clean_text_replaces_lone_surrogates_only() -> None:
    assert clean_text("a\ud800b\udfffc 𝄞 \0é") == "a\ufffdb\ufffdc 𝄞 \0é"
    assert clean_text("\udc80" * 3).encode() == "\ufffd".encode() * 3


def test_clean_text_is_what_the_tokenizers_read() -> None:
    assert clean_text("\ud83d\ude00") == "\U0001f600" == without_lone_surrogates("\ud83d\ude00")
    assert clean_text("\ude00\ud83d") == "\ufffd\ufffd" == without_lone_surrogates("\ude00\ud83d")


def test_token_stream_puts_the_separator_before_each_document() -> None:
    assert token_stream(ByteEncoder(), ["ab", "", "c"], 256).tolist() == [256, 97, 98, 256, 256, 99]
    assert token_stream(ByteEncoder(), ["ab", "c"], None).tolist() == [97, 98, 99]
    assert token_stream(ByteEncoder(), [], 256).shape == (0,)


def test_token_stream_widens_for_large_vocabularies() -> None:
    assert token_stream(ByteEncoder(1 << 16), ["a"], 65_535).dtype == np.uint16
    assert token_stream(ByteEncoder((1 << 16) + 1), ["a"], 65_536).tolist() == [65_536, 97]


def test_split_parts_whole_documents_once() -> None:
    documents = [f"document {i % 90}" for i in range(100)]
    train, validation = split(documents, 0.1, seed=3)
    assert not set(train) & set(validation)
    assert set(train) | set(validation) == set(documents)
    assert len(validation) == 9
    assert train == [document for document in documents if document in set(train)]
    assert (train, validation) == split(documents, 0.1, seed=3)
    assert (train, validation) != split(documents, 0.1, seed=4)


@pytest.mark.parametrize("documents", [["one line\n" * 100], ["short"] * 2 + ["one line\n" * 100], ["a" * 1_000]])
def test_split_cuts_a_document_where_there_are_few(documents: Sequence[str]) -> None:
    train, validation = split(documents, 0.1)
    assert "".join(train) + "".join(validation) == "".join(dict.fromkeys(documents))
    assert 0.09 <= len("".join(validation)) / len("".join(documents)) < 0.12


def test_split_does_not_run_after_a_line_end_far_away() -> None:
    train, validation = split(["Title\n" + "x" * 100_000], 0.05)
    assert len("".join(validation)) == 5000
    assert "".join(train).startswith("Title")


def test_split_explains_bad_requests() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        split(["a"], 0.0)
    with pytest.raises(ValueError, match="at least one document"):
        split([])


def test_bits_per_byte_of_a_uniform_guess_over_bytes_is_eight() -> None:
    made = dataset(ByteEncoder(), ["héllo world\n" * 50] * 2, None, 0.1)
    assert made.n_bytes_validation == len(made.validation)
    assert made.bytes_per_token == 1
    assert made.bits_per_byte(math.log(256)) == pytest.approx(8)


def test_bits_per_byte_counts_separators_as_tokens_without_text() -> None:
    made = dataset(ByteEncoder(), [f"{i:03}" for i in range(40)], 256, 0.25)
    assert made.n_bytes_validation == 30
    assert len(made.validation) == 40
    assert made.bits_per_byte(math.log(2)) == pytest.approx(40 / 30)


def test_a_batch_is_a_pure_function_of_seed_and_step() -> None:
    stream = np.arange(5_000, dtype=np.uint16)
    ahead = batch(stream, 1, 700, 4, 16)
    for step in range(20):
        batch(stream, 1, step, 4, 16)
    np.random.seed(0)
    torch.manual_seed(0)
    again = batch(stream, 1, 700, 4, 16)
    assert torch.equal(ahead[0], again[0])
    assert not torch.equal(ahead[0], batch(stream, 1, 701, 4, 16)[0])
    assert not torch.equal(ahead[0], batch(stream, 2, 700, 4, 16)[0])


def test_a_batch_holds_windows_and_their_next_tokens() -> None:
    stream = np.arange(60_000, dtype=np.uint16)
    x, y = batch(stream, 0, 0, 8, 32)
    assert x.shape == y.shape == (8, 32)
    assert x.dtype == y.dtype == torch.int64
    assert x.is_contiguous()
    assert y.is_contiguous()
    assert torch.equal(y, x + 1)
    assert torch.equal(x[:, 1:] - x[:, :-1], torch.ones(8, 31, dtype=torch.int64))


def test_batches_reach_the_first_and_the_last_window() -> None:
    starts = {int(start) for step in range(50) for start in batch(np.arange(10), 0, step, 8, 5)[0][:, 0]}
    assert starts == {0, 1, 2, 3, 4}


def test_validation_windows_are_fixed_and_do_not_overlap() -> None:
    stream = np.arange(105, dtype=np.uint16)
    windows = list(validation_windows(stream, 10))
    assert torch.cat([y for _, y in windows], dim=1).tolist() == [list(range(1, 101))]
    assert all(x.shape == (1, 10) and torch.equal(y, x + 1) for x, y in windows)
    assert len(list(validation_windows(np.arange(11), 10))) == 1


def documents_of(*lengths: int) -> np.ndarray:
    """Documents that count up from 1, each after the separator 0."""
    return np.concatenate([np.arange(length + 1) for length in lengths])


def test_windows_at_documents_start_at_separators_alone() -> None:
    stream = documents_of(5, 9, 3, 9, 3)
    made = TokenDataset(stream, stream, 10).at_documents(0)
    x, y = batch(made.train, 0, 0, 200, 6, starts=made.train_starts)
    assert set(map(tuple, x.tolist())) == {(0, 1, 2, 3, 4, 5), (0, 1, 2, 3, 0, 1)}
    assert torch.equal(y[:, :-1], x[:, 1:])
    again = batch(made.train, 0, 0, 200, 6, starts=made.train_starts)
    assert torch.equal(x, again[0])
    assert not torch.equal(x, batch(made.train, 0, 1, 200, 6, starts=made.train_starts)[0])


def test_windows_at_documents_reach_every_document_with_a_full_window() -> None:
    stream = documents_of(5, 5, 5, 4)
    starts = TokenDataset(stream, stream, 10).at_documents(0).train_starts
    stream = np.arange(len(stream))
    drawn = batch(stream, 0, 0, 200, 5, starts=starts)[0][:, 0]
    assert set(drawn.tolist()) == {0, 6, 12}


def test_validation_windows_at_documents_score_no_token_twice() -> None:
    stream = documents_of(5, 9, 1, 1, 8)
    made = TokenDataset(stream, stream, 10).at_documents(0)
    windows = list(validation_windows(np.arange(len(stream)), 5, made.validation_starts))
    targets = torch.cat([y[0] for _, y in windows]).tolist()
    assert [int(x[0, 0]) for x, _ in windows] == [0, 6, 16]
    assert len(targets) == len(set(targets))


def test_no_document_long_enough_is_explained() -> None:
    stream = np.concatenate([np.ones(20, dtype=np.int64), documents_of(3)])
    starts = TokenDataset(stream, stream, 10).at_documents(0).train_starts
    with pytest.raises(ValueError, match="windows that start anywhere"):
        batch(stream, 0, 0, 2, 6, starts=starts)


def test_too_little_text_is_explained() -> None:
    stream = np.arange(16, dtype=np.uint16)
    message = "needs at least 17 tokens for a context of 16, got 16; use a shorter context or more text"
    with pytest.raises(ValueError, match=message):
        batch(stream, 0, 0, 2, 16)
    with pytest.raises(ValueError, match=f"validation text {message}"):
        next(validation_windows(stream, 16))


def test_a_dataset_is_frozen() -> None:
    made = TokenDataset(np.arange(3), np.arange(3), 3)
    with pytest.raises(AttributeError):
        made.n_bytes_validation = 4  # type: ignore[misc]
