"""The position lab shows the model's own tables and scores, and llm's functions for the kinds that it does not have."""

from typing import Any, get_args

import numpy as np
import pytest
import torch

from explorer.analysis.position_lab import position_lab
from llm.model.config import PositionKind
from llm.model.positions import ALiBiPositions, LearnedPositions, RotaryPositions, SinusoidalPositions, alibi_slopes
from llm.trace import hook_name, trace
from tests.explorer.analysis.variants import IDS, build

KINDS: tuple[PositionKind, ...] = get_args(PositionKind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("more", [{}, {"n_kv_heads": 1, "bias": True}, {"block": "post_norm"}], ids=str)
def test_its_own_kind_explains_the_models_own_scores(kind: PositionKind, more: dict[str, Any]) -> None:
    model = build(positions=kind, **more)
    seen = trace(model, IDS)
    for layer, head, token in ((0, 0, 6), (2, 3, 4), (1, 1, 0)):
        lab = position_lab(seen, model, layer, head, token)
        t = token + 1
        true = seen.activations[hook_name("attn_scores", layer)][0, head, token, :t].numpy()
        np.testing.assert_allclose(lab.scores, true)
        assert lab.rope is not None
        ours = {"rope": lab.rope.parts.sum(1), "alibi": lab.plain + lab.bias}.get(kind, lab.plain)
        np.testing.assert_allclose(ours, true, atol=1e-5)
        if kind == "rope":
            apart = [lab.rope.curves[key, token - key] for key in range(t)]
            np.testing.assert_allclose(apart, true, atol=1e-5)


def test_tables_are_the_models_own() -> None:
    learned, waves = build(positions="learned"), build(positions="sinusoidal")
    assert isinstance(learned.positions, LearnedPositions)
    assert isinstance(waves.positions, SinusoidalPositions)
    mine, theirs = (position_lab(trace(model, IDS), model, 0, 0, 3) for model in (learned, waves))
    assert mine.learned is not None
    assert mine.sinusoidal is not None
    assert theirs.sinusoidal is not None
    assert theirs.learned is None
    np.testing.assert_array_equal(mine.learned.rows, learned.positions.table.weight.numpy())
    np.testing.assert_array_equal(theirs.sinusoidal.rows, waves.positions.waves.numpy())
    np.testing.assert_array_equal(mine.sinusoidal.rows, theirs.sinusoidal.rows)


def test_angles_and_slopes_are_the_buffers() -> None:
    rope, alibi = build(positions="rope"), build(positions="alibi")
    assert isinstance(rope.positions, RotaryPositions)
    assert isinstance(alibi.positions, ALiBiPositions)
    lab, other = (position_lab(trace(model, IDS), model, 1, 2, 5) for model in (rope, alibi))
    assert lab.rope is not None
    half = rope.config.d_head // 2
    np.testing.assert_allclose(np.cos(lab.rope.angles), rope.positions.cos[1, 0, :half], atol=1e-6)
    np.testing.assert_allclose(np.sin(lab.rope.angles), rope.positions.sin[1, 0, half:], atol=1e-6)
    np.testing.assert_allclose(lab.rope.angles, 10_000.0 ** (-np.arange(half) / half), rtol=1e-5)
    np.testing.assert_array_equal(other.slopes, alibi.positions.slopes)
    np.testing.assert_array_equal(lab.slopes, alibi_slopes(4))
    np.testing.assert_allclose(other.bias, -other.slopes[2] * np.arange(5, -1, -1))


def test_alike_by_distance_is_a_mean_over_pairs() -> None:
    model = build(positions="learned")
    table = position_lab(trace(model, IDS), model, 0, 0, 0).learned
    assert table is not None
    unit = torch.nn.functional.normalize(torch.from_numpy(table.rows), dim=1)
    pairs = [float(unit[i] @ unit[i + 3]) for i in range(24 - 3)]
    assert table.cosine[3] == pytest.approx(np.mean(pairs), abs=1e-6)
    assert (table.least[3], table.most[3]) == (pytest.approx(min(pairs)), pytest.approx(max(pairs)))
    assert table.cosine[0] == pytest.approx(1)


def test_the_sinusoid_is_alike_by_distance_alone() -> None:
    model = build()
    table = position_lab(trace(model, IDS), model, 0, 0, 0).sinusoidal
    assert table is not None
    np.testing.assert_allclose(table.least, table.most, atol=1e-5)


def test_sizes_that_a_kind_cannot_have() -> None:
    model = build(d_model=15, n_heads=5, n_kv_heads=5, positions="none")
    lab = position_lab(trace(model, IDS), model, 0, 4, 6)
    assert lab.sinusoidal is None
    assert lab.rope is None
    assert lab.slopes.shape == (5,)
    one = build(n_ctx=1)
    assert position_lab(trace(one, [3]), one, 0, 0, 0).rope is not None
