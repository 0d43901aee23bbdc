"""Identities of the schedules: where they start, peak and end, and that they only fall after the peak."""

import math
from itertools import pairwise
from typing import get_args

import pytest

from llm.training.config import ScheduleKind, TrainingConfig
from llm.training.schedule import lr_fraction, muon_momentum


@pytest.mark.parametrize("schedule", get_args(ScheduleKind))
@pytest.mark.parametrize("warmup", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("steps", [1, 2, 10, 200])
def test_rises_to_the_peak_and_never_again(schedule: ScheduleKind, warmup: float, steps: int) -> None:
    config = TrainingConfig(steps=steps, warmup_fraction=warmup, schedule=schedule, final_lr_fraction=0.1)
    rates = [lr_fraction(config, step) for step in range(steps)]
    peak = rates.index(max(rates))
    assert max(rates) == 1.0
    assert all(0 < rate <= 1 for rate in rates)
    assert all(a < b for a, b in pairwise(rates[: peak + 1]))
    assert all(a >= b for a, b in pairwise(rates[peak:]))


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_ends_at_the_final_fraction(schedule: ScheduleKind) -> None:
    config = TrainingConfig(steps=101, warmup_fraction=0.0, schedule=schedule, final_lr_fraction=0.02)
    assert lr_fraction(config, 100) == pytest.approx(0.02)
    assert lr_fraction(config, 50) == pytest.approx(0.51)


def test_cosine_is_the_papers() -> None:
    config = TrainingConfig(steps=101, warmup_fraction=0.0, schedule="cosine", final_lr_fraction=0.0)
    assert lr_fraction(config, 25) == pytest.approx(0.5 * (1 + math.cos(math.pi / 4)))


def test_warm_up_is_a_straight_line_through_zero() -> None:
    config = TrainingConfig(steps=100, warmup_fraction=0.1)
    assert [lr_fraction(config, step) for step in range(10)] == pytest.approx([(s + 1) / 10 for s in range(10)])


def test_momentum_rises_and_stays() -> None:
    config = TrainingConfig(momentum=(0.85, 0.95), momentum_steps=300)
    assert [muon_momentum(config, step) for step in (0, 150, 300, 9999)] == pytest.approx([0.85, 0.9, 0.95, 0.95])
