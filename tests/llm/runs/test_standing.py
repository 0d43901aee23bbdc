"""status.json as the training process keeps it: at once on a change, now and then meanwhile, also on a full disk."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from llm.runs import standing
from llm.runs.directory import RunDirectory, RunState, Status
from llm.runs.process import start_of
from llm.runs.standing import Standing
from tests.llm.runs.tiny_run import create


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return create(tmp_path / "run")


def written(run: RunDirectory) -> dict[str, Any]:
    return dict(json.loads((run.path / "status.json").read_text()))


def test_it_begins_as_this_process_with_what_an_earlier_life_left(run: RunDirectory) -> None:
    run.write_status(Status("killed", step=7, steps=12, message="It ended.", seconds=3.5))
    Standing(run)
    found = run.status()
    assert (found.state, found.step, found.steps, found.seconds, found.message) == ("preparing", 7, 12, 3.5, "")
    assert (found.pid, found.process_started) == (os.getpid(), start_of(os.getpid()))


@pytest.mark.parametrize("state", ["running", "paused", "finished", "stopped", "failed"])
def test_a_change_is_written_at_once_and_only_a_live_run_names_a_process(run: RunDirectory, state: RunState) -> None:
    now = Standing(run)
    now.begin(3, 12, 1.5)
    assert written(run)["step"] == 0
    now.be(state, "So.")
    found = written(run)
    assert (found["state"], found["message"], found["step"], found["seconds"]) == (state, "So.", 3, 1.5)
    assert (found["pid"] is not None) == (state in ("running", "paused"))


def test_updates_are_written_now_and_then(run: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    now = Standing(run)
    now.be("running")
    now.trained(1, 0.25)
    assert (now.status.step, written(run)["step"]) == (1, 0)
    clock[0] += standing.EVERY
    now.trained(2, 0.25)
    assert (written(run)["step"], written(run)["seconds"]) == (2, 0.5)


def test_on_a_full_disk_the_end_goes_into_the_file_that_is_there(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = Standing(run)
    now.be("running", "x" * 500)

    def full(path: Path, values: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("llm.runs.directory.write_json_whole", full)
    place = (run.path / "status.json").stat().st_ino
    now.be("failed", "The disk is full.")
    assert (run.status().state, run.status().message) == ("failed", "The disk is full.")
    assert (run.path / "status.json").stat().st_ino == place


def test_a_status_that_nothing_takes_ends_nothing(run: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    now = Standing(run)

    def refused(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("llm.runs.directory.write_json_whole", refused)
    monkeypatch.setattr("os.pwrite", refused)
    now.be("finished")
    assert now.status.state == "finished"
