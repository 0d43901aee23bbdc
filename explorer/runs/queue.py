"""Which runs wait, and in which order. The file is an index alone: lost or damaged, it is made anew from the runs."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from filelock import FileLock

from llm.runs.config import RunError

BUSY = 10.0  # seconds that one turn waits for another
_VERSION = 1
_TABLE = "CREATE TABLE waiting (place INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL UNIQUE)"
_ATTEMPTS = 10  # what a turn meets may be lost again while others mend it
_MOVED = "SQLITE_READONLY_DBMOVED"  # deleted or put aside since it was opened
_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_ERROR", "SQLITE_FORMAT", "SQLITE_IOERR_SHORT_READ")


class Turn:
    """The queue while nobody else can change it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def waiting(self) -> list[str]:
        """Ids, the next one first."""
        return [run for (run,) in self._connection.execute("SELECT run FROM waiting ORDER BY place")]

    def add(self, run: str) -> None:
        """At the end; a run that waits already keeps its place."""
        self._connection.execute("INSERT OR IGNORE INTO waiting (run) VALUES (?)", (run,))

    def remove(self, run: str) -> bool:
        """Whether it was there: of all who take it out, one alone hears yes."""
        return self._connection.execute("DELETE FROM waiting WHERE run = ?", (run,)).rowcount > 0


class Queue:
    """The waiting runs of one home, for any number of processes and threads."""

    def __init__(self, path: Path, found: Callable[[], Iterable[str]]) -> None:
        """`found` tells from the runs themselves which wait, in order; asked when the file has to be made anew."""
        self.path, self._found = path, found

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """All that is done in it happens at once or, if it raises, not at all. Raises RunError if that cannot be."""
        with closing(self._begin()) as connection:
            try:
                yield Turn(connection)
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise self._refusal(error) from error
            finally:
                if connection.in_transaction:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")

    def rebuild(self) -> int:
        """Forget what the file says and ask the runs; how many wait."""
        with self.turn() as turn:
            found = list(self._found())
            for run in turn.waiting():
                turn.remove(run)
            for run in found:
                turn.add(run)
            return len(found)

    def _begin(self) -> sqlite3.Connection:
        """A connection in a transaction, on a file that can be read: one that cannot is put aside."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._open()
            except sqlite3.Error as error:
                lost = _is_damage(error)
                if attempt == _ATTEMPTS or not (lost or _name(error) == _MOVED):
                    raise self._refusal(error) from error
            if lost:
                self._put_aside()
        raise AssertionError("unreachable")

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = OFF")  # what a power cut takes is made anew
            connection.execute("BEGIN IMMEDIATE")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                connection.execute(_TABLE)
                connection.execute(f"PRAGMA user_version = {_VERSION}")
                for run in self._found():
                    Turn(connection).add(run)
            elif version != _VERSION:
                raise _UnknownVersion(f"version {version} of the queue is not known")
            Turn(connection).waiting()
        except BaseException:
            connection.close()
            raise
        return connection

    def _put_aside(self) -> None:
        """Under another name, unless somebody else has done so by now."""
        with FileLock(self.path.with_name(f"{self.path.name}.lock")):
            try:
                self._open().close()
                return
            except sqlite3.Error as error:
                if not _is_damage(error):
                    return
            stamp, n = time.strftime("%Y%m%d-%H%M%S"), 1
            while (aside := self.path.with_name(f"{self.path.name}.corrupt-{stamp}-{n}")).exists():
                n += 1
            try:
                self.path.with_name(f"{self.path.name}-journal").unlink(missing_ok=True)
                self.path.rename(aside)
            except OSError as error:
                reason = error.strerror or error
                raise RunError(f"{self.path} is damaged and cannot be put aside: {reason}; remove it.") from error

    def _refusal(self, error: sqlite3.Error) -> RunError:
        name = _name(error)
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return RunError(f"The queue {self.path} has been busy for {BUSY:g} seconds; try again in a moment.")
        if _is_damage(error) or name == _MOVED:
            return RunError(f"The queue {self.path} was lost while it was used; try again, it is made anew.")
        return RunError(
            f"The queue {self.path} cannot be used: {error}; see that the disk has room and can be written."
        )


class _UnknownVersion(sqlite3.DatabaseError):
    """A file that another program wrote, or chance."""


def _is_damage(error: sqlite3.Error) -> bool:
    return isinstance(error, _UnknownVersion) or _name(error).startswith(_DAMAGED)


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", None) or ""
