import gc
import threading
import time
import weakref
from collections.abc import Callable

import pytest

from explorer.widgets.background import Answer, Background, StoppedError


def test_each_question_is_worked_out_once_and_says_what_it_does() -> None:
    background, go, said, made = Background(), threading.Event(), threading.Event(), []

    def make(say: Callable[[str], None]) -> int:
        made.append(1)
        say("Counting")
        said.set()
        go.wait(20)
        return 3

    assert not background.knows("a")
    assert background.ask("a", make).pending
    assert background.knows("a")
    assert said.wait(20)
    assert background.ask("a", make) == Answer(pending=True, phase="Counting")
    go.set()
    while background.ask("a", make).pending:
        threading.Event().wait(0.01)
    assert background.ask("a", make) == Answer(3)
    assert made == [1]


def test_a_failure_is_a_sentence_and_the_oldest_answers_go() -> None:
    background = Background(most=2)

    def fails(say: Callable[[str], None]) -> int:
        raise ValueError("the text needs at least 65 tokens")

    while background.ask("bad", fails).pending:
        threading.Event().wait(0.01)
    assert background.ask("bad", fails) == Answer(error="the text needs at least 65 tokens")
    for name in "abc":
        while background.ask(name, lambda say: 1).pending:
            threading.Event().wait(0.01)
    assert background.ask("bad", lambda say: 7) != Answer(error="the text needs at least 65 tokens")


def test_what_failed_or_was_stopped_leaves_no_more_than_words() -> None:
    class Text:
        pass

    background, held = Background(), list[weakref.ref[Text]]()

    def stops(say: Callable[[str], None]) -> int:
        text = Text()
        held.append(weakref.ref(text))
        raise ValueError("You stopped it.")

    while background.ask("a", stops).pending:
        threading.Event().wait(0.01)
    gc.collect()
    assert held[0]() is None
    assert background.ask("a", stops) == Answer(error="You stopped it.")


class _Later:
    """Work that waits for an event before it says its first word."""

    def __init__(self) -> None:
        self.begun, self.go, self.over = threading.Event(), threading.Event(), threading.Event()
        self.ended = ""

    def make(self, say: Callable[[str], None]) -> int:
        self.begun.set()
        self.go.wait(20)
        try:
            say("Late")
        except StoppedError as error:
            self.ended = str(error)
            raise
        finally:
            self.over.set()
        return 1

    def end(self) -> str:
        """How it ended."""
        self.go.set()
        assert self.over.wait(20)
        return self.ended or "it went on"


def test_what_was_let_go_ends_at_its_next_word() -> None:
    background, work = Background(most=1), _Later()
    assert background.ask("old", work.make).pending
    assert work.begun.wait(20)
    background.ask("new", lambda say: 2)
    assert work.end() == "It was stopped."


@pytest.mark.parametrize(
    ("readers", "leaving", "ended"),
    [
        ("a", "a", "It was stopped."),
        ("ab", "aa", "it went on"),
        ("ab", "ab", "It was stopped."),
        ("", "a", "it went on"),
        ("a", "b", "it went on"),
    ],
)
def test_what_its_last_reader_leaves_ends_and_what_none_reads_goes_on(readers: str, leaving: str, ended: str) -> None:
    background, work = Background(), _Later()
    for reader in readers or [None]:
        assert background.ask("it", work.make, reader).pending
    assert work.begun.wait(20)
    for reader in leaving:
        background.leave("it", reader)
    assert work.end() == ended


def test_what_is_left_before_its_turn_never_begins() -> None:
    background, first, second = Background(), _Later(), _Later()
    background.ask("first", first.make)
    background.ask("second", second.make, "a")
    background.leave("second", "a")
    assert first.end() == "it went on"
    while background.ask("third", lambda say: 3).pending:
        time.sleep(0.01)
    assert not second.begun.is_set()


def test_as_many_as_are_kept_may_be_waited_for_and_none_is_begun_twice() -> None:
    background, go, begun = Background(most=3), threading.Event(), list[int]()

    def make(k: int) -> Callable[[Callable[[str], None]], int]:
        def one(say: Callable[[str], None]) -> int:
            begun.append(k)
            go.wait(20)
            return k

        return one

    makers = {k: make(k) for k in range(3)}
    for _ in range(5):
        assert all(background.ask(k, one, f"reader {k}").pending for k, one in makers.items())
    go.set()
    while any(background.ask(k, one, f"reader {k}").pending for k, one in makers.items()):
        time.sleep(0.01)
    assert [background.ask(k, one).value for k, one in makers.items()] == [0, 1, 2]
    assert begun == [0, 1, 2]


def test_a_failure_that_is_forgotten_is_tried_again() -> None:
    background = Background()

    def fails(say: Callable[[str], None]) -> int:
        raise ValueError("no")

    while background.ask("a", fails).pending:
        time.sleep(0.01)
    background.forget("a")
    while (answer := background.ask("a", lambda say: 5)).pending:
        time.sleep(0.01)
    assert answer == Answer(5)
