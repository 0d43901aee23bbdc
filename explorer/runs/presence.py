"""Who is there: a file of a home that names a process, and counts while that very process is at work."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

from explorer import paths
from llm.runs.directory import write_json_whole
from llm.runs.process import is_process, start_of

WORKER = "worker.json"  # the worker of a home
NEXT = "worker-next.json"  # the one that waits to take its place


def sign(path: Path) -> None:
    """Name this process. Raises OSError."""
    write_json_whole(path, {"pid": os.getpid(), "started": start_of(os.getpid())})


def is_there(path: Path) -> bool:
    """Whether the process it names is at work."""
    try:
        named = json.loads(path.read_bytes())
        return is_process(named["pid"], named["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def words_to_start(home: Path) -> str:
    """What starts a worker of this home in a terminal."""
    words = "python -m explorer worker"
    return words if home == paths.usual_home() else f"{words} --home {shlex.quote(str(home))}"
