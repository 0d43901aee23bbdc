"""Neighbours are made ready nearest first, and what only holds for one text only for them."""

import threading
from pathlib import Path

import pytest

from explorer import ahead
from explorer.ahead import NEAR, Ahead, prepare, tasks

PATHS = [Path(f"step-{i}") for i in range(6)]


def test_nearest_first_and_far_ones_get_what_holds_for_every_text(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[str, str]] = []
    monkeypatch.setattr(ahead, "load_model", lambda path: done.append(("load", path.name)))
    asked = [
        (PATHS[1], lambda path: done.append(("trace", path.name)), False),
        (PATHS[1], lambda path: done.append(("roles", path.name)), True),
        (Path("elsewhere"), lambda path: done.append(("never", path.name)), True),
    ]
    for task in tasks(asked, PATHS[1], PATHS):
        task()
    near = [i for i in range(6) if 0 < abs(i - 1) <= NEAR]
    assert [name for kind, name in done if kind == "load"] == [f"step-{i}" for i in (2, 0, 3, 4, 5)]
    assert {name for kind, name in done if kind == "trace"} == {f"step-{i}" for i in near}
    assert {name for kind, name in done if kind == "roles"} == {f"step-{i}" for i in (0, 2, 3, 4, 5)}
    assert not any(kind == "never" for kind, _ in done)


def test_nothing_is_done_where_nothing_was_asked_of_the_run() -> None:
    assert tasks([], PATHS[0], PATHS) == []
    assert tasks([(PATHS[0], str, True)], Path("elsewhere"), PATHS) == []
    prepare([], PATHS[0], PATHS)


def test_a_new_request_takes_the_place_of_the_old_and_a_failure_stops_nothing() -> None:
    worker, begun, go, over, done = Ahead(), threading.Event(), threading.Event(), threading.Event(), []

    def slow() -> None:
        begun.set()
        go.wait(10)

    worker.want([slow, lambda: done.append("old")])
    assert begun.wait(10)
    worker.want([lambda: 1 // 0, lambda: done.append("new"), over.set])
    go.set()
    assert over.wait(10)
    assert done == ["new"]
