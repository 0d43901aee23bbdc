"""The saved tokenizer that a run was given instead of learning one; apart, so that a worker loads no torch for it."""

from __future__ import annotations

from pathlib import Path

from llm.runs.config import RunError, TokenizerOptions
from llm.tokenizers.base import TOKENIZER_FILE, Tokenizer, TokenizerError
from llm.tokenizers.load import fingerprint, load_tokenizer, saved_files


def given_tokenizer(wanted: TokenizerOptions, directory: Path) -> Tokenizer:
    """The saved one of a recipe. Raises RunError where it is gone, damaged, or another than the one that was meant."""
    name = wanted.name or directory.name
    if not (directory / TOKENIZER_FILE).is_file():
        raise RunError(f"The tokenizer {name} is gone; choose another, or save one under that name again.")
    try:
        if wanted.sha256 not in ("", found := fingerprint(saved_files(directory))):
            raise RunError(
                f"The tokenizer {name} is another one now (SHA-256 {found[:8]}…, not {wanted.sha256[:8]}…): its ids "
                "would mean other text; put the old one back, or begin a new run."
            )
        return load_tokenizer(directory)
    except TokenizerError as error:
        raise RunError(f"The tokenizer {name} cannot be used: {error}.") from error
