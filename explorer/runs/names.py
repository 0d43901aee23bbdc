"""How runs are named: directories by generated ids, and labels by whatever a person types, which names no file."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from llm.tokenizers.base import without_lone_surrogates

LONGEST_NAME, LONGEST_NOTE = 120, 4000  # characters
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no signs that are taken for one another


def new_id() -> str:
    """An id that no run had: when it was made, and four letters of chance."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{''.join(secrets.choice(_ALPHABET) for _ in range(4))}"


def label(text: str) -> str:
    """A person's name for a run: one line."""
    return " ".join(without_lone_surrogates(text).split())[:LONGEST_NAME]


def note(text: str) -> str:
    """A person's own words on a run."""
    return without_lone_surrogates(text).strip()[:LONGEST_NOTE]


def free_name(path: Path) -> Path:
    """`path`, or with a number where that is taken."""
    taken, n = path, 1
    while taken.exists():
        n += 1
        taken = path.with_name(f"{path.name}-{n}")
    return taken
