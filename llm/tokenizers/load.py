"""Read a tokenizer of any kind back from the directory it was saved in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from llm.tokenizers.base import FORMAT_VERSION, TOKENIZER_FILE, Tokenizer, TokenizerError
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.char import CharTokenizer
from llm.tokenizers.tiktoken_backed import TiktokenTokenizer

KINDS: Mapping[str, Callable[[Mapping[str, Any], Path], Tokenizer]] = {
    CharTokenizer.kind: CharTokenizer.from_fields,
    BPETokenizer.kind: BPETokenizer.from_fields,
    TiktokenTokenizer.kind: TiktokenTokenizer.from_fields,
}

_MAX_FILE_BYTES = 64 * 2**20


def load_tokenizer(directory: Path) -> Tokenizer:
    """The tokenizer saved in a directory; a TokenizerError says what is wrong with a file that is not one."""
    fields = _fields(directory / TOKENIZER_FILE)
    kind = fields.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise TokenizerError(f"{TOKENIZER_FILE}: expected a kind of {', '.join(KINDS)}, got {kind!r:.80}")
    try:
        return KINDS[kind](fields, directory)
    except TokenizerError as error:
        raise TokenizerError(f"{directory.name}: {error}") from None
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise TokenizerError(
            f"{TOKENIZER_FILE}: expected the fields of a {kind} tokenizer, got {type(error).__name__} "
            f"({error!s:.80}); save the tokenizer again"
        ) from None


def _fields(path: Path) -> dict[str, Any]:
    try:
        size = path.stat().st_size
        if size > _MAX_FILE_BYTES:
            raise TokenizerError(f"{path.name}: expected at most {_MAX_FILE_BYTES} bytes, got {size}")
        fields = json.loads(path.read_bytes())
    except OSError as error:
        raise TokenizerError(
            f"expected a tokenizer at {path}, which could not be read ({error.strerror}); give the directory it is in"
        ) from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, TokenizerError):
            raise
        raise TokenizerError(f"{path.name}: expected JSON, got something else ({error!s:.80})") from None
    if not isinstance(fields, dict) or fields.get("format") != "vitrine-tokenizer":
        raise TokenizerError(
            f"{path.name}: expected a tokenizer saved by Vitrine, got another file; load a checkpoint of ours"
        )
    if fields.get("version") != FORMAT_VERSION:
        raise TokenizerError(
            f"{path.name}: expected format version {FORMAT_VERSION}, got {fields.get('version')!r:.80}; "
            "use the release that saved it"
        )
    return fields
