import gc
import threading
import weakref
from collections.abc import Callable

from explorer.widgets.background import Answer, Background


def test_each_question_is_worked_out_once_and_says_what_it_does() -> None:
    background, go, said, made = Background(), threading.Event(), threading.Event(), []

    def make(say: Callable[[str], None]) -> int:
        made.append(1)
        say("Counting")
        said.set()
        go.wait(20)
        return 3

    assert background.ask("a", make).pending
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


def test_what_was_let_go_leaves_nothing() -> None:
    background, go, said = Background(most=1), threading.Event(), threading.Event()

    def make(say: Callable[[str], None]) -> int:
        go.wait(20)
        say("Late")
        said.set()
        return 1

    assert background.ask("old", make).pending
    background.ask("new", lambda say: 2)
    go.set()
    assert said.wait(20)
    assert "old" not in background._phases
