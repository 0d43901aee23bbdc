"""Read a tokenizer of any kind back from the directory it was saved in."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from llm.tokenizers.base import FORMAT_VERSION, TOKENIZER_FILE, Tokenizer, TokenizerError
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.char import CharTokenizer
from llm.tokenizers.rank_file import RANK_FILE
from llm.tokenizers.tiktoken_backed import TiktokenTokenizer

KINDS: Mapping[str, Callable[[Mapping[str, Any], Path], Tokenizer]] = {
    CharTokenizer.kind: CharTokenizer.from_fields,
    BPETokenizer.kind: BPETokenizer.from_fields,
    TiktokenTokenizer.kind: TiktokenTokenizer.from_fields,
}

FILES = (TOKENIZER_FILE, RANK_FILE)  # that a saved one may consist of
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


def read_tokenizer(files: Mapping[str, bytes], name: str) -> Tokenizer:
    """The tokenizer of such files, which were saved in a directory of this name. Raises TokenizerError."""
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place) / name
        directory.mkdir()
        for file, content in files.items():
            (directory / file).write_bytes(content)
        return load_tokenizer(directory)


def saved_files(directory: Path) -> dict[str, bytes]:
    """The files of a saved tokenizer by name. Raises TokenizerError where it is gone."""
    try:
        return {
            file: (directory / file).read_bytes()
            for file in FILES
            if file == TOKENIZER_FILE or (directory / file).is_file()
        }
    except OSError as error:
        raise _gone(directory / TOKENIZER_FILE, error) from None


def fingerprint(files: Mapping[str, bytes]) -> str:
    """SHA-256 of saved files, whatever the directory that they lie in is called."""
    digest = hashlib.sha256()
    for file in FILES:
        digest.update(len(files.get(file, b"")).to_bytes(8) + files.get(file, b""))
    return digest.hexdigest()


def _gone(path: Path, error: OSError) -> TokenizerError:
    return TokenizerError(
        f"expected a tokenizer at {path}, which could not be read ({error.strerror}); give the directory it is in"
    )


def _fields(path: Path) -> dict[str, Any]:
    try:
        size = path.stat().st_size
        if size > _MAX_FILE_BYTES:
            raise TokenizerError(f"{path.name}: expected at most {_MAX_FILE_BYTES} bytes, got {size}")
        fields = json.loads(path.read_bytes())
    except OSError as error:
        raise _gone(path, error) from None
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
