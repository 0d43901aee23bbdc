"""The payload of the curves: what is drawn, on which axes, from which real numbers."""

import numpy as np
import pytest

from explorer.analysis.curves import POINTS, Metrics, MetricsTable
from explorer.widgets.curves import Event, Panel, Series, payload
from explorer.widgets.run_curves import run_panels
from tests.explorer.widgets.test_component import unpack


def metrics(n: int) -> Metrics:
    table = MetricsTable()
    table.add(
        {
            "step": i,
            "loss": 3.0 + (i * 37 % 11) / 10,
            "lr": 1e-3,
            "grad_norm": 1.0,
            "tokens": 512 * i,
            "seconds": 0.01 + (i % 3) / 100,
            "validation_loss": 2.0 if i % 10 == 0 else None,
            "bits_per_byte": None,
        }
        for i in range(1, n + 1)
    )
    return table.metrics()


def test_short_runs_travel_whole() -> None:
    run = metrics(50)
    header, arrays = unpack(
        payload(run_panels(run, 6e6, None, "nats", False), until=200, at=40, events=[Event(20, "lr × 0.5")])
    )
    assert header["kinds"] == ["step", "tokens", "seconds", "flops"]
    assert (header["x"], header["until"], header["at"]) == ("step", 200, 40)
    assert header["events"] == [{"step": 20, "name": "lr × 0.5"}]
    training, validation = header["panels"][0]["series"]
    assert np.array_equal(arrays[training["y"]], run.loss.astype(np.float32))
    assert training["x"]["tokens"] == 512
    assert training["x"]["flops"] == 512 * 6e6
    assert np.allclose(arrays[training["x"]["seconds"]], run.seconds)
    assert arrays[validation["x"]["step"]].tolist() == [10, 20, 30, 40, 50]
    assert training["means"] is None


def test_long_runs_are_thinned_but_for_validations() -> None:
    run = metrics(40_000)
    header, arrays = unpack(payload(run_panels(run, None, None, "nats", False)))
    training, validation = header["panels"][0]["series"]
    assert len(arrays[training["y"]]) <= POINTS
    assert training["points"] == 40_000
    assert len(arrays[validation["y"]]) == 4000
    width = training["means"]["width"]
    assert arrays[training["means"]["y"]][0] == pytest.approx(run.loss[:width].mean())
    assert header["kinds"] == ["step", "tokens", "seconds"]


def test_an_axis_that_one_series_lacks_is_not_offered() -> None:
    x, y = np.arange(3.0), np.ones(3)
    panel = Panel("Loss", "", [Series("a", "--val", {"step": x, "tokens": x}, y), Series("b", "--val", {"step": x}, y)])
    header, _ = unpack(payload([panel], x="tokens"))
    assert header["kinds"] == ["step"]
    assert header["x"] == "step"


def test_nothing_yet() -> None:
    header, _ = unpack(payload(run_panels(metrics(0), None, None, "nats", False)))
    assert [panel["title"] for panel in header["panels"]] == ["Loss", "Gradient norm", "Learning rate"]
    assert header["kinds"] == ["step", "tokens", "seconds"]
    assert unpack(payload([]))[0]["kinds"] == []
