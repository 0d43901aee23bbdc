"""K-composition: one where a head reads exactly what another wrote, nothing where elsewhere, chance between."""

import copy

import numpy as np
import pytest
import torch

from explorer.analysis.composition import k_composition
from llm.model.config import GPTConfig
from llm.model.gpt import GPT

CONFIG = GPTConfig(d_vocab=11, n_ctx=8, n_layers=2, n_heads=2, n_kv_heads=2, d_model=64, d_mlp=8, mlp="none")


def _written_in(model: GPT, write: int, read: int) -> float:
    """Head 0.0 writes one direction of the stream and the keys of 1.0 read one."""
    with torch.no_grad():
        for block in model.blocks:
            for name in ("W_Q", "W_K", "W_V", "W_O"):
                getattr(block.attn, name).weight.zero_()
        first, second = model.blocks[0].attn, model.blocks[1].attn
        first.W_V.weight[0, 0] = first.W_O.weight[write, 0] = 1.0
        second.W_Q.weight[0, 3] = second.W_K.weight[0, read] = 1.0
    return float(k_composition(model)[1, 0, 0, 0])


def test_reading_what_was_written_is_one_and_reading_elsewhere_nothing() -> None:
    model = GPT(CONFIG, seed=0)
    assert _written_in(copy.deepcopy(model), 5, 5) == pytest.approx(1)
    assert _written_in(model, 5, 6) == 0


def test_random_weights_compose_by_chance() -> None:
    found = k_composition(GPT(CONFIG, seed=0))
    assert found.shape == (2, 2, 2, 2)
    assert np.isnan(found[0]).all()
    assert np.isnan(found[1][:, 1]).all()
    np.testing.assert_allclose(found[1][:, 0], CONFIG.d_model**-0.5, rtol=0.2)


def test_the_size_of_the_weights_does_not_count() -> None:
    model = GPT(CONFIG, seed=0)
    before = k_composition(model)[1, 0, 0, 1]
    with torch.no_grad():
        model.blocks[1].attn.W_K.weight *= 7
        model.blocks[0].attn.W_O.weight *= 0.1
    assert k_composition(model)[1, 0, 0, 1] == pytest.approx(before)


def test_shared_keys_and_the_gain_before_them_count(tiny_model: GPT) -> None:
    model = copy.deepcopy(tiny_model)
    before = k_composition(model)
    assert before.shape == (2, 4, 2, 4)
    with torch.no_grad():
        model.blocks[1].ln1.w[:16] = 0
    assert not np.allclose(before[1][:, 0], k_composition(model)[1][:, 0])
