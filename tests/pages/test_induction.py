"""The page on the birth of a head: one's own run waits, trains and is stopped there; no part of it writes outside."""

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit.delta_generator
from streamlit.delta_generator import DeltaGenerator
from streamlit.proto.RootContainer_pb2 import RootContainer
from streamlit.testing.v1 import AppTest

from explorer import paths
from explorer.runs.presets import PRESETS
from explorer.runs.store import Runs
from llm.runs.directory import RunDirectory, Status
from llm.runs.process import start_of
from tests.explorer.widgets.test_component import unpack
from tests.pages.opened import fine, opened, words

CONFIG = PRESETS["induction"].config
SHIPPED = RunDirectory(paths.ASSETS / "runs" / "induction")


@pytest.fixture
def live(home: Path) -> RunDirectory:
    """A run in training, without a checkpoint so far."""
    run = RunDirectory.create(home / "runs" / "growing", CONFIG, created="2026-01-01T00:00:00Z")
    run.write_status(Status("running", 0, 1400, "building the model", os.getpid(), start_of(os.getpid())))
    return run


def stops(app: AppTest) -> list[str]:
    return [button.label for button in app.main.button if button.label in ("Pause", "Stop", "Resume")]


def links(app: AppTest) -> list[str]:
    return [link.proto.query_string for link in app.main.get("page_link")]


def drawn(app: AppTest) -> dict[str, Any]:
    """The header of the picture."""
    (part,) = (part for part in app.get("bidi_component") if part.proto.component_name.endswith("_induction"))
    return unpack(part.proto.bytes)[0]


def test_a_run_that_waits_says_so_and_can_be_stopped(home: Path) -> None:
    id = Runs(paths.home(), paths.ASSETS / "runs").submit(CONFIG, name="Mine")
    app = opened("induction", run=id)
    assert "Mine waits for its turn; 0 runs before it." in words(app)
    assert "Queued" in words(app)
    assert links(app) == [f"run={id}"]
    next(button for button in app.main.button if button.label == "Stop").click()
    fine(app.run())
    assert RunDirectory(home / "runs" / id).status().state == "stopped"
    assert stops(app) == ["Resume"]


def test_a_run_in_training_can_be_stopped(live: RunDirectory) -> None:
    shutil.copytree(SHIPPED.steps()[0], live.checkpoints / SHIPPED.steps()[0].name)
    app = opened("induction", run="growing")
    assert "<strong>0</strong><span>of 1,400</span>" in words(app)
    next(button for button in app.main.button if button.label == "Stop").click()
    fine(app.run())
    assert live.control().want == "stop"
    assert "Stopping" in words(app)


def test_the_shipped_run_has_nothing_to_stop(home: Path) -> None:
    app = opened("induction", run="induction")
    assert not stops(app)
    assert not links(app)


def test_who_followed_a_run_stays_at_its_last_step_when_it_ends(live: RunDirectory) -> None:
    """Also where the picture begins anew, which it then does at the place that it was opened at."""
    shutil.copytree(SHIPPED.steps()[0], live.checkpoints / SHIPPED.steps()[0].name)
    app = opened("induction", run="growing")
    assert drawn(app)["opened"]["follow"]
    for path in SHIPPED.steps().values():
        shutil.copytree(path, live.checkpoints / path.name, dirs_exist_ok=True)
    live.write_status(replace(live.status(), state="finished", step=1400, pid=None, process_started=None))
    header = drawn(fine(app.run()))
    assert header["span"]
    assert not header["live"]
    assert (header["opened"]["at"], header["opened"]["follow"]) == (None, True)
    app.query_params["run"] = "induction"
    assert not drawn(fine(app.run()))["opened"]["follow"], "another run opens at its usual place"


def test_the_place_of_a_picture_outlives_it(home: Path) -> None:
    app = opened("induction", run="induction", at="750", silent="1.1")
    assert (drawn(app)["opened"]["at"], drawn(app)["opened"]["silent"]) == (750, "1.1")
    app.session_state["induction"] = {"asked": {"run": "induction", "at": 880, "silent": "", "way": "mean", "text": ""}}
    assert drawn(fine(app.run()))["opened"]["at"] == 880
    assert app.query_params["at"] in ("880", ["880"])
    assert "silent" not in app.query_params
    del app.session_state["induction"]
    assert drawn(fine(app.run()))["opened"] == {"text": "", "silent": "", "way": "mean", "at": 880, "follow": False}


def test_no_part_of_the_page_writes_outside_itself(live: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fragment may write outside only where every whole run of the page did, as it does in the foot of the sidebar;
    one that is cut short did not."""
    allowed = streamlit.delta_generator._get_or_create_outside_wrapper

    def outside(place: DeltaGenerator, *context: Any) -> DeltaGenerator:
        assert place._root_container == RootContainer.SIDEBAR, "a fragment wrote to a container that it did not make"
        return allowed(place, *context)

    monkeypatch.setattr(streamlit.delta_generator, "_get_or_create_outside_wrapper", outside)
    assert "building the model" in words(opened("induction", run="growing"))
    for step in list(SHIPPED.steps())[:2]:
        shutil.copytree(SHIPPED.steps()[step], live.checkpoints / SHIPPED.steps()[step].name)
    live.write_status(replace(live.status(), step=100))
    assert "No head has become an induction head so far." in words(opened("induction", run="growing"))
