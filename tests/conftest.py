"""A tiny model and its trace, built once and only read."""

from __future__ import annotations

import hypothesis
import pytest
import torch

from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.trace import Trace, trace

torch.set_num_threads(1)
hypothesis.settings.register_profile("vitrine", deadline=None, derandomize=True)  # a slow machine is not a failure
hypothesis.settings.load_profile("vitrine")

TINY = GPTConfig(d_vocab=61, n_ctx=24, n_layers=2, n_heads=4, n_kv_heads=2, d_model=32, d_mlp=48)


STRICT = ("test_kills.py", "test_cli_train.py")  # what fails now and then there is what they look for


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try what failed once more: servers, browsers, workers and trainings share few processors with the tests, and each
    waits for the others. CI names whatever was tried again (-rR)."""
    for item in items:
        if item.path.name not in STRICT:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def tiny_model() -> GPT:
    """Two layers with grouped heads and RoPE, random weights from seed 0, in evaluation mode."""
    return GPT(TINY, seed=0).eval()


@pytest.fixture(scope="session")
def tiny_trace(tiny_model: GPT) -> Trace:
    """The tiny model over 16 ids."""
    ids = [(7 * i * i + 3) % 61 for i in range(16)]
    return trace(tiny_model, ids, [bytes([65 + i % 26]) for i in ids])
