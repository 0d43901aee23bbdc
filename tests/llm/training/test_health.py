"""Layer health: its parts make up the whole, it measures what moved, and it changes nothing."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from llm.data import TokenDataset
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.training.config import TrainingConfig
from llm.training.health import LayerHealth, layer_name
from llm.training.state import TrainingState
from llm.training.trainer import StepReport, train

MODEL = GPTConfig(
    d_vocab=11, n_ctx=8, n_layers=2, n_heads=2, n_kv_heads=2, d_model=16, d_mlp=32, positions="learned", tied=False
)
CONFIG = TrainingConfig(steps=6, batch_size=2, eval_every=0, health_every=3, precision="fp32")
IDS = np.random.Generator(np.random.PCG64(0)).integers(0, 11, 500).astype(np.uint16)
DATA = TokenDataset(IDS, IDS, n_bytes_validation=500)


def fresh(config: TrainingConfig = CONFIG) -> TrainingState:
    return TrainingState(GPT(MODEL, seed=0), config)


def of(report: StepReport) -> LayerHealth:
    assert report.layers is not None
    return report.layers


def test_it_comes_every_few_steps() -> None:
    reports = list(train(fresh(), DATA))
    assert [r.step for r in reports if r.layers] == [3, 6]
    assert not any(r.layers for r in train(fresh(replace(CONFIG, health_every=0)), DATA))


def test_the_layers_together_are_the_whole_gradient() -> None:
    for report in train(fresh(replace(CONFIG, health_every=1)), DATA):
        layers = of(report)
        assert layers.names == ("embed", "block 0", "block 1", "final norm", "unembed")
        assert np.linalg.norm(layers.grad_norm) == pytest.approx(report.grad_norm, rel=1e-5)


def test_the_ratio_is_what_the_weights_moved() -> None:
    state = fresh(replace(CONFIG, health_every=1))
    before = {name: p.detach().clone() for name, p in state.model.named_parameters()}
    layers = of(next(train(state, DATA)))
    after = {name: p.detach() for name, p in state.model.named_parameters()}
    for layer, ratio in zip(layers.names, layers.update_ratio, strict=True):
        mine = [name for name in before if layer_name(name) == layer]
        moved = torch.cat([(after[n] - before[n]).flatten() for n in mine]).norm()
        assert ratio == pytest.approx(float(moved / torch.cat([before[n].flatten() for n in mine]).norm()), rel=1e-4)
        assert ratio > 0


def test_looking_changes_nothing() -> None:
    looked, plain = fresh(replace(CONFIG, health_every=1)), fresh(replace(CONFIG, health_every=0))
    losses = [[r.loss for r in train(state, DATA)] for state in (looked, plain)]
    assert losses[0] == losses[1]
    for one, other in zip(looked.model.parameters(), plain.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_layers_that_are_not_trained_are_left_out() -> None:
    model = GPT(MODEL, seed=0)
    model.embed.weight.requires_grad_(False)
    model.blocks[0].requires_grad_(False)
    layers = of(next(train(TrainingState(model, replace(CONFIG, health_every=1)), DATA)))
    assert layers.names == ("embed", "block 1", "final norm", "unembed")  # the positions are left of "embed"


@pytest.mark.parametrize(
    ("parameter", "layer"),
    [
        ("embed.weight", "embed"),
        ("positions.table.weight", "embed"),
        ("model.blocks.11.attn.W_Q.weight", "block 11"),
        ("ln_final.w", "final norm"),
        ("unembed.weight", "unembed"),
        ("head.weight", "head"),
    ],
)
def test_names(parameter: str, layer: str) -> None:
    assert layer_name(parameter) == layer
