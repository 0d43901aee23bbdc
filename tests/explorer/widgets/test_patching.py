"""What the Patching page keeps of its picture, and what becomes of a patch that is kept as an intervention."""

from collections.abc import Mapping

import numpy as np
import pytest
import streamlit as st

from explorer.analysis.interventions import Mean, Part, Patch, Scale, mark
from explorer.analysis.patching import Said, Trial, Way
from explorer.analysis.stacks import Stack
from explorer.widgets import patching, patching_question
from explorer.widgets.prompt import Prompt
from llm.model.config import GPTConfig

CLEAN, OTHER = Prompt("clean", (1, 2, 3), ()), Prompt("other", (1, 5, 3), ())
NOTHING = Trial(Said(*np.zeros((4, 2, 2))), *np.zeros((3, 2)))


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(patching_question._ADDRESS, "opened", lambda: None)
    monkeypatch.setattr(patching_question._ADDRESS, "say", lambda values: None)
    monkeypatch.setattr(patching_question._ADDRESS, "keep", lambda: None)
    monkeypatch.setattr("explorer.widgets.on_show.name", lambda: state.get("model", "tiny"))
    return state


def test_what_the_picture_says_is_kept_and_nothing_else(session: dict[str, object]) -> None:
    patching_question.ask(corrupted="Ben, and\nAnna")
    session["patching"] = {"choices": {"way": "noise", "cell": "r1@2<r0@1", "corrupted": "no", "right": "<b>", "at": 3}}
    patching_question.on_choices("patching")()
    asked = patching_question.read()
    assert asked.choices == {"corrupted": "Ben, and\nAnna", "way": "noise", "cell": "r1@2<r0@1"}
    assert asked.way == "noise"
    config = GPTConfig(n_layers=2)
    assert asked.moved(config, 3, 3) == (Part(1, kind="stream", at=2), Part(0, kind="stream", at=1))
    assert asked.moved(config, 2, 3) is None
    assert asked.moved(GPTConfig(n_layers=1), 3, 3) is None


def test_answers_do_not_outlive_the_model(session: dict[str, object]) -> None:
    patching_question.read()
    patching_question.ask(right="7", wrong="99", way="zero")
    assert patching_question.read().answers(50) == (7, None)
    session["model"] = "another"
    assert patching_question.read().choices == {"way": "zero"}


@pytest.mark.parametrize("way", ["denoise", "noise", "zero", "mean"])
def test_a_patch_that_is_kept(session: dict[str, object], monkeypatch: pytest.MonkeyPatch, way: Way) -> None:
    changed: list[Stack] = []
    read: list[str] = []
    asked: list[Mapping[str, str]] = []
    monkeypatch.setattr("explorer.widgets.stack.change", changed.append)
    monkeypatch.setattr("explorer.widgets.prompt.replace", read.append)
    monkeypatch.setattr(patching, "ask", lambda **change: asked.append(change))
    to, origin = Part(1, kind="stream", at=2), Part(0, kind="stream", at=1)
    keep = patching._keep(CLEAN, OTHER, (to, origin, NOTHING), way)
    keep()
    assert not changed, "nothing was pressed"
    session[patching.KEY] = {"keep": True}
    keep()
    expected = {
        "denoise": Patch(to, "clean", origin, mark("other")),
        "noise": Patch(to, "other", origin, mark("clean")),
        "zero": Scale(to),
        "mean": Mean(to),
    }[way]
    assert changed == [(expected,)]
    if way == "denoise":
        assert read == ["other"], "the run that is changed is that of the corrupted prompt"
        assert asked[0]["corrupted"] == "clean"
    else:
        assert not read
