"""A person's own tokenizers, kept by name in a directory each, and the files that other programs read."""

from __future__ import annotations

import shutil
import tempfile
import time
import unicodedata
from pathlib import Path
from typing import Literal, get_args

from explorer.file_names import is_plain, plain
from llm.tokenizers.base import TOKENIZER_FILE, Tokenizer, TokenizerError
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.export import write_huggingface
from llm.tokenizers.load import load_tokenizer
from llm.tokenizers.rank_file import write_ranks

MOST = 100
LAST_DELETED = ".deleted"
Format = Literal["vitrine", "tiktoken", "huggingface"]
FORMATS = get_args(Format)
LONGEST_NAME = 60  # characters


class KeptTokenizers:
    """The tokenizers under one directory, each in a directory of its name."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def names(self) -> list[str]:
        """Of all, in order."""
        try:
            return sorted(path.name for path in self.root.iterdir() if self._is_one(path))
        except OSError:
            return []

    def path(self, name: str) -> Path:
        """Its directory, whether it is there or not. Raises TokenizerError for what is no name."""
        name = unicodedata.normalize("NFC", name)
        if not name:
            raise TokenizerError("Expected a name, got none; type one.")
        if not is_plain(name) or len(name) > LONGEST_NAME:
            raise TokenizerError(
                f"Expected a name of 1 to {LONGEST_NAME} characters that every system takes for a file's, without "
                f'/ \\ : * ? " < > | and no dot, dash or blank at its ends, got {name[:80]!r}; choose another.'
            )
        return self.root / name

    @staticmethod
    def suggested(name: str) -> str:
        """The nearest name that `path` takes."""
        return plain(name, "tokenizer", LONGEST_NAME)

    def add(self, name: str, tokenizer: Tokenizer) -> Path:
        """Keep a tokenizer, whole or not at all. Raises TokenizerError where the name is taken."""
        path = self.path(name)
        if taken := [other for other in self.names() if other.casefold() == path.name.casefold()]:
            raise TokenizerError(
                f"There is a tokenizer named {taken[0]} already; choose another name, or delete that one."
            )
        if len(self.names()) >= MOST:
            raise TokenizerError(f"Expected at most {MOST} tokenizers, got one more; delete some in {self.root}.")
        new = self.root / f".{time.monotonic_ns()}"
        try:
            new.mkdir(parents=True)
            tokenizer.save(new)
            new.rename(path)
        except OSError as error:
            shutil.rmtree(new, ignore_errors=True)
            raise TokenizerError(
                f"The tokenizer cannot be kept in {self.root}: {error.strerror or error}; make room or give another "
                "--home."
            ) from error
        return path

    def get(self, name: str) -> Tokenizer:
        """The tokenizer. Raises TokenizerError where it is gone or damaged."""
        return load_tokenizer(self.path(name))

    def stamp(self, name: str) -> int:
        """Changes when it is replaced; 0 where it is gone."""
        try:
            return (self.path(name) / TOKENIZER_FILE).stat().st_mtime_ns
        except OSError:
            return 0

    def remove(self, name: str) -> None:
        """Delete it; the last one that was deleted can be brought back. One that is gone already is no error."""
        path, last = self.path(name), self.root / LAST_DELETED
        if path.is_dir():
            shutil.rmtree(last, ignore_errors=True)
            last.mkdir(exist_ok=True)
            path.rename(last / name)

    def bring_back(self, name: str) -> None:
        """Undo `remove`. Raises TokenizerError where another was deleted since, or the name is taken."""
        path, last = self.path(name), self.root / LAST_DELETED / name
        if not last.is_dir() or path.exists():
            raise TokenizerError(f"{name} can no longer be brought back; learn it again.")
        last.rename(path)

    def _is_one(self, path: Path) -> bool:
        return is_plain(path.name) and len(path.name) <= LONGEST_NAME and (path / TOKENIZER_FILE).is_file()


def exported(tokenizer: BPETokenizer, format: Format) -> bytes:
    """The one file of a format: ours, tiktoken's ranks, or the tokenizer.json that Hugging Face's library loads."""
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / TOKENIZER_FILE
        match format:
            case "vitrine":
                tokenizer.save(path.parent)
            case "tiktoken":
                write_ranks(path, tokenizer.ranks)
            case "huggingface":
                write_huggingface(tokenizer, path)
        return path.read_bytes()
