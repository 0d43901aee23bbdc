"""The Train page: no run, one, many, a damaged one; a form that loses nothing and submits once."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer import paths
from explorer.runs.presets import PRESETS
from explorer.runs.store import Runs
from explorer.runs.uploads import Uploads
from llm.runs.directory import RunDirectory, Status
from llm.runs.process import start_of
from tests.made_runs import made_run
from tests.tiny_run import tiny_run

ROOT = Path(__file__).resolve().parents[2]
PAGE = str(ROOT / "pages" / "train.py")
TEXT = "A hen sat on the gate and looked at the road. " * 60


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.VARIABLE, str(tmp_path))
    return tmp_path


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=60).run()
    app.switch_page(PAGE)
    for name, value in query.items():
        app.query_params[name] = value
    return fine(app.run())


def fine(app: AppTest) -> AppTest:
    assert not app.exception, [e.message for e in app.exception]
    return app


def words(app: AppTest) -> str:
    return " ".join(html.proto.body for html in app.main.get("html"))


def button(app: AppTest, key: str) -> Any:
    return next(b for b in app.button if b.key == key)


def shown(app: AppTest) -> str:
    """The run that the address says."""
    found = app.query_params["run"]
    return found if isinstance(found, str) else found[0]


def keys(app: AppTest) -> set[str]:
    return {b.key for b in app.button if b.key}


def own(home: Path) -> list[RunDirectory]:
    return [run for run in Runs(home, paths.ASSETS / "runs").all() if run.path.is_relative_to(home)]


def test_the_first_visit_offers_a_form_and_is_not_empty(home: Path) -> None:
    app = opened()
    assert PRESETS["stories"].lesson[:20] in words(app)
    assert not button(app, "train_run").disabled
    assert len(app.get("bidi_component")) >= 3, "share row, living model, curves"
    assert "shipped with Vitrine" in words(app)
    beside = " ".join(html.proto.body for html in app.sidebar.get("html"))
    assert "On this page" in beside, "the model of the other pages is not the run that is shown"


def test_the_form_becomes_a_run_once(home: Path) -> None:
    app = opened()
    app.selectbox(key="preset").set_value("sums")
    fine(app.run())
    app.number_input(key="draft_steps").set_value(40)
    app.number_input(key="draft_n_heads").set_value(2)
    app.selectbox(key="draft_mlp").set_value("swiglu")
    fine(app.run())
    assert app.number_input(key="draft_n_kv_heads").value == 2, "it followed the heads"
    button(app, "train_run").click()
    fine(app.run())
    (run,) = own(home)
    config = run.config()
    assert (config.corpus, config.windows, config.training.steps) == ("sums", "documents", 40)
    assert (config.model.n_heads, config.model.n_kv_heads, config.model.mlp) == (2, 2, "swiglu")
    assert config.timeline[-1] == 40
    assert shown(app) == run.id
    assert "Queued" in words(app)
    assert "train_run" not in keys(app), "a second click finds no button"
    assert {"copy", "reseed", "form_open"} <= keys(app)


def test_what_does_not_fit_is_said_and_nothing_is_lost(home: Path) -> None:
    app = opened()
    app.number_input(key="draft_steps").set_value(77)
    app.number_input(key="draft_d_model").set_value(130)
    fine(app.run())
    assert "Width (130) must be a multiple of Heads" in words(app)
    assert button(app, "train_run").disabled
    app.number_input(key="draft_d_model").set_value(64)
    fine(app.run())
    assert not button(app, "train_run").disabled
    assert app.number_input(key="draft_steps").value == 77


def test_one_run(home: Path) -> None:
    run = tiny_run(home / "runs" / "20260101-000000-aaaa")
    app = opened()
    assert shown(app) == run.id
    assert "Finished" in words(app)
    assert "Ingredients" in words(app)
    button(app, "copy").click()
    fine(app.run())
    assert app.number_input(key="draft_d_mlp").value == 48
    assert app.selectbox(key="draft_text").value == "sums"
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


def test_an_uploaded_text_is_kept_offered_and_trained_on(home: Path) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("my <hen>.txt", TEXT.encode(), "text/plain")
    fine(app.run())
    (kept,) = Uploads(paths.uploads()).all()
    assert app.selectbox(key="draft_text").value == f"upload:{kept.sha256}"
    assert "my &lt;hen&gt;.txt" in words(app)
    assert "my <hen>.txt" in opened().selectbox(key="draft_text").options, "after a refresh too"
    button(app, "train_run").click()
    fine(app.run())
    (run,) = own(home)
    assert run.config().corpus == "file"
    assert (run.path / "corpus.txt").read_text("utf-8") == TEXT


def test_an_uploaded_text_outlives_a_preset_and_is_chosen_whole(home: Path) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("mine.txt", TEXT.encode(), "text/plain")
    fine(app.run())
    mine = app.selectbox(key="draft_text").value
    app.selectbox(key="preset").set_value("brackets")
    fine(app.run())
    app.selectbox(key="draft_text").set_value("stories")
    fine(app.run())
    app.text_input(key="draft_prompt").set_value("One morning")
    fine(app.run())
    app.selectbox(key="draft_text").set_value(mine)
    fine(app.run())
    button(app, "train_run").click()
    fine(app.run())
    (run,) = own(home)
    config = run.config()
    assert (run.path / "corpus.txt").read_text("utf-8") == TEXT
    assert config.training == PRESETS["brackets"].config.training
    assert (config.corpus_chars, config.windows, config.prompt) == (len(TEXT), "anywhere", "")


def test_a_preset_keeps_an_uploaded_text(home: Path) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("mine.txt", TEXT.encode(), "text/plain")
    fine(app.run())
    app.selectbox(key="preset").set_value("stories_bpe")
    fine(app.run())
    assert "mine.txt" in words(app)
    button(app, "train_run").click()
    fine(app.run())
    (run,) = own(home)
    assert (run.path / "corpus.txt").read_text("utf-8") == TEXT


def test_a_copy_leaves_the_text_its_name(home: Path) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("mine.txt", TEXT.encode(), "text/plain")
    fine(app.run())
    button(app, "train_run").click()
    fine(app.run())
    (run,) = own(home)
    run.set_label(name="My fables")
    button(app, "copy").click()
    fine(app.run())
    assert [kept.name for kept in Uploads(paths.uploads()).all()] == ["mine.txt"]


@pytest.mark.parametrize("raw", [b"", b"tiny", b"\x89PNG\x00" + bytes(900)])
def test_what_is_no_text_is_refused_in_a_sentence(home: Path, raw: bytes) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("a.txt", raw, "text/plain")
    fine(app.run())
    assert "Expected" in words(app)
    assert Uploads(paths.uploads()).all() == []


def test_bad_bytes_are_replaced_when_asked(home: Path) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("a.txt", TEXT.encode() + b"\xff\xfe", "text/plain")
    fine(app.run())
    button(app, "replace").click()
    fine(app.run())
    (kept,) = Uploads(paths.uploads()).all()
    assert kept.characters == len(TEXT) + 2


def test_a_text_too_short_for_the_context_is_said(home: Path) -> None:
    app = opened()
    app.file_uploader(key="upload").upload("a.txt", ("word " * 110).encode(), "text/plain")
    fine(app.run())
    for _ in range(100):
        if "needs at least" in words(fine(app.run())):
            break
    assert words(app).count("The validation text needs at least") == 2, "beside the button and in the group"
    assert button(app, "train_run").disabled


def test_a_draft_and_its_preset_outlive_another_page(home: Path) -> None:
    app = opened()
    app.selectbox(key="preset").set_value("sums")
    fine(app.run())
    app.number_input(key="draft_steps").set_value(40)
    fine(app.run())
    app.switch_page(str(ROOT / "pages" / "sampling.py"))
    fine(app.run())
    app.switch_page(PAGE)
    fine(app.run())
    assert (app.selectbox(key="preset").value, app.number_input(key="draft_steps").value) == ("sums", 40)


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
