"""Writing on: whole characters only, never past the context, and a sentence for every end."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.widgets import writing
from explorer.widgets.prompt import Prompt
from explorer.widgets.writing import Going, continuation, settings_in_words
from llm.checkpoint import Checkpoint, load_checkpoint
from llm.generation.filters import SamplingConfig
from llm.generation.generate import GeneratedToken, generate
from tests.tiny_home import N_CTX, NAME

PLAIN = SamplingConfig()
APP = Path(__file__).resolve().parents[3] / "explorer" / "app.py"


@pytest.fixture
def checkpoint(tiny_checkpoint: Path) -> Checkpoint:
    return load_checkpoint(tiny_checkpoint)


def read(checkpoint: Checkpoint, text: str) -> Prompt:
    return Prompt(text, tuple(checkpoint.tokenizer.encode(text)), ())


def telling(monkeypatch: pytest.MonkeyPatch, *ids: int) -> None:
    """Let the model say these ids."""

    def say(model: object, text: object, config: SamplingConfig, *rest: object) -> list[GeneratedToken]:
        return [GeneratedToken(id, None, config, (), 0) for id in ids]  # type: ignore[arg-type]  # only ids are read

    monkeypatch.setattr("explorer.widgets.writing.generate", say)


def test_writes_what_the_model_draws(checkpoint: Checkpoint) -> None:
    prompt = read(checkpoint, "Ben had a coat.")
    greedy = SamplingConfig(temperature=0)
    steps = list(continuation(checkpoint, prompt, 3, greedy, 0))
    drawn = [token.id for token in generate(checkpoint.model, prompt.ids, greedy, 3, 0)]
    raw = b"".join(checkpoint.tokenizer.token_bytes(id) for id in drawn)
    assert steps[-1].after.startswith(prompt.text)
    assert steps[-1].after.removeprefix(prompt.text).encode()[:2] == raw.decode("utf-8", "replace").encode()[:2]
    assert [step.n for step in steps[:3]] == [1, 2, 3]
    assert "always the most likely token" in steps[-1].note


def test_the_same_seed_writes_the_same(checkpoint: Checkpoint) -> None:
    prompt = read(checkpoint, "Ben had")
    one, two, other = (list(continuation(checkpoint, prompt, 8, PLAIN, seed))[-1].after for seed in (5, 5, 6))
    assert one == two != other


def test_end_of_text_ends_it_and_is_not_written(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    end = checkpoint.tokenizer.special_tokens["<|endoftext|>"]
    telling(monkeypatch, *checkpoint.tokenizer.encode("a"), end, *checkpoint.tokenizer.encode("b"))
    last = list(continuation(checkpoint, read(checkpoint, "x"), 20, PLAIN, 0))[-1]
    assert last.after == "xa"
    assert last.note == "The model ended its text here, after 1 token."
    telling(monkeypatch, end)
    last = list(continuation(checkpoint, read(checkpoint, "x"), 20, PLAIN, 0))[-1]
    assert (last.after, last.n, last.note) == ("x", 0, "The model ends its text here.")


def test_a_character_is_finished_before_it_is_shown(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    telling(monkeypatch, *"é".encode(), *b"zz")
    steps = list(continuation(checkpoint, read(checkpoint, "x"), 1, PLAIN, 0))
    assert steps[0].after == "x"
    assert steps[-1].after == "xé"


def test_stops_at_the_context(checkpoint: Checkpoint) -> None:
    text = checkpoint.tokenizer.decode(checkpoint.tokenizer.encode("Ben was cold. " * 40)[: N_CTX - 4])
    last = list(continuation(checkpoint, read(checkpoint, text), 20, SamplingConfig(temperature=0.5), 0))[-1]
    assert len(checkpoint.tokenizer.encode(last.after)) <= N_CTX
    assert last.n <= 4


def test_a_full_context_writes_nothing(checkpoint: Checkpoint) -> None:
    text = checkpoint.tokenizer.decode(checkpoint.tokenizer.encode("Ben was cold. " * 40)[:N_CTX])
    prompt = read(checkpoint, text)
    assert len(prompt.ids) == N_CTX
    last = list(continuation(checkpoint, prompt, 20, PLAIN, 0))[-1]
    assert last.after == text
    assert last.note == f"The context is full: this model reads {N_CTX} tokens."


def test_settings_in_words() -> None:
    assert settings_in_words(SamplingConfig(temperature=0), 3) == "temperature 0, always the most likely token"
    config = SamplingConfig(temperature=0.8, top_k=40, min_p=0.05)
    assert settings_in_words(config, 7) == "temperature 0.8, top-k 40, min-p 0.05, seed 7"


def going(app: AppTest, checkpoint: Checkpoint, wanted: int) -> Going:
    """A text that Home has begun to write behind "Ben", after its first turn."""
    app.query_params["model"], app.query_params["prompt"] = NAME, "Ben"
    app.run()
    app.session_state["_write_asked"] = wanted
    app.run()
    assert not app.exception
    found: Going = app.session_state["_write_going"]
    assert found
    return found


def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """One token a turn, and no turn but by a run of the page."""
    monkeypatch.setattr(writing, "_TURN", 0.0)


def test_stopped_it_keeps_what_was_written(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    slowly(monkeypatch)
    app = AppTest.from_file(str(APP), default_timeout=60)
    first = going(app, checkpoint, 20).written
    assert first.n == 1
    app.run()
    assert app.session_state["_write_going"].written.n == 2
    app.button(key="write_stop").click().run()
    done = app.session_state["_write_done"][-1]
    assert done.note == "Stopped after 2 tokens."
    assert app.text_area[0].value == done.after
    assert done.after.startswith(first.after)
    assert not app.session_state["_write_going"]


def test_stopped_before_its_first_token_it_leaves_nothing_to_undo(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowly(monkeypatch)
    app = AppTest.from_file(str(APP), default_timeout=60)
    begun = going(app, checkpoint, 20)
    begun.written = replace(begun.written, after="Ben", n=0)
    app.button(key="write_stop").click().run()
    assert not app.session_state["_write_going"]
    assert "_write_done" not in app.session_state
    assert app.text_area[0].value == "Ben"


def test_another_prompt_drops_it(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    slowly(monkeypatch)
    app = AppTest.from_file(str(APP), default_timeout=60)
    going(app, checkpoint, 20)
    app.text_area[0].set_value("Mia was").run()
    assert not app.exception
    assert app.text_area[0].value == "Mia was"
    assert not app.session_state["_write_going"]
    assert "_write_done" not in app.session_state


def test_only_whole_characters_are_appended(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    monkeypatch.setattr(writing, "_keep", lambda written: kept.append(written.after))
    monkeypatch.setattr("explorer.widgets.prompt.current", lambda: "x")
    mixed = {ord("a"): b"a\xc3", ord("b"): b"b"}
    monkeypatch.setattr(type(checkpoint.tokenizer), "token_bytes", lambda self, id: mixed.get(id, b"\xc3"))
    end = checkpoint.tokenizer.special_tokens["<|endoftext|>"]
    for id in (ord("a"), 0xC3, end, ord("b")):
        monkeypatch.setattr("explorer.widgets.flow.said", lambda name, id=id: id)
        writing.append(checkpoint)
    assert kept == ["xb"]


@pytest.mark.usefixtures("tiny_checkpoint")
def test_what_was_asked_for_is_written() -> None:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["model"], app.query_params["prompt"] = NAME, "Ben"
    app.run()
    app.session_state["_write_asked"] = 5
    app.run()
    assert not app.exception
    done = app.session_state["_write_done"][-1]
    assert app.text_area[0].value == done.after
    assert done.after.startswith("Ben")
    assert done.n >= 5
