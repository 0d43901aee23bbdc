"""Curves keep their extremes, ends and gaps when thinned; the table of a run's figures grows and starts anew."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from explorer.analysis.curves import POINTS, MetricsTable, means, thinned


def rows(first: int, last: int, **more: object) -> list[dict[str, object]]:
    return [{"step": n, "loss": 5 / n, "tokens": 64 * n, "seconds": 0.5, **more} for n in range(first, last + 1)]


@pytest.mark.parametrize("n", [0, 1, 2, POINTS])
def test_short_curves_are_whole(n: int) -> None:
    chosen = thinned(np.arange(n, dtype=float))
    assert chosen.at.tolist() == list(range(n))
    assert chosen.width == 1


@given(some.integers(POINTS + 1, 30_000), some.integers(0, 2**32 - 1))
def test_thinned_keeps_ends_extremes_and_order(n: int, seed: int) -> None:
    y = np.random.default_rng(seed).normal(size=n)
    chosen = thinned(y)
    assert len(chosen.at) <= POINTS
    assert (chosen.at[0], chosen.at[-1]) == (0, n - 1)
    assert (np.diff(chosen.at) > 0).all()
    for start in range(0, n, chosen.width):
        bucket = y[start : start + chosen.width]
        kept = y[chosen.at[(chosen.at >= start) & (chosen.at < start + chosen.width)]]
        assert (kept.min(), kept.max()) == (bucket.min(), bucket.max())


def test_gaps_stay_gaps() -> None:
    y = np.ones(100_000)
    y[40_000:40_300] = np.nan
    y[77_777] = np.nan
    y[77_778] = 9.0
    chosen = thinned(y)
    kept = y[chosen.at]
    gaps = chosen.at[np.isnan(kept)]
    assert any(40_000 <= at < 40_300 for at in gaps)
    assert 77_777 in gaps
    assert np.nanmax(kept) == 9.0
    assert len(chosen.at) <= POINTS


def test_nothing_but_gaps() -> None:
    y = np.full(5000, np.nan)
    assert np.isnan(y[thinned(y).at]).all()
    assert np.isnan(means(y, 4)).all()


def test_a_growing_curve_keeps_the_points_it_has() -> None:
    y = np.random.default_rng(1).normal(size=60_000)
    before, after = thinned(y[:50_000]), thinned(y[:50_050])
    assert before.width == after.width
    settled = 50_000 - before.width
    assert np.array_equal(before.at[before.at < settled], after.at[after.at < settled])


def test_means_are_of_the_real_points() -> None:
    y = np.array([1.0, 3.0, np.nan, 5.0, 7.0, np.nan, 2.0])
    assert means(y, 2).tolist() == [2.0, 5.0, 7.0, 2.0]
    assert means(np.arange(7.0), 2).tolist() == [0.5, 2.5, 4.5, 6.0]


def test_columns() -> None:
    table = MetricsTable()
    table.add(rows(1, 400))
    table.add(rows(401, 402, loss=None, validation_loss=1.5, bits_per_byte=2.0))
    found = table.metrics()
    assert found.step.tolist() == list(range(1, 403))
    assert found.seconds[-1] == pytest.approx(201)
    assert math.isnan(found.loss[-1])
    assert found.loss[1] == 2.5
    assert found.evaluated.tolist() == [400, 401]
    assert found.best == 400
    assert found.x(10.0)["flops"][0] == 640
    assert set(found.x()) == {"step", "tokens", "seconds"}


def test_a_snapshot_stays_as_it_was() -> None:
    table = MetricsTable()
    table.add(rows(1, 300))
    before = table.metrics()
    copy = before.loss.copy()
    table.add(rows(301, 2000))
    table.restart()
    table.add(rows(1, 3, loss=7.0))
    assert np.array_equal(before.loss, copy)
    assert table.metrics().loss.tolist() == [7.0] * 3
    assert table.metrics().version != before.version
    with pytest.raises(ValueError, match="read-only"):
        before.loss[0] = 1


@pytest.mark.parametrize("junk", [{}, {"step": None}, {"step": "9"}, {"step": True}, {"step": math.nan}, {"step": 2}])
def test_rows_that_do_not_go_on_are_left_out(junk: dict[str, object]) -> None:
    table = MetricsTable()
    table.add([*rows(1, 3), junk, *rows(4, 4)])
    assert table.metrics().step.tolist() == [1, 2, 3, 4]


def test_layers() -> None:
    table = MetricsTable()
    health = {"names": ["embed", "block 0"], "grad_norm": [0.5, None], "update_ratio": [1e-3, 2e-3]}
    table.add([*rows(1, 2), *rows(3, 3, layers=health), *rows(4, 4, layers={"names": 3}), *rows(5, 5, layers=health)])
    found = table.metrics().layers
    assert found is not None
    assert found.names == ("embed", "block 0")
    assert found.at.tolist() == [2, 4]
    assert found.update_ratio.tolist() == [[1e-3, 2e-3]] * 2
    assert math.isnan(found.grad_norm[0, 1])


def test_no_rows() -> None:
    found = MetricsTable().metrics()
    assert len(found.step) == 0
    assert found.best is None
    assert found.layers is None


def test_the_nearest_evaluation_comes_with_its_step() -> None:
    table = MetricsTable()
    table.add(rows(1, 9))
    assert table.metrics().evaluations_near([5]) == [None]
    table.add(rows(10, 10, validation_loss=3.0) + rows(11, 19) + rows(20, 20, validation_loss=2.0) + rows(21, 24))
    near = table.metrics().evaluations_near([0, 10, 15, 16, 24])
    assert near == [(10, 3.0), (10, 3.0), (10, 3.0), (20, 2.0), (20, 2.0)]
