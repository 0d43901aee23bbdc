"""The `.tiktoken` rank file: a line per token, its bytes in base64 and its rank. tiktoken reads and writes it too."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path

from llm.tokenizers.base import TokenizerError

RANK_FILE = "tokenizer.tiktoken"
MAX_TOKEN_BYTES = 1024  # real vocabularies stay far below; a longer one is no word of any language
MAX_RANK = 999_999
MAX_VOCABULARY_BYTES = 64 * 2**20  # all tokens together; 200,000 real ones hold 1.5 million
_MAX_FILE_BYTES = 64 * 2**20


def write_ranks(path: Path, ranks: Mapping[bytes, int]) -> None:
    """Write the ranks in ascending order."""
    lines = (
        base64.b64encode(token) + f" {rank}\n".encode()
        for token, rank in sorted(ranks.items(), key=lambda item: item[1])
    )
    path.write_bytes(b"".join(lines))


def read_ranks(path: Path) -> dict[bytes, int]:
    """Read and check a rank file; a TokenizerError says which line is wrong and why."""
    try:
        size = path.stat().st_size
        if size > _MAX_FILE_BYTES:
            raise TokenizerError(f"{path.name}: expected at most {_MAX_FILE_BYTES} bytes, got {size}")
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise TokenizerError(f"{path.name}: could not be read ({error.strerror}); give a rank file") from None
    ranks: dict[bytes, int] = {}
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        where = f"{path.name} line {number}"
        if len(line) > 2 * MAX_TOKEN_BYTES:
            raise TokenizerError(f"{where}: expected a token of at most {MAX_TOKEN_BYTES} bytes, got a longer line")
        token64, _, digits = line.partition(b" ")
        if not digits.isdigit() or len(digits) > 7:
            raise TokenizerError(f"{where}: expected base64, a space and a rank, got {line[:40]!r}")
        try:
            token = base64.b64decode(token64, validate=True)
        except binascii.Error:
            raise TokenizerError(f"{where}: expected base64, got {token64[:40]!r}") from None
        if token in ranks:
            raise TokenizerError(f"{where}: expected each token once, got {token[:40]!r} again")
        ranks[token] = int(digits)
    check_ranks(ranks)
    return ranks


def check_ranks(ranks: Mapping[bytes, int]) -> None:
    """Refuse ranks on which an encoder could stop or disagree with itself: every byte, each rank once."""
    missing = [byte for byte in range(256) if bytes([byte]) not in ranks]
    if missing:
        raise TokenizerError(
            f"expected a rank for each of the 256 bytes, got none for {len(missing)} of them, the first "
            f"0x{missing[0]:02x}; use a byte-level rank file"
        )
    if b"" in ranks:
        raise TokenizerError("expected tokens of at least one byte, got an empty one; remove it")
    owner: dict[int, bytes] = {}
    for token, rank in ranks.items():
        if len(token) > MAX_TOKEN_BYTES:
            raise TokenizerError(f"expected tokens of at most {MAX_TOKEN_BYTES} bytes, got one of {len(token)}")
        if not 0 <= rank <= MAX_RANK:
            raise TokenizerError(f"expected ranks from 0 to {MAX_RANK}, got {rank} for {token[:40]!r}")
        if owner.setdefault(rank, token) != token:
            raise TokenizerError(
                f"expected each rank once, got {rank} for both {owner[rank][:40]!r} and {token[:40]!r}"
            )
