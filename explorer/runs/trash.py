"""What was deleted and not yet thrown away: directories of runs under a name that starts with a dot."""

from __future__ import annotations

import shutil
from pathlib import Path

from explorer.file_names import is_plain
from explorer.runs import names
from explorer.runs.disk import disk
from explorer.runs.listing import places_in
from llm.runs.config import RunError
from llm.runs.directory import RunDirectory
from llm.runs.lock import only_writer


class Trash:
    """The trash of one directory of runs."""

    def __init__(self, root: Path) -> None:
        self._root, self._place = root, root / ".trash"

    def runs(self) -> list[RunDirectory]:
        """All in it, the newest id first."""
        return [RunDirectory(Path(place)) for place in places_in(self._place)]

    def take(self, run: RunDirectory) -> None:
        """Move a run into it. Raises RunError if a process works on it."""
        with disk(run.path), only_writer(run):
            self._place.mkdir(exist_ok=True)
            run.path.rename(names.free_name(self._place / run.id))

    def give_back(self, id: str) -> None:
        """Move a run out of it again. Raises RunError."""
        gone = self._place / id
        if not is_plain(id) or not (gone / "run.json").is_file():
            raise RunError(f"There is no run {id!r:.80} in the trash.")
        if (self._root / id).exists():
            raise RunError(f"A run {id} is there already; delete that one first.")
        with disk(gone):
            gone.rename(self._root / id)

    def empty(self) -> None:
        """Throw away all in it, for good."""
        with disk(self._place):
            if self._place.exists():
                shutil.rmtree(self._place)
