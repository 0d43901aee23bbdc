"""What a training process is asked to do: by signals, and by others through control.json."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from llm.runs.directory import Control, RunDirectory


class StopRequested(BaseException):
    """The run was asked to stop while it was being prepared, where there is nothing to save yet."""


class Requests:
    """The newest wish; asking costs one look at control.json's modification time."""

    def __init__(self, run: RunDirectory) -> None:
        self._run, self._path = run, run.path / "control.json"
        self._seen: tuple[int, ...] | None = None
        self._control: Control | None = None
        self._signalled = False
        self._preparing = True

    def control(self) -> Control | None:
        """What others want now; None if nobody ever asked."""
        try:
            found = os.stat(self._path)  # noqa: PTH116  # called after every update
        except OSError:
            return self._control
        stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
        if stamp != self._seen:
            self._seen, self._control = stamp, self._run.control(self._control or Control())  # damaged: as before
        return self._control

    @property
    def stop(self) -> bool:
        """Whether the run is to end with a checkpoint."""
        return self._signalled or ((control := self.control()) is not None and control.want == "stop")

    @property
    def pause(self) -> bool:
        """Whether the run is to wait with a checkpoint."""
        return not self._signalled and (control := self.control()) is not None and control.want == "pause"

    def check(self) -> None:
        """Raise StopRequested if the run is to end; while it is prepared, a signal does so by itself."""
        if self.stop:
            raise StopRequested

    def begun(self) -> None:
        """From now on a signal is noted, for the loop to see after its update."""
        self._preparing = False
        self.check()

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Ctrl-C and SIGTERM become requests; a second one ends the process at once. In the main thread alone."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def restore() -> None:
            for number, handler in before.items():
                signal.signal(number, handler)

        def note(number: int, frame: FrameType | None) -> None:
            self._signalled = True
            restore()
            if self._preparing:
                _leave()
            os.write(sys.stderr.fileno(), b"\nStopping after this step; a checkpoint follows.\n")

        for number in before:
            signal.signal(number, note)
        try:
            yield
        finally:
            restore()


def _leave() -> NoReturn:
    raise StopRequested
