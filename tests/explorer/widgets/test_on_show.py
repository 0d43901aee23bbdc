"""What is on show: models and runs by their address, a checkpoint by its step, and never one that is not there."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from explorer import run_resources
from explorer.widgets.on_show import nearest
from llm.checkpoint_files import step_directory
from llm.runs.directory import RunDirectory, Status
from llm.runs.process import start_of
from tests.tiny_home import NAME
from tests.tiny_run import STEPS, tiny_run


def page() -> None:
    import streamlit as st

    from explorer.widgets import model_picker, on_show, prompt

    with st.sidebar:
        model_picker.show()
        prompt.show()
    checkpoint = model_picker.chosen()
    text = prompt.read(checkpoint)
    st.session_state["read"] = (on_show.now(), checkpoint.path, text.text)
    st.button("First", on_click=on_show.look_at, args=(0,))
    st.button("Follow", on_click=on_show.follow, args=(True,))


@pytest.fixture
def home(tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with the tiny model in it."""
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    shutil.copytree(tiny_checkpoint, tmp_path / "models" / NAME)
    return tmp_path


@pytest.fixture
def run(home: Path) -> RunDirectory:
    made = tiny_run(home / "runs" / "20260101-000000-abcd")
    made.set_label(name="My sums")
    return made


def app(**query: str) -> AppTest:
    run_resources._runs_now.clear()
    made = AppTest.from_function(page, default_timeout=30)
    for name, value in query.items():
        made.query_params[name] = value
    return made


def again(made: AppTest) -> AppTest:
    run_resources._runs_now.clear()
    made.run()
    assert not made.exception, [e.message for e in made.exception]
    return made


def said(made: AppTest) -> str:
    return " ".join(element.proto.body for element in made.main if element.type == "html")


def press(made: AppTest, label: str) -> AppTest:
    next(b for b in made.button if b.label == label).click()
    return again(made)


def test_no_run_shows_models_without_a_timeline(home: Path) -> None:
    made = again(app(model=NAME))
    shown, path, _ = made.session_state["read"]
    assert (shown.key, shown.step, path.name) == (NAME, None, NAME)
    assert not made.get("bidi_component")


def test_a_run_opens_at_its_newest_checkpoint_with_a_text_it_can_read(run: RunDirectory) -> None:
    made = again(app(model=run.id))
    shown, path, text = made.session_state["read"]
    assert (shown.name, shown.step, path) == ("My sums", STEPS[-1], step_directory(run.checkpoints, STEPS[-1]))
    assert len(made.get("bidi_component")) == 1
    assert text
    assert made.query_params["step"] == str(STEPS[-1])
    assert f"{shown.name}, run finished" in made.selectbox[0].options


def test_a_run_that_is_deleted_while_it_is_on_show_is_said(run: RunDirectory, home: Path) -> None:
    made = again(app(model=run.id))
    looked_up = run_resources.runs_now()
    run.path.rename(home / "elsewhere")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("explorer.widgets.on_show.runs_now", lambda: looked_up)  # as within the second it is kept
        made.run()
    assert not made.exception, [e.message for e in made.exception]
    shown = made.session_state["read"][0]
    assert shown.key == made.query_params["model"] != run.id
    assert shown.note == f"My sums is no longer here; showing {shown.key}."


def test_many_runs_are_told_apart_by_name(run: RunDirectory, home: Path) -> None:
    tiny_run(home / "runs" / "20260202-000000-wxyz")
    made = again(app(model=NAME))
    assert {"My sums, run finished", "20260202-000000-wxyz, run finished"} <= set(made.selectbox[0].options)
    made.selectbox[0].set_value(run.id)
    assert again(made).session_state["read"][0].key == run.id
    assert made.query_params["model"] == run.id


def test_a_link_to_a_step_and_the_nearest_where_it_is_not(run: RunDirectory) -> None:
    assert again(app(model=run.id, step="100")).session_state["read"][0].step == 100
    made = again(app(model=run.id, step="160"))
    assert made.session_state["read"][0].step == 200
    assert "no checkpoint of step 160" in made.session_state["read"][0].note
    shown = press(made, "First").session_state["read"][0]
    assert (shown.step, shown.note, made.query_params["step"]) == (0, "", "0")


@pytest.mark.parametrize("step", ["", "-1", "1e9", "junk", "1.5", "9" * 40, "\x00"])
def test_junk_steps_are_no_steps(run: RunDirectory, step: str) -> None:
    assert again(app(model=run.id, step=step)).session_state["read"][0].step == STEPS[-1]


def test_a_step_of_a_model_that_is_no_run_is_dropped(run: RunDirectory) -> None:
    made = again(app(model=NAME, step="100"))
    assert made.session_state["read"][0].step is None
    assert "step" not in made.query_params


def test_a_model_that_is_not_here_is_said(run: RunDirectory) -> None:
    made = again(app(model="../../etc"))
    assert "asked for a model that is not here" in made.session_state["read"][0].note


def test_a_pruned_checkpoint_gives_way_to_the_nearest(run: RunDirectory) -> None:
    made = again(app(model=run.id, step="0"))
    shutil.rmtree(step_directory(run.checkpoints, 0))
    shown, path, _ = again(made).session_state["read"]
    assert shown.step == 100
    assert path.exists()
    assert "no checkpoint of step 0" in shown.note


def test_a_damaged_checkpoint_is_a_sentence_and_the_timeline_leads_away(run: RunDirectory) -> None:
    (step_directory(run.checkpoints, 100) / "model.safetensors").write_bytes(b"short")
    made = again(app(model=run.id, step="100"))
    assert "Checkpoint 100 of My sums cannot be read" in said(made)
    assert len(made.get("bidi_component")) == 1


def test_a_run_without_a_checkpoint_is_a_sentence(run: RunDirectory) -> None:
    shutil.rmtree(run.checkpoints)
    assert "has no checkpoint yet: it ended before" in said(again(app(model=run.id)))


def test_a_damaged_run_can_still_be_looked_at(run: RunDirectory) -> None:
    (run.path / "run.json").write_text("{")
    (run.path / "status.json").unlink()
    (run.path / "samples.jsonl").write_text("\x00{")
    shown = again(app(model=run.id, prompt="1+1")).session_state["read"][0]
    assert shown.step == STEPS[-1]


def test_a_live_run_stays_where_it_was_opened_until_it_is_followed(run: RunDirectory) -> None:
    import os

    run.write_status(Status("running", 150, 300, pid=os.getpid(), process_started=start_of(os.getpid())))
    shutil.move(step_directory(run.checkpoints, 200), run.path / "later")
    made = again(app(model=run.id))
    assert made.session_state["read"][0].step == 100
    shutil.move(run.path / "later", step_directory(run.checkpoints, 200))
    assert again(made).session_state["read"][0].step == 100
    assert press(made, "Follow").session_state["read"][0].step == 200
    shutil.copytree(step_directory(run.checkpoints, 200), step_directory(run.checkpoints, 300))
    run.write_status(Status("finished", 300, 300))
    shown = again(made).session_state["read"][0]
    assert (shown.step, shown.follow) == (300, False)


@given(st.sets(st.integers(0, 10**6), min_size=1), st.integers(0, 10**9))
def test_the_nearest_is_there_and_none_is_nearer(steps: set[int], asked: int) -> None:
    found = nearest(sorted(steps), asked)
    assert found in steps
    assert all(abs(found - asked) <= abs(step - asked) for step in steps)
