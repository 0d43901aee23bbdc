"""What is kept stays within its bytes, is made once, and goes oldest first."""

import threading
import time

import numpy as np
import pytest
import torch

from explorer.kept import Kept, size_of


def test_the_least_recently_used_goes_first() -> None:
    kept = Kept(2500)
    made: list[str] = []

    def make(key: str) -> np.ndarray:
        made.append(key)
        return np.zeros(125)

    def get(key: str) -> np.ndarray:
        return kept.get(key, lambda: make(key))

    for key in "ababacab":
        get(key)
    assert made == ["a", "b", "c", "b"]
    assert kept.held == 2000


def test_one_larger_than_all_room_is_still_given_and_kept_alone() -> None:
    kept = Kept(10)
    assert kept.get("a", lambda: np.ones(9)) is kept.get("a", lambda: np.zeros(9))
    kept.get("b", lambda: np.ones(9))
    assert len(kept) == 1
    assert kept.held == 72


def test_many_who_ask_at_once_get_one_and_the_same() -> None:
    kept, made, got = Kept(10**6), [], []

    def slow() -> list[int]:
        time.sleep(0.05)
        made.append(1)
        return [1]

    threads = [threading.Thread(target=lambda: got.append(kept.get("key", slow))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(made) == 1
    assert all(one is got[0] for one in got)


def test_a_failure_is_not_kept() -> None:
    kept = Kept(100)
    with pytest.raises(ZeroDivisionError):
        kept.get("key", lambda: 1 // 0)
    assert kept.get("key", lambda: 7) == 7


def test_sizes_count_arrays_wherever_they_lie_and_the_same_one_once() -> None:
    array, tensor = np.zeros(1000), torch.zeros(1000)
    assert 8000 <= size_of({"a": [array, (array,)]}) < 9000
    assert 4000 <= size_of([tensor, tensor]) < 5000
    assert size_of(torch.nn.Linear(100, 10)) == 4 * 1010
    assert size_of({i: str(i) * 100 for i in range(10_000)}) > 10_000 * 100
