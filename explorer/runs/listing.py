"""Which directories of a directory are runs, quickly: a ledger asks each second."""

from __future__ import annotations

import os
from pathlib import Path

from explorer.file_names import is_plain


def places_in(place: Path | None) -> list[str]:
    """Those that hold a run.json, the newest id first; nothing where there is no such place."""
    if place is None:
        return []
    try:
        found = sorted(os.listdir(place), reverse=True)  # noqa: PTH208  # a Path for each costs more than the rest
    except OSError:
        return []
    paths = (f"{place}{os.sep}{name}" for name in found if is_plain(name))
    return [path for path in paths if os.path.isfile(f"{path}{os.sep}run.json")]  # noqa: PTH113
