"""Rank files: tiktoken reads ours, we read tiktoken's, and broken ones are refused with the reason."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from tiktoken.load import load_tiktoken_bpe

from llm.tokenizers.base import TokenizerError
from llm.tokenizers.rank_file import check_ranks, read_ranks, write_ranks

BYTES = {bytes([b]): b for b in range(256)}
RANKS = BYTES | {b"ab": 256, b"\xff\n ": 257}


def line(token: bytes, rank: object) -> bytes:
    return base64.b64encode(token) + f" {rank}\n".encode()


GOOD = b"".join(line(token, rank) for token, rank in RANKS.items())


def test_tiktoken_reads_ours(tmp_path: Path) -> None:
    write_ranks(tmp_path / "a.tiktoken", RANKS)
    assert load_tiktoken_bpe(str(tmp_path / "a.tiktoken")) == RANKS
    assert read_ranks(tmp_path / "a.tiktoken") == RANKS


def test_lines_are_those_of_a_published_rank_file(tmp_path: Path) -> None:
    """The first line of OpenAI's cl100k_base is "IQ== 0"."""
    write_ranks(tmp_path / "a.tiktoken", {b"!": 0})
    assert (tmp_path / "a.tiktoken").read_bytes() == b"IQ== 0\n"
    (tmp_path / "b.tiktoken").write_bytes(GOOD.replace(b"\n", b"\r\n") + b"\n")
    assert read_ranks(tmp_path / "b.tiktoken") == RANKS


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "none for 256 of them, the first 0x00"),
        (GOOD.replace(line(b"a", 97), b""), "none for 1 of them, the first 0x61"),
        (GOOD.replace(line(b"ab", 256), line(b"ab", 98)), "98 for both b'b' and b'ab'"),
        (GOOD + line(b"ab", 300), "line 259: expected each token once"),
        (GOOD + line(b"", 300), "at least one byte"),
        (GOOD + b"!!!! 300\n", "line 259: expected base64"),
        (GOOD + b"YWI 300\n", "line 259: expected base64"),
        (GOOD + b"YWJj\n", "a space and a rank"),
        (GOOD + b"YWJj -1\n", "a space and a rank"),
        (GOOD + b"YWJj 1.5\n", "a space and a rank"),
        (GOOD + b"YWJj 99999999999999999999\n", "a space and a rank"),
        (GOOD + b"YWJj 9999999\n", "ranks from 0 to 999999"),
        (GOOD + line(b"x" * 10_000_000, 300), "longer line"),
        (GOOD + line(b"x" * 1025, 300), "at most 1024 bytes"),
        (b"\x7fELF\x00\x00 \xff\xfe", "line 1: expected base64, a space and a rank"),
        (b"<html>not found</html>", "a space and a rank"),
    ],
)  # fmt: skip
def test_broken_files_are_refused_with_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "broken.tiktoken"
    path.write_bytes(content)
    with pytest.raises(TokenizerError, match=reason):
        read_ranks(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match="No such file"):
        read_ranks(tmp_path / "none.tiktoken")
    with pytest.raises(TokenizerError, match="Is a directory"):
        read_ranks(tmp_path)


def test_ranks_from_anywhere_are_checked() -> None:
    check_ranks(RANKS)
    with pytest.raises(TokenizerError, match="-1"):
        check_ranks(BYTES | {b"ab": -1})
