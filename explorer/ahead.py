"""What a page asked of the checkpoint on show is asked of its neighbours, before anyone moves there."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from explorer.resources import Again, load_model

NEAR = 2  # checkpoints to each side that get all that the page asked
SECONDS = 10.0  # of work for one request, so that a large model is not computed for nobody
Asked = Sequence[tuple[Path, Again, bool]]


class Ahead:
    """One worker for all sessions; the newest request is the one that counts."""

    def __init__(self) -> None:
        self._wanted: list[Callable[[], object]] = []
        self._changed = threading.Condition()
        self._worker: threading.Thread | None = None

    def want(self, tasks: list[Callable[[], object]]) -> None:
        """Do these instead of what is left of the last request."""
        with self._changed:
            self._wanted = tasks
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="ahead", daemon=True)
                self._worker.start()
            self._changed.notify()

    def _work(self) -> None:
        doing, until = self._wanted, time.monotonic() + SECONDS
        while True:
            with self._changed:
                while not self._wanted:
                    self._changed.wait()
                if self._wanted is not doing:
                    doing, until = self._wanted, time.monotonic() + SECONDS
                task = self._wanted.pop(0)
                if time.monotonic() > until:
                    self._wanted.clear()
                    continue
            with suppress(Exception):  # whoever looks at that checkpoint is told what is wrong with it
                task()


def tasks(asked: Asked, at: Path, checkpoints: Sequence[Path]) -> list[Callable[[], object]]:
    """Nearest first: of the neighbours all that was asked of the checkpoint `at`, of the others what holds for every
    text."""
    here = [(again, lasting) for path, again, lasting in asked if path == at]
    if at not in checkpoints or not here:
        return []
    middle = checkpoints.index(at)
    order = sorted(range(len(checkpoints)), key=lambda i: (abs(i - middle), i < middle))[1:]
    made: list[Callable[[], object]] = []
    for i in order:
        near = abs(i - middle) <= NEAR
        repeated = [again for again, lasting in here if near or lasting]
        made += [_task(load_model, checkpoints[i]), *(_task(again, checkpoints[i]) for again in repeated)]
    return made


def _task(again: Again, path: Path) -> Callable[[], object]:
    return lambda: again(path)


_AHEAD = Ahead()


def prepare(asked: Asked, at: Path, checkpoints: Sequence[Path]) -> None:
    """Make the neighbours of the checkpoint `at` ready for what was asked of it."""
    if found := tasks(asked, at, checkpoints):
        _AHEAD.want(found)
