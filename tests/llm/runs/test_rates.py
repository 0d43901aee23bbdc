"""Learning rates changed by hand: which one an update gets, also after the run was taken back."""

import pytest

from llm.runs.rates import Rates


def event(step: object, value: object) -> dict[str, object]:
    return {"event": "lr_scale", "step": step, "value": value}


def test_without_a_change_the_schedule_holds() -> None:
    rates = Rates()
    assert rates.last == rates.at(0) == rates.at(10**9) == 1.0


def test_a_change_holds_from_its_step_on() -> None:
    rates = Rates([event(10, 0.5), event(20, 2)])
    assert [rates.at(step) for step in (0, 9, 10, 19, 20, 10**6)] == [1.0, 1.0, 0.5, 0.5, 2.0, 2.0]
    assert rates.last == 2.0


def test_a_change_after_a_step_back_replaces_what_came_later() -> None:
    rates = Rates([event(10, 0.5), event(30, 4.0)])
    rates.change(20, 3.0)
    assert [rates.at(step) for step in (10, 20, 30, 40)] == [0.5, 3.0, 3.0, 3.0]
    rates.change(20, 1.5)
    assert rates.at(20) == rates.last == 1.5


def test_a_wish_for_a_step_not_reached_again_is_kept() -> None:
    rates = Rates([event(100, 0.1)])
    assert rates.at(50) == 1.0
    assert rates.last == 0.1


@pytest.mark.parametrize(
    "bad",
    [
        {"event": "paused", "step": 3, "value": 2.0},
        {"event": "lr_scale"},
        event("3", 2.0),
        event(True, 2.0),
        event(3, "2"),
        event(3, True),
        event(3, 0),
        event(3, -1.0),
        event(3, float("nan")),
        event(3, 1e6),
    ],
)
def test_what_is_no_change_is_passed_over(bad: dict[str, object]) -> None:
    assert Rates([event(1, 0.5), bad]).at(5) == 0.5
