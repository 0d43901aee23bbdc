"""How runs are named: directories by generated ids, and labels by whatever a person types, which names no file."""

from __future__ import annotations

import secrets
import time
import unicodedata
from pathlib import Path

from llm.tokenizers.base import without_lone_surrogates

LONGEST_NAME, LONGEST_NOTE = 120, 4000  # characters
_LONGEST_FILE_NAME = 200  # bytes
_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    f"{p}{n}" for p in ("com", "lpt") for n in "123456789¹²³"
}
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no signs that are taken for one another


def new_id() -> str:
    """An id that no run had: when it was made, and four letters of chance."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{''.join(secrets.choice(_ALPHABET) for _ in range(4))}"


def is_plain(name: object) -> bool:
    """Whether it names an entry of a directory, and nothing elsewhere on any system."""
    if not isinstance(name, str) or not name or name[0] in ".- " or name[-1] in ". " or not name.isprintable():
        return False
    if name.partition(".")[0].rstrip().lower() in _DEVICES:  # what Windows takes for one, whatever follows the dot
        return False
    return not set(name) & set('/\\:*?"<>|') and len(name.encode(errors="replace")) <= _LONGEST_FILE_NAME


def plain(text: str, otherwise: str, longest: int) -> str:
    """The text as a name that `is_plain`, of at most so many characters; `otherwise` where nothing is left."""
    composed = unicodedata.normalize("NFC", text)
    found = " ".join("".join(c if is_plain(f"a{c}a") else " " for c in composed).split())
    found = found.lstrip(".- ")[:longest].rstrip(". ")
    return found if is_plain(found) else otherwise


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
