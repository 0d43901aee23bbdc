"""A home of one's own, tiny recipes, and the end of every training that a test left behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer.runs.store import Runs
from llm.model.config import GPTConfig
from llm.runs.config import RunConfig, TokenizerOptions
from llm.runs.directory import RunDirectory
from llm.runs.process import is_process
from llm.training.config import TrainingConfig

Until = Callable[[Callable[[], object]], None]


def recipe(steps: int = 300, **options: object) -> RunConfig:
    """One layer, 16 wide, characters: a thousand updates a second."""
    return RunConfig(
        corpus="sums",
        corpus_chars=20_000,
        model=GPTConfig(n_ctx=32, n_layers=1, n_heads=2, n_kv_heads=2, d_model=16, d_mlp=32),
        training=TrainingConfig(steps=steps, batch_size=2, eval_every=0),
        tokenizer=TokenizerOptions("char"),
        checkpoint_every=20,
        threads=1,
        **options,  # type: ignore[arg-type]
    )


def wait_until(true: Callable[[], object], seconds: float = 100) -> None:
    """Fail if it has not become true by then."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


def end(run: RunDirectory) -> None:
    """Kill the run's process group if it is at work."""
    status = run.status()
    if status.pid is not None and is_process(status.pid, status.process_started):
        os.killpg(status.pid, signal.SIGKILL)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    """An empty home; nothing is left at work in it."""
    made = Runs(tmp_path)
    yield made
    for run in made.own():
        end(run)
