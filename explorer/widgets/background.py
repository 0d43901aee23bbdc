"""What takes seconds to find out, worked out beside the page: once for everybody, while the page stays usable."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What is known of a question now."""

    value: Any = None
    error: str = ""  # why there will be no value, in a sentence
    pending: bool = False
    phase: str = ""  # what is being done about it


class Background:
    """Answers by key; the least recently asked are let go."""

    def __init__(self, threads: int = 1, most: int = 64) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="vitrine")
        self._lock = threading.Lock()
        self._most = most
        self._kept: OrderedDict[Hashable, Future[Answer]] = OrderedDict()
        self._phases: dict[Hashable, str] = {}

    def ask(self, key: Hashable, make: Callable[[Callable[[str], None]], Any]) -> Answer:
        """The answer if it is there; else `make(say)` is set going, unless it is under way."""
        with self._lock:
            future = self._kept.get(key)
            if future is None:
                future = self._kept[key] = self._pool.submit(_answered, make, lambda words: self._say(key, words))
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                dropped, old = self._kept.popitem(last=False)
                old.cancel()
                self._phases.pop(dropped, None)
            phase = self._phases.get(key, "")
        if not future.done():
            return Answer(pending=True, phase=phase)
        if future.cancelled():
            return Answer(error="It was let go; choose it again.")
        return future.result()

    def _say(self, key: Hashable, words: str) -> None:
        with self._lock:
            if key in self._kept:  # else it was let go meanwhile
                self._phases[key] = words


def _answered(make: Callable[[Callable[[str], None]], Any], say: Callable[[str], None]) -> Answer:
    """What it came to. Of an error its words are kept and not the error, whose frames hold all that was worked with."""
    try:
        return Answer(make(say))
    except BaseException as error:  # a panic of tiktoken's is no Exception
        return Answer(error=f"{error}" or type(error).__name__)


FACTS = Background()
TIMES = Background()
