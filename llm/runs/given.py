"""The saved tokenizer that a run was given instead of learning one; apart, so that a worker loads no torch for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from llm.runs.config import RunError, TokenizerOptions
from llm.tokenizers.base import TOKENIZER_FILE, Tokenizer, TokenizerError
from llm.tokenizers.load import fingerprint, read_tokenizer, saved_files


def given_tokenizer(wanted: TokenizerOptions, directory: Path) -> tuple[Tokenizer, Mapping[str, bytes]]:
    """The saved one of a recipe, and its files as they were read for it, once: who copies them copies what it is.

    Raises RunError where it is gone, damaged, or another than the one that was meant.
    """
    name = wanted.name or directory.name
    if not (directory / TOKENIZER_FILE).is_file():
        raise RunError(f"The tokenizer {name} is gone; choose another, or save one under that name again.")
    try:
        files = saved_files(directory)
        if wanted.sha256 not in ("", found := fingerprint(files)):
            raise RunError(
                f"The tokenizer {name} is another one now (SHA-256 {found[:8]}…, not {wanted.sha256[:8]}…): its ids "
                "would mean other text; put the old one back, or begin a new run."
            )
        return read_tokenizer(files, directory.name), files
    except (TokenizerError, OSError) as error:
        raise RunError(f"The tokenizer {name} cannot be used: {error}.") from error
