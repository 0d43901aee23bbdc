"""What was computed and is kept for all sessions: bounded in bytes, the least recently used dropped first."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import torch

T = TypeVar("T")
_SAMPLE = 256  # items of a long collection that are measured; the others are taken to be like them


class Kept:
    """Values by key, each made at most once at a time. Shared between threads, so never written to."""

    def __init__(self, n_bytes: int) -> None:
        self.limit = n_bytes
        self.held = 0
        self._values: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of `key`, made if it is not there; one that is waits for nobody. What `make` raises is not kept."""
        with self._lock:
            if key in self._values:
                return self._found(key)
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._values:
                    return self._found(key)
            try:
                value = make()
                n_bytes = size_of(value)
                with self._lock:
                    self.held += n_bytes - self._values.get(key, (None, 0))[1]  # after a failure two may make it
                    self._values[key] = value, n_bytes
                    while self.held > self.limit and len(self._values) > 1:
                        self.held -= self._values.popitem(last=False)[1][1]
                return value
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._values

    def __len__(self) -> int:
        with self._lock:
            return len(self._values)

    def _found(self, key: Hashable) -> Any:
        self._values.move_to_end(key)
        return self._values[key][0]


def size_of(value: object) -> int:
    """About the bytes that a value holds; what it holds twice counts once."""
    return _size(value, set())


def _size(value: object, seen: set[int]) -> int:
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, torch.Tensor):
        return value.nbytes
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, torch.nn.Module):
        return sum(_size(tensor, seen) for tensor in (*value.parameters(), *value.buffers()))
    own = sys.getsizeof(value, 0)
    if isinstance(value, str | bytes | int | float | bool | type(None)):
        return own
    if isinstance(value, Mapping):
        return own + _items([part for pair in islice(value.items(), _SAMPLE) for part in pair], 2 * len(value), seen)
    if isinstance(value, Collection):
        return own + _items(list(islice(iter(value), _SAMPLE)), len(value), seen)
    if is_dataclass(value) and not isinstance(value, type):
        return own + sum(_size(getattr(value, field.name), seen) for field in fields(value))
    return own + sum(_size(part, seen) for part in getattr(value, "__dict__", {}).values())


def _items(some: list[Any], n: int, seen: set[int]) -> int:
    measured = sum(_size(part, seen) for part in some)
    return measured * n // len(some) if some else 0
