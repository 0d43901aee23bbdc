"""Each scheme against its paper."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from llm.model.attention import attend_fused, attention_scores
from llm.model.config import GPTConfig
from llm.model.positions import (
    ALiBiPositions,
    RotaryPositions,
    SinusoidalPositions,
    alibi_slopes,
)

CONFIG = GPTConfig(d_vocab=7, n_ctx=32, n_layers=1, n_heads=2, n_kv_heads=2, d_model=16, d_mlp=8)


def test_rope_scores_depend_on_distance_alone() -> None:
    rope = RotaryPositions(CONFIG)
    q, k = torch.randn(2, 1, 1, 1, 8, generator=torch.Generator().manual_seed(0))
    near = (rope.rotate(q, 5) * rope.rotate(k, 2)).sum()
    far = (rope.rotate(q, 25) * rope.rotate(k, 22)).sum()
    other = (rope.rotate(q, 25) * rope.rotate(k, 20)).sum()
    assert torch.allclose(near, far, atol=1e-5)
    assert not torch.allclose(near, other, atol=1e-3)
    assert torch.allclose(rope.rotate(q, 17).norm(), q.norm(), atol=1e-5)
    assert torch.equal(rope.rotate(q, 0), q)


def test_rope_turns_the_first_pair_by_one_radian_a_step() -> None:
    rope = RotaryPositions(CONFIG)
    x = torch.zeros(1, 1, 1, 8)
    x[..., 0] = 1.0
    turned = rope.rotate(x, 3)[0, 0, 0]
    angle = torch.tensor(3.0)
    assert torch.allclose(turned[[0, 4]], torch.stack([angle.cos(), angle.sin()]), atol=1e-6)


def test_sinusoid_is_the_papers() -> None:
    rows = SinusoidalPositions(CONFIG).add(torch.zeros(1, 32, 16), 0)[0]
    position, i = 11, 3
    angle = torch.tensor(position / 10_000 ** (2 * i / 16))
    assert torch.allclose(rows[position, 2 * i : 2 * i + 2], torch.stack([angle.sin(), angle.cos()]), atol=1e-6)


@pytest.mark.parametrize(
    ("n_heads", "expected"),
    [(8, [2.0**-i for i in range(1, 9)]), (3, [2.0**-4, 2.0**-8, 2.0**-2])],
)
def test_alibi_slopes_are_the_papers(n_heads: int, expected: list[float]) -> None:
    assert alibi_slopes(n_heads).tolist() == pytest.approx(expected)


def test_alibi_bias_is_slope_times_distance() -> None:
    bias = ALiBiPositions(CONFIG).bias(2, 5)  # queries at 3 and 4
    assert bias.shape == (2, 2, 5)
    assert bias[1, 0, 1].item() == pytest.approx(-(2.0**-8) * 2)
    assert bias[0, 1, 4].item() == 0.0


@pytest.mark.parametrize("positions", ["none", "alibi"])
@pytest.mark.parametrize("n_queries", [1, 4, 9])
def test_fused_attention_equals_the_explicit_path(positions: str, n_queries: int) -> None:
    generator = torch.Generator().manual_seed(3)
    q = torch.randn(2, 2, n_queries, 8, generator=generator)
    k, v = torch.randn(2, 2, 2, 9, 8, generator=generator)
    scheme = ALiBiPositions(replace(CONFIG, positions="alibi"))
    bias = scheme.bias(n_queries, 9) if positions == "alibi" else None
    explicit = attention_scores(q, k, bias).softmax(-1) @ v
    assert torch.allclose(attend_fused(q, k, v, bias, dropout=0.0), explicit, atol=1e-5)
