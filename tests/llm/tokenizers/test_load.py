"""Saving and loading keeps every kind; files that are not tokenizers are refused with one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tiktoken
from tiktoken.load import load_tiktoken_bpe

from llm.tokenizers.base import Tokenizer, TokenizerError
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.char import CharTokenizer
from llm.tokenizers.load import load_tokenizer
from llm.tokenizers.split import explicit_pattern
from llm.tokenizers.tiktoken_backed import TiktokenTokenizer

TEXT = "The naïve café sat; the café sat on 12 \u2028 mats 🎈🎈.\r\n" * 30
BYTES = {bytes([b]): b for b in range(256)}


def tokenizers() -> list[Tokenizer]:
    return [
        CharTokenizer.train(TEXT),
        BPETokenizer.train(TEXT, 300),
        BPETokenizer.train(TEXT, 280, special_tokens=["<|é|>"], pattern="gpt2"),
        TiktokenTokenizer(BYTES | {b"at": 256}, {"<|endoftext|>": 400}, "gpt2"),
    ]


@pytest.mark.parametrize("tokenizer", tokenizers(), ids=["char", "bpe", "bpe-gpt2", "tiktoken"])
def test_save_and_load_keep_everything(tmp_path: Path, tokenizer: Tokenizer) -> None:
    tokenizer.save(tmp_path)
    loaded = load_tokenizer(tmp_path)
    assert type(loaded) is type(tokenizer)
    assert (loaded.kind, loaded.n_vocab) == (tokenizer.kind, tokenizer.n_vocab)
    assert dict(loaded.special_tokens) == dict(tokenizer.special_tokens)
    ids = tokenizer.encode(TEXT)
    assert loaded.encode(TEXT) == ids
    assert loaded.decode(ids) == TEXT
    assert [loaded.token_bytes(id) for id in ids] == [tokenizer.token_bytes(id) for id in ids]
    again = tmp_path / "again"
    again.mkdir()
    loaded.save(again)
    assert (again / "tokenizer.json").read_bytes() == (tmp_path / "tokenizer.json").read_bytes()


def test_tiktoken_reads_the_rank_file_of_a_bpe_tokenizer(tmp_path: Path) -> None:
    tokenizer = BPETokenizer.train(TEXT, 300)
    tokenizer.save(tmp_path)
    theirs = tiktoken.Encoding(
        "theirs",
        pat_str=explicit_pattern("gpt4"),
        mergeable_ranks=load_tiktoken_bpe(str(tmp_path / "tokenizer.tiktoken")),
        special_tokens={},
    )
    assert theirs.encode_ordinary(TEXT) == tokenizer.encode_from_scratch(TEXT)


def fields(**changes: Any) -> dict[str, Any]:
    base = {
        "format": "vitrine-tokenizer",
        "version": 1,
        "kind": "bpe",
        "pattern": "gpt4",
        "special_tokens": ["<|endoftext|>"],
        "merges": [[97, 98]],
    }
    return base | changes


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "expected JSON"),
        (b"\xff\xfe{}", "expected JSON"),
        (b"[" * 100_000, "expected JSON"),
        (b"[]", "saved by Vitrine"),
        (b'{"model": {"type": "BPE"}}', "saved by Vitrine"),
        (fields(version=2), "format version 1"),
        (fields(kind="sentencepiece"), "kind of char, bpe, tiktoken"),
        (fields(kind=["bpe"]), "kind of char, bpe, tiktoken"),
        (fields(pattern=""), "split pattern"),
        (fields(pattern=["gpt4"]), "split pattern"),
        (fields(pattern="(a|aa|a?)+$"), "split pattern"),
        (fields(merges=[[97, 300]]), "merge 0"),
        (fields(merges=[[97, -1]]), "merge 0"),
        (fields(merges=[[97]]), "fields of a bpe tokenizer"),
        (fields(merges=[[97, 1.5]]), "fields of a bpe tokenizer"),
        (fields(merges=None), "fields of a bpe tokenizer"),
        (fields(special_tokens=None), "special tokens"),
        (fields(special_tokens="abc"), "special tokens"),
        (fields(special_tokens=[1]), "special tokens"),
        (fields(special_tokens=["\ud800"]), "special tokens"),
        (fields(kind="char"), "fields of a char tokenizer"),
        (fields(kind="char", characters=["\ud800"]), "single characters"),
        (fields(kind="char", characters="abca"), "once"),
        (fields(kind="char", characters=7), "fields of a char tokenizer"),
        (fields(kind="tiktoken", special_tokens={}), "tokenizer.tiktoken: could not be read"),
    ],
)
def test_files_that_are_no_tokenizer_are_refused(tmp_path: Path, content: bytes | dict[str, Any], reason: str) -> None:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    (tmp_path / "tokenizer.json").write_bytes(raw)
    with pytest.raises(TokenizerError, match=reason) as caught:
        load_tokenizer(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "special_tokens", [[], None, {"<|x|>": "1"}, {"<|x|>": 1.5}, {"<|x|>": 10**9}, {"<|x|>": True}]
)
def test_special_tokens_of_a_rank_file_are_checked(tmp_path: Path, special_tokens: Any) -> None:
    TiktokenTokenizer(BYTES, {}).save(tmp_path)
    record = fields(kind="tiktoken", special_tokens=special_tokens)
    (tmp_path / "tokenizer.json").write_text(json.dumps(record))
    with pytest.raises(TokenizerError):
        load_tokenizer(tmp_path)


def test_a_directory_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match="could not be read"):
        load_tokenizer(tmp_path / "nowhere")
