"""The plane of most variance, neighbours, sums and axes of token vectors, each by what must be true of it."""

from typing import Any

import numpy as np
import pytest
import torch

from explorer.analysis.embeddings import (
    along,
    combined,
    cosines,
    lengths,
    nearest,
    plane,
    plane_through,
    procrustes,
    rows,
    sides,
)
from llm.model.gpt import GPT
from tests.explorer.analysis.variants import ADDITIVE, build, named

every_variant = pytest.mark.parametrize("variant", ADDITIVE, ids=named)


@every_variant
def test_the_plane_is_that_of_the_covariance_matrix(variant: dict[str, Any]) -> None:
    model = build(**variant)
    for side in sides(model):
        x, found = rows(model, side).astype(np.float64), plane(model, side)
        centred = x - x.mean(0)
        values, vectors = np.linalg.eigh(np.cov(centred.T))
        for one in range(3):
            theirs = vectors[:, -1 - one]
            sign = np.sign(theirs @ found.directions[one])
            np.testing.assert_allclose(found.directions[one], sign * theirs, atol=1e-4)
            np.testing.assert_allclose(found.points[:, one], centred @ theirs * sign, atol=1e-4)
            assert found.share[one] == pytest.approx(values[-1 - one] / values.sum(), rel=1e-5)
            assert (found.points[:, one].astype(np.float64) ** 3).sum() >= 0
        np.testing.assert_allclose(found.mean, x.mean(0), atol=1e-6)


def test_a_tied_model_has_one_embedding_and_an_untied_one_two() -> None:
    tied, untied = build(), build(tied=False)
    assert sides(tied) == ("input",)
    assert sides(untied) == ("input", "output")
    np.testing.assert_array_equal(rows(tied, "output"), rows(tied, "input"))
    np.testing.assert_array_equal(rows(untied, "output"), untied.unembed.weight.numpy())


def test_a_width_of_one_and_rows_that_are_all_alike() -> None:
    model = build(d_model=1, n_heads=1, n_kv_heads=1, positions="none")
    found = plane(model, "input")
    assert found.share.tolist() == [pytest.approx(1), 0, 0]
    np.testing.assert_array_equal(found.points[:, 1:], 0)
    with torch.no_grad():
        model.embed.weight.fill_(1.0)
    assert np.isfinite(plane(model, "input").points).all()


def test_a_component_points_one_way_whatever_the_sign_it_was_found_with() -> None:
    model = build()
    before = plane(model, "input")
    with torch.no_grad():
        model.embed.weight.add_(torch.randn(model.embed.weight.shape) * 1e-4)
    np.testing.assert_allclose(plane(model, "input").points, before.points, atol=0.05)


@pytest.mark.parametrize("k", [2, 3])
def test_a_map_that_was_turned_or_mirrored_is_turned_back(k: int) -> None:
    points = plane(build(), "input").points[:, :k].astype(np.float64)
    rng = np.random.default_rng(0)
    for mirrored in (1, -1):
        turn = np.linalg.qr(rng.normal(size=(k, k)))[0]
        turn[:, 0] *= mirrored * np.sign(np.linalg.det(turn))
        back = procrustes(points @ turn, points)
        np.testing.assert_allclose(points @ turn @ back, points, atol=1e-6)
        assert np.linalg.det(back) == pytest.approx(mirrored)
    np.testing.assert_allclose(procrustes(points, points), np.eye(k), atol=1e-6)


def test_turning_a_map_onto_another_changes_no_distance_and_is_the_best_turn() -> None:
    model = build(tied=False)
    here, there = (plane(model, side).points[:, :2].astype(np.float64) for side in sides(model))
    turned = here @ procrustes(here, there)
    np.testing.assert_allclose(distances(turned), distances(here), atol=1e-6)
    for angle in np.linspace(0, 2 * np.pi, 90):
        for mirror in (1, -1):
            one = np.array([[np.cos(angle), np.sin(angle)], [-mirror * np.sin(angle), mirror * np.cos(angle)]])
            assert np.square(turned - there).sum() <= np.square(here @ one - there).sum() + 1e-9


def distances(points: np.ndarray) -> np.ndarray:
    return np.linalg.norm(points[:, None] - points[None], axis=-1)


def test_neighbours_are_those_of_brute_force(tiny_model: GPT) -> None:
    x = rows(tiny_model, "input")
    for id in (0, 7, 60):
        brute = [float(x[id] @ row / (np.linalg.norm(x[id]) * np.linalg.norm(row))) for row in x]
        found = cosines(x, x[id])
        np.testing.assert_allclose(found, brute, atol=1e-6)
        expected = sorted((one for one in range(61) if one != id), key=lambda one: -brute[one])[:5]
        assert nearest(found, 5, (id,)).tolist() == expected
        assert nearest(found, 1).tolist() == [id]


def test_a_row_of_no_length_is_near_nothing() -> None:
    x = np.array([[0.0, 0.0], [3.0, 4.0]], dtype=np.float32)
    assert lengths(x).tolist() == [0, 5]
    assert cosines(x, x[0]).tolist() == [0, 0]
    assert cosines(x, x[1]).tolist() == [0, 1]


def test_a_minus_a_plus_c_is_c(tiny_model: GPT) -> None:
    x = rows(tiny_model, "input")
    for a, c in ((3, 9), (40, 40), (1, 60)):
        found = cosines(x, combined(x, a, a, c))
        assert nearest(found, 1)[0] == c
        assert found[c] == pytest.approx(1, abs=1e-6)


def test_an_axis_has_its_tokens_at_0_and_1(tiny_model: GPT) -> None:
    x = rows(tiny_model, "input")
    at = along(x, 5, 17)
    assert at[5] == pytest.approx(0, abs=1e-6)
    assert at[17] == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(along(x, 17, 5), 1 - at, atol=1e-5)
    with pytest.raises(ValueError, match="choose another one"):
        along(x, 5, 5)


def test_a_sum_lies_in_the_plane_through_its_terms(tiny_model: GPT) -> None:
    x = rows(tiny_model, "input").astype(np.float64)
    a, b, c = 4, 11, 30
    at = plane_through(x, a, b, c, np.stack([x[a], x[b], x[c], combined(x, a, b, c)]))
    np.testing.assert_allclose(at[1], 0, atol=1e-6)
    np.testing.assert_allclose(at[3], at[0] - at[1] + at[2], atol=1e-6)
    assert at[0, 1] == pytest.approx(0, abs=1e-6)
    for one, id in ((0, a), (2, c)):
        assert np.linalg.norm(at[one]) == pytest.approx(np.linalg.norm(x[id] - x[b]), rel=1e-5)
