"""One reader of a run's metrics.jsonl for everybody who looks at the run."""

import threading
from pathlib import Path

from explorer.analysis.curves import Metrics, MetricsTable
from llm.runs.log import Tail


class RunMetrics:
    """Follows the file; threads may ask at once, and only what is new is read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tail = Tail(path)
        self._table = MetricsTable()
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] | None = None
        self._metrics = self._table.metrics()

    def read(self) -> Metrics:
        """All rows up to now; none where there is no file."""
        with self._lock:
            now = _stamp(self._path)
            if now != self._seen:
                rows = self._tail.read()
                if self._tail.restarted:
                    self._table.restart()
                self._table.add(rows)
                self._metrics, self._seen = self._table.metrics(), now
            return self._metrics


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns)
