import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from explorer.analysis import step_time
from explorer.analysis.step_time import step_seconds
from llm.model.config import GPTConfig
from llm.training.config import TrainingConfig

TINY = GPTConfig(d_vocab=61, n_ctx=24, n_layers=1, n_heads=2, n_kv_heads=2, d_model=16, d_mlp=32)


def test_an_update_takes_some_time() -> None:
    one = step_seconds(TINY, TrainingConfig(batch_size=2))
    assert one is not None
    assert 0 < one < 5


def test_a_giant_is_not_tried() -> None:
    giant = replace(TINY, n_layers=200, d_model=8192, d_mlp=32768, n_ctx=4096)
    assert step_seconds(giant, TrainingConfig(batch_size=64)) is None


def test_a_part_of_much_work_is_multiplied() -> None:
    assert step_seconds(TINY, TrainingConfig(batch_size=100_000)) is not None


def test_what_others_do_with_the_machine_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A training that waits 50 ms in each update, as where the processor is busy with something else."""

    def kept_waiting(*given: object) -> Iterator[None]:
        for _ in range(4):
            time.sleep(0.05)
            yield

    monkeypatch.setattr(step_time, "train", kept_waiting)
    seconds = step_seconds(TINY, TrainingConfig(batch_size=2))
    assert seconds is not None
    assert seconds < 0.025


def test_with_as_many_threads_as_the_training_will_have(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    seen: list[int] = []

    def threads(*given: object) -> Iterator[None]:
        seen.append(torch.get_num_threads())
        yield

    monkeypatch.setattr(step_time, "train", threads)
    step_seconds(TINY, TrainingConfig(batch_size=2), threads=before + 1)
    assert seen == [before + 1]
    assert torch.get_num_threads() == before
