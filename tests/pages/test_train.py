"""The Train page: no run, one, many, a damaged one; each state has its word and its actions."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from explorer.runs.presets import PRESETS
from llm.runs.directory import Status
from llm.runs.process import start_of
from tests.made_runs import made_run
from tests.pages.train_page import button, field, fine, keys, opened, own, shown, words
from tests.tiny_run import tiny_run


def test_the_first_visit_offers_a_form_and_is_not_empty(home: Path) -> None:
    app = opened()
    assert PRESETS["stories"].lesson[:20] in words(app)
    assert not button(app, "train_run").disabled
    assert len(app.get("bidi_component")) >= 3, "share row, living model, curves"
    assert "shipped with Vitrine" in words(app)
    beside = " ".join(html.proto.body for html in app.sidebar.get("html"))
    assert "On this page" in beside, "the model of the other pages is not the run that is shown"


def test_one_run(home: Path) -> None:
    run = tiny_run(home / "runs" / "20260101-000000-aaaa")
    app = opened()
    assert shown(app) == run.id
    assert "Finished" in words(app)
    assert "Ingredients" in words(app)
    button(app, "copy").click()
    fine(app.run())
    assert field(app, "mlp_ratio").value == 1.5
    assert field(app, "text").value == "sums"
    button(app, "form_close").click()
    assert "Ingredients" in words(fine(app.run()))
    button(app, "reseed").click()
    fine(app.run())
    seeds = sorted(run.config().training.seed for run in own(home))
    assert seeds == [0, 1]


def test_many_runs_the_newest_first_and_one_by_its_address(home: Path) -> None:
    first = tiny_run(home / "runs" / "20260101-000000-aaaa")
    second = tiny_run(home / "runs" / "20260102-000000-bbbb", corpus="brackets")
    assert shown(opened()) == second.id
    assert shown(opened(run=first.id)) == first.id
    app = opened(run="../../etc")
    assert shown(app) == second.id
    assert "not here" in words(app)


@pytest.mark.parametrize(
    ("state", "word", "offered"),
    [
        ("queued", "Queued", {"run_stop"}),
        ("stopped", "Stopped", {"run_resume"}),
        ("failed", "Failed", {"run_resume"}),
        ("killed", "Killed", {"run_resume"}),
        ("finished", "Finished", set()),
    ],
)
def test_each_state_has_its_word_and_its_actions(home: Path, state: Any, word: str, offered: set[str]) -> None:
    run = tiny_run(home / "runs" / "20260101-000000-aaaa")
    run.write_status(Status(state, step=100, steps=200, message="<b>Out</b> of memory: choose a smaller batch."))
    app = opened()
    assert word in words(app)
    assert {key for key in keys(app) if key in ("run_pause", "run_stop", "run_resume", "run_continue")} == offered
    if state in ("failed", "killed"):
        assert "&lt;b&gt;Out&lt;/b&gt; of memory" in words(app)
        assert "last good checkpoint is of step 200" in words(app)


@pytest.mark.parametrize("name", ["run.json", "status.json", "metrics.jsonl", "events.jsonl", "samples.jsonl"])
def test_a_damaged_run_is_said_and_nothing_falls(home: Path, name: str) -> None:
    run = tiny_run(home / "runs" / "20260101-000000-aaaa")
    (run.path / name).write_bytes(b"\xff{]\x00")
    app = opened(run=run.id)
    assert len(app.title) == 1
    app.session_state["depth"] = "shapes"
    fine(app.run())


def test_what_a_message_says_of_its_checkpoint_is_not_said_again(home: Path) -> None:
    run = tiny_run(home / "runs" / "20260101-000000-aaaa")
    message = "Its process was killed. Resume goes on from the checkpoint of step 200."
    run.write_status(Status("killed", step=210, steps=400, message=message))
    assert words(opened()).count("checkpoint of step 200") == 1


def test_a_loss_that_rose_is_not_said_to_have_fallen(home: Path) -> None:
    run = made_run(home, "20260101-000000-aaaa", "finished", 60, 2.0, "alder")
    rows = [json.loads(line) for line in run.metrics.read_text().splitlines()]
    seen = [row for row in rows if row["validation_loss"] is not None]
    rows[0]["loss"], seen[-1]["validation_loss"] = 1.0, 4.0
    run.metrics.write_text("".join(json.dumps(row) + "\n" for row in rows))
    said = words(opened(run=run.id))
    assert "The loss went from 1.00 nats a token at the first update to 4.00" in said


def test_the_learning_rate_of_another_window_is_shown(home: Path) -> None:
    run = tiny_run(home / "runs" / "20260101-000000-aaaa")
    run.write_status(replace(run.status(), state="paused", pid=os.getpid(), process_started=start_of(os.getpid())))
    app, key = opened(run=run.id), f"lr_scale_{run.id}"
    app.selectbox(key=key).set_value(0.5)
    fine(app.run())
    assert run.control().lr_scale == 0.5
    run.ask(lr_scale=2.0)
    assert fine(app.run()).selectbox(key=key).value == 2.0
