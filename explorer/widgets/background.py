"""What takes seconds to find out, worked out beside the page: once for everybody, while the page stays usable."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

LONGEST = 90.0  # seconds without a look after which a reader is gone; a tab out of sight may look once a minute

Say = Callable[[str], None]


class StoppedError(ValueError):
    """Nobody waits for it any more."""


@dataclass(frozen=True)
class Answer:
    """What is known of a question now."""

    value: Any = None
    error: str = ""  # why there will be no value, in a sentence
    pending: bool = False
    phase: str = ""  # what is being done about it


@dataclass(eq=False)
class _Job:
    """One question under way or answered."""

    future: Future[Answer] = field(init=False)
    phase: str = ""
    readers: dict[object, float] = field(
        default_factory=dict
    )  # when each has looked last; none: it is for whoever asks
    stopped: bool = False

    def stop(self) -> None:
        """It never begins, or ends at its next word."""
        self.stopped = True
        self.future.cancel()


class Background:
    """Answers by key; the least recently asked are let go."""

    def __init__(self, threads: int = 1, most: int = 64) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="vitrine")
        self._lock = threading.Lock()
        self._most = most
        self._kept: OrderedDict[Hashable, _Job] = OrderedDict()

    def ask(self, key: Hashable, make: Callable[[Say], Any], reader: object = None) -> Answer:
        """The answer if it is there; else `make(say)` is set going, unless it is under way.

        What has readers ends when the last of them leaves it, or has not asked for LONGEST.
        """
        with self._lock:
            job = self._kept.get(key)
            if job is None:
                job = self._kept[key] = _Job()
                job.future = self._pool.submit(_answered, make, self._saying(key, job))
            if reader is not None:
                job.readers[reader] = time.monotonic()
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)[1].stop()
            phase = job.phase
        if not job.future.done():
            return Answer(pending=True, phase=phase)
        if job.future.cancelled():
            return Answer(error="It was let go; choose it again.")
        return job.future.result()

    def knows(self, key: Hashable) -> bool:
        """Whether the answer is there, or on its way."""
        with self._lock:
            return key in self._kept

    def leave(self, key: Hashable, reader: object) -> None:
        """This reader waits for it no more; what is under way ends where no other does."""
        with self._lock:
            job = self._kept.get(key)
            if job is None or job.future.done() or job.readers.pop(reader, None) is None or job.readers:
                return
            job.stop()
            del self._kept[key]

    def forget(self, key: Hashable) -> None:
        """An answer, so that it is tried again."""
        with self._lock:
            if (job := self._kept.get(key)) and job.future.done():
                del self._kept[key]

    def _saying(self, key: Hashable, job: _Job) -> Say:
        def say(words: str) -> None:
            with self._lock:
                if job.readers and max(job.readers.values()) < time.monotonic() - LONGEST:
                    job.stopped = True
                    if self._kept.get(key) is job:
                        del self._kept[key]
                if job.stopped:
                    raise StoppedError("It was stopped.")
                job.phase = words

        return say


def _answered(make: Callable[[Say], Any], say: Say) -> Answer:
    """What it came to. Of an error its words are kept and not the error, whose frames hold all that was worked with."""
    try:
        return Answer(make(say))
    except BaseException as error:  # a panic of tiktoken's is no Exception
        return Answer(error=f"{error}" or type(error).__name__)


FACTS = Background()
TIMES = Background()
