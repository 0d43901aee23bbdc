"""Waiting for an answer: worked out once for two sessions, stopped for the one that stops it, over when none waits."""

import threading
import time
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from explorer.widgets.background import Background


class Shared:
    """What the page below and its tests look at."""

    place = Background()
    key = object()
    go = threading.Event()
    begun = 0
    ended: str = ""

    @classmethod
    def make(cls, say):  # type: ignore[no-untyped-def]
        cls.begun += 1
        try:
            while not cls.go.is_set():
                say("Counting")
                time.sleep(0.01)
        except ValueError as error:
            cls.ended = str(error)
            raise
        return "the answer"


def page() -> None:
    import streamlit as st

    from explorer.widgets.waiting import waited
    from tests.explorer.widgets.test_waiting import Shared

    st.write(waited(Shared.place, Shared.key, Shared.make, "work", "Begin again") or "nothing yet")


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Shared]]:
    from tests.explorer.widgets import test_waiting

    found = test_waiting.Shared  # as the page imports it
    new = {"place": Background(), "key": object(), "go": threading.Event(), "begun": 0, "ended": ""}
    for name, value in new.items():
        monkeypatch.setattr(found, name, value)
    yield found
    found.go.set()


def opened() -> AppTest:
    return AppTest.from_function(page, default_timeout=30).run()


def said(app: AppTest) -> str:
    return " ".join([*(one.value for one in app.markdown), *(one.proto.body for one in app.get("html"))])


def until(app: AppTest, words: str) -> None:
    end = time.monotonic() + 20
    while words not in said(app.run()):
        assert time.monotonic() < end, said(app)
        assert not app.exception


def test_one_stops_and_the_other_gets_the_answer(shared: type[Shared]) -> None:
    one, other = opened(), opened()
    until(one, "Counting")
    until(other, "Counting")
    one.button(key="work_stop").click().run()
    until(one, "You stopped it.")
    assert "Counting" in said(other.run())
    assert not shared.ended
    shared.go.set()
    until(other, "the answer")
    assert "You stopped it." in said(one.run())
    one.button(key="work_again").click().run()
    until(one, "the answer")
    assert shared.begun == 1


def test_when_none_waits_it_ends_and_a_newcomer_begins_anew(shared: type[Shared]) -> None:
    one = opened()
    until(one, "Counting")
    one.button(key="work_stop").click().run()
    until(one, "You stopped it.")
    end = time.monotonic() + 20
    while not shared.ended and time.monotonic() < end:
        time.sleep(0.01)
    assert shared.ended == "It was stopped."
    other = opened()
    until(other, "Counting")
    assert shared.begun == 2
    shared.go.set()
    until(other, "the answer")
    one.button(key="work_again").click().run()
    until(one, "the answer")
    assert shared.begun == 2


def test_when_the_last_that_waited_is_gone_it_ends(shared: type[Shared], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.widgets.background.LONGEST", 0.5)
    until(opened(), "Counting")
    end = time.monotonic() + 20
    while not shared.ended and time.monotonic() < end:
        time.sleep(0.01)
    assert shared.ended == "It was stopped."


def test_who_asks_something_else_there_waits_for_it_no_more(
    shared: type[Shared], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = opened()
    until(one, "Counting")
    monkeypatch.setattr(shared, "key", object())
    one.run()
    end = time.monotonic() + 20
    while not shared.ended and time.monotonic() < end:
        time.sleep(0.01)
    assert shared.ended == "It was stopped."
    shared.go.set()
    until(one, "the answer")
