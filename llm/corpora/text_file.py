"""A text file of the user's as documents: parts between lines of three or more blank lines, or the whole."""

import re
from pathlib import Path

from llm.data import decode_text

_GAP = re.compile(r"\n(?:[ \t\r]*\n){2,}")


def text_file(path: Path, min_chars: int = 2_000) -> list[str]:
    """The file's parts, cut only at two or more blank lines and none shorter than `min_chars` but the last.

    Raises ValueError naming the file when it cannot be read, is not text, or is empty.
    """
    try:
        text = decode_text(path.read_bytes())
    except OSError as error:
        raise ValueError(
            f"expected a readable text file, got {path}: {error.strerror or error}; choose another file"
        ) from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if not text.strip():
        raise ValueError(f"expected text in {path}, got an empty file; choose another file")
    documents, start, end = [], 0, len(text.rstrip())
    for gap in _GAP.finditer(text):
        if gap.end() - start >= min_chars and gap.end() < end:
            documents.append(text[start : gap.end()])
            start = gap.end()
    return [*documents, text[start:]]
