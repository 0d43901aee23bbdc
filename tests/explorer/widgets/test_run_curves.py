import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.analysis.corpus_facts import CorpusFacts
from explorer.analysis.curves import Metrics
from explorer.analysis.run_metrics import RunMetrics
from explorer.widgets.curves import Event
from explorer.widgets.run_curves import run_events, run_panels
from explorer.widgets.run_status import pace_of

FACTS = CorpusFacts(9, 0, 900, 800, 100, 2.0, 30, 28, 3.4, unigram=2.8, bigram=2.2)


@pytest.fixture
def metrics(tmp_path: Path) -> Metrics:
    rows: list[dict[str, Any]] = [
        {
            "step": step,
            "loss": 4 / step,
            "lr": 1e-3,
            "grad_norm": 1.0,
            "tokens": 100 * step,
            "seconds": 0.5,
            "validation_loss": 2.0 if step % 5 == 0 else None,
            "bits_per_byte": 1.5 if step % 5 == 0 else None,
            "layers": None,
        }
        for step in range(1, 21)
    ]
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return RunMetrics(tmp_path / "metrics.jsonl").read()


def test_losses_beside_what_counting_reaches(metrics: Metrics) -> None:
    loss, *others = run_panels(metrics, 1e6, FACTS, "nats", layers=False)
    lines = {series.name: series for series in loss.series}
    assert list(lines) == ["training", "validation", "unigram", "bigram"]
    assert lines["bigram"].dashed
    assert lines["bigram"].y.tolist() == [2.2, 2.2]
    assert lines["bigram"].x["step"].tolist() == [1, 20]
    assert [panel.title for panel in others] == ["Gradient norm", "Learning rate", "Tokens per second"]
    assert np.allclose(others[-1].series[0].y, 200)


def test_both_rates_of_a_run_with_two_optimizers(metrics: Metrics) -> None:
    rates = {
        series.name: series.y for series in run_panels(metrics, 1e6, FACTS, "nats", layers=False, muon=5.0)[2].series
    }
    assert list(rates) == ["Muon", "AdamW"]
    assert np.allclose(rates["Muon"], 5e-3)
    assert np.allclose(rates["AdamW"], 1e-3)


def test_in_bits_per_byte_all_lines_are_measured_alike(metrics: Metrics) -> None:
    loss = run_panels(metrics, None, FACTS, "bits", layers=True)[0]
    assert loss.unit == "bits per byte"
    lines = {series.name: series for series in loss.series}
    assert lines["validation"].y.tolist() == [1.5] * 4
    assert np.allclose(lines["training"].y, metrics.loss * 0.75)
    assert np.allclose(lines["bigram"].y, 2.2 * 0.75)


def test_without_a_run_or_facts(tmp_path: Path) -> None:
    none = RunMetrics(tmp_path / "none.jsonl").read()
    panels = run_panels(none, 1e6, FACTS, "bits", layers=True)
    assert [series.name for series in panels[0].series] == ["training"]
    assert panels[0].unit == "nats per token"
    assert pace_of(none) is None


def test_the_pace_is_that_of_the_newest_updates(metrics: Metrics) -> None:
    assert pace_of(metrics) == (0.5, 200)


def test_events_are_named_and_junk_is_left_out() -> None:
    rows: list[dict[str, Any]] = [
        {"step": 0, "event": "started"},
        {"step": 4, "event": "lr_scale", "value": 0.5},
        {"step": 9, "event": "paused"},
        {"step": "9", "event": "paused"},
        {"event": 3},
        {"step": 20, "event": "finished"},
    ]
    assert run_events(rows) == [Event(4, "rate × 0.5"), Event(9, "paused")]
