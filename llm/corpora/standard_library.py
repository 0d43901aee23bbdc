"""The Python standard library of the running interpreter: real code that is on every machine, one document a module."""

import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from llm.data import decode_text

_LEFT_OUT = {"site-packages", "dist-packages", "__pycache__", "test", "tests", "idle_test", "lib2to3", "encodings"}


def standard_library(max_file_bytes: int = 500_000) -> Iterator[str]:
    """The modules' sources, each folder's own before its subfolders', by name.

    Tests, codec tables, and files that are too large or no text are left out.
    """
    for folder, subfolders, files in os.walk(sysconfig.get_paths()["stdlib"]):
        subfolders[:] = sorted(name for name in subfolders if name not in _LEFT_OUT)
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix != ".py":
                continue
            try:
                raw = path.read_bytes()
                text = decode_text(raw) if len(raw) <= max_file_bytes else ""
            except (OSError, ValueError):
                continue
            if text.strip():
                yield text
