"""Token streams and their tokenizer, kept from one preparation to the next. Anything damaged is made anew."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import llm
from llm.checkpoint_files import CheckpointError, read_json, sealed, verify, write_json
from llm.data import TokenDataset
from llm.runs.config import RunConfig
from llm.tokenizers.base import Tokenizer
from llm.tokenizers.load import load_tokenizer

LARGEST = 2 * 2**30  # bytes kept; those used longest ago go first
_NEEDED = frozenset({"train.npy", "validation.npy", "facts.json", "tokenizer.json"})
_KNOWN = _NEEDED | {"MANIFEST.json", "tokenizer.tiktoken"}

Entry = tuple[Tokenizer, TokenDataset, dict[str, Any]]


def key(config: RunConfig, base: Path) -> str:
    """A name for all that decides the streams: the recipe's part in them, the files it reads, and our own code."""
    path = None if config.corpus_file is None else base / config.corpus_file
    directory = config.tokenizer.directory
    decides = {
        "corpus": [config.corpus, config.corpus_chars, config.corpus_seed, _sha256(path) if path else None],
        "tokenizer": _files(base / directory) if directory else [config.tokenizer.kind, config.tokenizer.n_vocab],
        "split": [config.validation_fraction, config.training.seed],
        "code": _code(),
        "python": [sys.version, sys.prefix] if config.corpus == "standard_library" else None,
    }
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()[:32]


def fetch(directory: Path) -> Entry | None:
    """What `keep` put there; None if it is not there or damaged."""
    try:
        verify(directory, _KNOWN, _NEEDED)
        facts = read_json(directory / "facts.json")
        train, validation = (np.load(directory / f"{name}.npy") for name in ("train", "validation"))
        data = TokenDataset(train, validation, facts.pop("n_bytes_validation"))
        tokenizer = load_tokenizer(directory)
        os.utime(directory)
        return tokenizer, data, facts
    except (ValueError, KeyError, OSError):  # CheckpointError and TokenizerError are ValueErrors
        return None


def keep(directory: Path, tokenizer: Tokenizer, data: TokenDataset, facts: dict[str, Any]) -> None:
    """Store for later, all or nothing. A disk that refuses is no reason to stop: it is made anew next time."""
    n_bytes = data.train.nbytes + data.validation.nbytes
    if n_bytes > LARGEST:
        return
    with suppress(CheckpointError, OSError):
        if directory.exists():  # damaged, or it would have been taken
            shutil.rmtree(directory, ignore_errors=True)
        with sealed(directory, {}, n_bytes) as hidden:
            np.save(hidden / "train.npy", data.train)
            np.save(hidden / "validation.npy", data.validation)
            tokenizer.save(hidden)
            write_json(hidden / "facts.json", {**facts, "n_bytes_validation": data.n_bytes_validation})
        _make_room(directory.parent)


def _make_room(cache_directory: Path) -> None:
    entries = sorted((path for path in cache_directory.iterdir() if path.is_dir()), key=lambda p: p.stat().st_mtime)
    sizes = {path: sum(file.stat().st_size for file in path.iterdir() if file.is_file()) for path in entries}
    total = sum(sizes.values())
    for path in entries[:-1]:
        if total <= LARGEST:
            break
        shutil.rmtree(path, ignore_errors=True)
        total -= sizes[path]


def _files(directory: Path) -> list[str | None]:
    return [_sha256(directory / name) for name in ("tokenizer.json", "tokenizer.tiktoken")]


def _sha256(path: Path) -> str | None:
    """None for a file that cannot be read; whoever needs it will say so."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


@cache
def _code() -> str:
    """Of every source file that the streams depend on, so that a changed generator is never answered from the past."""
    root, digest = Path(next(iter(llm.__path__))), hashlib.sha256()
    for path in sorted([root / "data.py", *(root / "corpora").rglob("*.py"), *(root / "tokenizers").rglob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()
