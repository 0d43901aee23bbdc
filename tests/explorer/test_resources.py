"""Traces are computed once, shared, and bounded in bytes."""

from pathlib import Path

import pytest
import torch

from explorer import resources
from explorer.resources import Traces
from llm.trace import trace


@pytest.fixture
def path(tiny_checkpoint: Path) -> Path:
    return tiny_checkpoint


def test_same_ids_same_object(path: Path) -> None:
    traces = Traces()
    assert traces.get(path, (1, 2, 3)) is traces.get(path, (1, 2, 3))
    assert traces.get(path, (1, 2)) is not traces.get(path, (1, 2, 3))


def test_it_is_the_plain_forward_pass(path: Path) -> None:
    got = Traces().get(path, (1, 2, 3))
    assert torch.equal(got.logits, trace(resources.load_model(path).model, [1, 2, 3]).logits)
    assert len(got.tokens) == 3


def test_least_recently_used_goes_first(path: Path) -> None:
    one = Traces().get(path, (1, 2, 3))
    traces = Traces(n_bytes=int(one.n_bytes * 2.5))
    first, second = traces.get(path, (1, 2, 3)), traces.get(path, (4, 5, 6))
    traces.get(path, (1, 2, 3))
    traces.get(path, (7, 8, 9))
    assert traces.held <= traces.limit
    assert traces.get(path, (1, 2, 3)) is first
    assert traces.get(path, (4, 5, 6)) is not second


def test_one_larger_than_all_room_is_still_given(path: Path) -> None:
    traces = Traces(n_bytes=1)
    assert traces.get(path, (1, 2, 3)) is traces.get(path, (1, 2, 3))


def test_a_loaded_model_takes_no_gradients(path: Path) -> None:
    model = resources.load_model(path).model
    assert not model.training
    assert not any(p.requires_grad for p in model.parameters())
    assert resources.load_model(path).model is model
