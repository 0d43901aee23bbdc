"""How long one update takes on this machine while it does nothing else, found by making a few."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch

from llm.data import TokenDataset
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.training.config import TrainingConfig
from llm.training.cost import cost
from llm.training.state import TrainingState
from llm.training.trainer import train

LARGEST = 2 * 2**30  # bytes: a larger model is not tried
WORK = 2e10  # FLOPs of one tried update, at most
PATIENCE = 1.5  # seconds


def step_seconds(
    model: GPTConfig, training: TrainingConfig, device: torch.device | str = "cpu", threads: int | None = None
) -> float | None:
    """Seconds of an update where nothing else runs: the best of a few on random tokens, with as many `threads` as the
    training will have (None: as torch has now). None where the model is too large to try.

    Where one update is a lot of work, a part of its batch is timed and multiplied.
    """
    windows = training.batch_size * training.grad_accumulation
    whole = cost(model, replace(training, steps=1))
    tried = replace(
        training,
        steps=14,
        batch_size=max(1, min(training.batch_size, int(WORK * windows / whole.flops_total))),
        grad_accumulation=1,
        eval_every=0,
        health_every=0,
        patience=None,
        lr=1e-6,
        muon_lr=1e-6,
    )
    while cost(model, tried).memory_bytes > LARGEST and tried.batch_size > 1:
        tried = replace(tried, batch_size=tried.batch_size // 2)
    if cost(model, tried).memory_bytes > LARGEST or whole.flops_total / windows > 10 * WORK:
        return None
    tokens = np.random.default_rng(0).integers(0, model.d_vocab, 4 * model.n_ctx + 2).astype(np.int32)
    state = TrainingState(GPT(model, seed=0).to(device), tried)
    clock, seconds = _clock(torch.device(device)), []
    with _threads(threads):
        began, before = time.perf_counter(), clock()
        for _ in train(state, TokenDataset(tokens, tokens, len(tokens))):
            seconds.append(clock() - before)
            if time.perf_counter() - began > PATIENCE:
                break
            before = clock()
    return min(seconds) * windows / tried.batch_size


def _clock(device: torch.device) -> Callable[[], float]:
    """On a CPU what this thread was given of it: the wall's clock would count what others do meanwhile.

    It has an equal share of all threads' work; not so on a Mac, whose BLAS has threads of its own.
    """
    return time.thread_time if device.type == "cpu" and sys.platform != "darwin" else time.perf_counter


@contextmanager
def _threads(n: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(n or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
