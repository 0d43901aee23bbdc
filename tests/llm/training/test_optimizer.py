"""Muon against its definition and torch's own; AdamW against the paper's formulas; who gets which optimizer."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.training.config import TrainingConfig
from llm.training.optimizer import AdamW, Muon, Optimizer, make_optimizers

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(params=["fp32", "bf16"])
def format(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on hardware that multiplies this number format fastest."""
    monkeypatch.setattr("llm.training.newton_schulz.resolve_precision", lambda wanted, device: request.param)


@pytest.mark.usefixtures("format")
@pytest.mark.parametrize("shape", [(48, 48), (96, 32), (32, 96)])
def test_muon_equals_torchs(shape: tuple[int, int]) -> None:
    random = torch.Generator().manual_seed(0)
    start = torch.randn(shape, generator=random)
    ours, theirs = torch.nn.Parameter(start.clone()), torch.nn.Parameter(start.clone())
    optimizers: list[Optimizer | torch.optim.Optimizer] = [
        Muon([ours], lr=0.02, momentum=0.9, weight_decay=0.05),
        torch.optim.Muon([theirs], lr=0.02, momentum=0.9, weight_decay=0.05, nesterov=True),
    ]
    for _ in range(3):
        gradient = torch.randn(shape, generator=random)
        for parameter, optimizer in zip((ours, theirs), optimizers, strict=True):
            parameter.grad = gradient.clone()
            optimizer.step()
    assert (ours - start).norm() > 0.1
    assert (ours - theirs).norm() / (ours - start).norm() < 0.03  # theirs orthogonalizes in bf16


def test_muon_refuses_what_is_no_matrix() -> None:
    with pytest.raises(ValueError, match="AdamW"):
        Muon([torch.nn.Parameter(torch.zeros(3))], lr=0.1, momentum=0.9, weight_decay=0.0)


def test_adamw_has_the_bits_and_the_memory_of_torchs() -> None:
    random = torch.Generator().manual_seed(0)
    starts = [torch.randn(shape, generator=random) for shape in ((5, 7), (7,), (3, 2), (4,))]
    ours, theirs = ([torch.nn.Parameter(start.clone()) for start in starts] for _ in range(2))
    groups = [
        [{"params": side[:2], "weight_decay": 0.1}, {"params": side[2:], "weight_decay": 0.0}]
        for side in (ours, theirs)
    ]
    optimizers: list[Optimizer | torch.optim.Optimizer] = [
        AdamW(groups[0], 0.01, (0.9, 0.98)),
        torch.optim.AdamW(groups[1], lr=0.01, betas=(0.9, 0.98), fused=True),
    ]
    for i in range(4):
        gradients = [
            torch.randn(start.shape, generator=random) for start in starts[: 3 + i % 2]
        ]  # the last now and then
        for side, optimizer in zip((ours, theirs), optimizers, strict=True):
            for parameter, gradient in zip(side, gradients, strict=False):
                parameter.grad = gradient.clone()
            for group in optimizer.param_groups:
                group["lr"] = 0.01 / (i + 1)
            optimizer.step()
            optimizer.zero_grad()
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.equal(mine, other)
        memories = [optimizer.state[p] for optimizer, p in zip(optimizers, (mine, other), strict=True)]
        assert [list(memory) for memory in memories] == [["step", "exp_avg", "exp_avg_sq"]] * 2
        assert all(torch.equal(memories[0][part], memories[1][part]) for part in memories[0])


def test_training_does_not_wait_for_torchs_compiler() -> None:
    """It takes 2 seconds to load, and torch's own optimizers load it when they are made."""
    program = """
import sys
import torch
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.training.config import TrainingConfig
from llm.training.optimizer import make_optimizers
model = GPT(GPTConfig(d_vocab=11, n_ctx=4, n_layers=1, n_heads=1, n_kv_heads=1, d_model=8, d_mlp=8), seed=0)
optimizers = make_optimizers(model, TrainingConfig())
model(torch.zeros(1, 4, dtype=torch.long)).sum().backward()
for optimizer in optimizers.values():
    optimizer.step()
assert "torch._dynamo" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=100, cwd=ROOT)


def test_fused_adamw_takes_the_papers_step() -> None:
    """Loshchilov and Hutter 2019, algorithm 2, two steps."""
    model = GPT(GPTConfig(d_vocab=11, n_ctx=4, n_layers=1, n_heads=1, n_kv_heads=1, d_model=8, d_mlp=8), seed=0)
    config = TrainingConfig(optimizer="adamw", lr=0.01, betas=(0.9, 0.99), weight_decay=0.1)
    matrix, embedding = model.blocks[0].attn.W_Q.weight, model.embed.weight
    expected = {p: [p.detach().clone(), torch.zeros_like(p), torch.zeros_like(p)] for p in (matrix, embedding)}
    (optimizer,) = make_optimizers(model, config).values()
    random = torch.Generator().manual_seed(0)
    for t in (1, 2):
        for parameter, values in expected.items():
            decay = 0.1 if parameter is matrix else 0.0
            g = torch.randn(parameter.shape, generator=random)
            parameter.grad = g.clone()
            theta, m, v = values
            theta = theta * (1 - 0.01 * decay)
            m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g * g
            theta = theta - 0.01 * (m / (1 - 0.9**t)) / ((v / (1 - 0.99**t)).sqrt() + 1e-8)
            expected[parameter] = [theta, m, v]
        optimizer.step()
    for parameter, (theta, _, _) in expected.items():
        torch.testing.assert_close(parameter.detach(), theta, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kind", ["muon", "adamw"])
def test_every_parameter_has_one_optimizer_and_the_right_decay(kind: str, tied: bool) -> None:
    config = GPTConfig(d_vocab=11, n_ctx=4, n_layers=2, d_model=8, d_mlp=16, positions="learned", bias=True, tied=tied)
    model = GPT(config, seed=0)
    optimizers = make_optimizers(model, TrainingConfig(optimizer=kind, weight_decay=0.05))  # type: ignore[arg-type]
    groups = {
        p: (name, g["weight_decay"]) for name, o in optimizers.items() for g in o.param_groups for p in g["params"]
    }
    assert len(groups) == sum(len(g["params"]) for o in optimizers.values() for g in o.param_groups)
    for name, parameter in model.named_parameters():
        matrix = parameter.ndim == 2 and name.startswith("blocks.")
        decayed = matrix or name == "unembed.weight"
        assert groups[parameter] == (kind if matrix else "adamw", 0.05 if decayed else 0.0), name


def test_a_frozen_model_has_nothing_to_train() -> None:
    model = GPT(GPTConfig(d_vocab=11, n_ctx=4, n_layers=1, d_model=8, d_mlp=8), seed=0).requires_grad_(False)
    with pytest.raises(ValueError, match="requires_grad"):
        make_optimizers(model, TrainingConfig())
