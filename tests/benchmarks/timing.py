"""Cases timed in turns, so that a machine that is busy or slow for a while slows all of them alike."""

from __future__ import annotations

import os
import platform
import random
import statistics
import time
from collections.abc import Callable, Mapping

import torch


def interleaved(cases: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 2) -> dict[str, float]:
    """Median seconds of each case over `rounds` rounds of all of them, after `warm_up` uncounted ones.

    Each round has an order of its own: who comes after whom decides what is left in the processor's caches.
    """
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    order, shuffle = list(cases.items()), random.Random(0).shuffle
    for round in range(warm_up + rounds):
        shuffle(order)
        for name, case in order:
            start = time.perf_counter()
            result = case()
            taken = time.perf_counter() - start
            del result  # what it kept is given back outside the clock, and before the next case begins
            if round >= warm_up:
                seconds[name].append(taken)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def machine() -> str:
    """What the figures were measured on, and how busy it was."""
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; Python "
        f"{platform.python_version()}, torch {torch.__version__}; "
        f"freed memory is {'kept (MALLOC_TRIM_THRESHOLD_)' if 'MALLOC_TRIM_THRESHOLD_' in os.environ else 'returned'}"
    )
