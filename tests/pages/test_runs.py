"""The ledger of runs under AppTest: none, one, every state, many, a damaged one; naming, deleting, branching."""

import io
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer import paths
from explorer.runs.archive import export_zip, import_zip
from explorer.runs.store import Runs
from explorer.widgets.run_incoming import LARGEST_UPLOAD
from llm.runs.directory import RunState
from tests.explorer.widgets.test_component import unpack
from tests.made_runs import made_run
from tests.pages.opened import fine, opened

STATES: list[RunState] = ["queued", "stopped", "finished", "failed", "killed"]


@pytest.fixture
def home(tiny_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with the tiny model and no runs but those a test makes."""
    made = tmp_path / "home"
    shutil.copytree(tiny_home / "models", made / "models")
    monkeypatch.setenv(paths.VARIABLE, str(made))
    monkeypatch.setattr(paths, "ASSETS", tmp_path / "assets")
    return made


def ledger(app: AppTest) -> list[dict[str, object]]:
    """The rows as the component gets them."""
    for part in app.get("bidi_component"):
        if part.proto.component_name.endswith("run_table"):
            return list(unpack(part.proto.bytes)[0]["rows"])
    return []


def html(app: AppTest) -> str:
    return " ".join(part.proto.body for part in app.get("html"))


def test_no_run(home: Path) -> None:
    assert "No run has been made yet" in html(opened("runs"))


def test_one_run(home: Path) -> None:
    made_run(home, "20260101-000000-aaaa", name="first")
    app = opened("runs")
    (row,) = ledger(app)
    assert row["name"] == "first"
    assert row["best"] == pytest.approx(2.1)
    assert row["recipe"] == {}
    assert "“first” comes to 2.940 bits per byte, 2.10 nats per token" in html(app)


def test_every_state_and_a_damaged_one(home: Path) -> None:
    for i, state in enumerate(STATES):
        made_run(home, f"2026010{i}-000000-aaaa", state, step=0 if state == "queued" else 30)
    (home / "runs" / "20260109-000000-aaaa").mkdir()
    (home / "runs" / "20260109-000000-aaaa" / "run.json").write_text("{")
    app = opened("runs")
    found = {row["state"]: row for row in ledger(app)}
    assert set(found) == {*STATES, "damaged"}
    assert found["failed"]["sentence"] == "Failed: Out of memory: choose a smaller batch."
    assert found["stopped"]["sentence"] == "Stopped"  # where, the row says beside it
    assert str(found["queued"]["sentence"]).startswith("Queued")
    assert found["damaged"]["recipe"] is None
    for row in ledger(app):
        fine(opened("runs", run=str(row["id"])))


def test_the_lead_names_what_differs(home: Path) -> None:
    made_run(home, "20260101-000000-aaaa", name="slow", loss=2.0, lr=1e-3)
    made_run(home, "20260102-000000-aaaa", name="fast", loss=1.5, lr=2e-2)
    said = html(opened("runs"))
    assert "Of 2 runs on Sums, “fast” did best" in said
    assert "“slow”, the next with 2.940, differs in learning rate (1e−3, not 2e−2)." in said


def test_many(home: Path) -> None:
    for i in range(60):
        made_run(home, f"20260101-0000{i:02d}-aaaa", step=3, seed=i)
    assert len(ledger(opened("runs"))) == 60


def test_rename_and_note(home: Path) -> None:
    run = made_run(home, "20260101-000000-aaaa")
    app = opened("runs")
    next(field for field in app.text_input if field.label == "Name").set_value("mine").run()
    next(field for field in fine(app).text_input if field.label == "Note").set_value("why").run()
    assert run.label().name == "mine"
    assert run.label().note == "why"
    assert ledger(fine(app))[0]["name"] == "mine"


def test_the_browser_is_told_name_and_note_with_every_run_of_the_page(home: Path) -> None:
    """So that a page overtaken by the next leaves no empty field whose emptiness would be kept."""
    run = made_run(home, "20260101-000000-aaaa", name="mine")
    run.set_label(note="why")
    app = opened("runs")
    for _ in range(2):
        fields = {field.label: field for field in fine(app).text_input}
        assert [fields[label].proto.default for label in ("Name", "Note")] == ["mine", "why"]
        assert not any(field.proto.set_value for field in fields.values())
        app.run()


def test_equal_runs_are_called_equal(home: Path) -> None:
    for i in range(2):
        made_run(home, f"2026010{i + 1}-000000-aaaa", name=f"twin {i}")
    assert "“twin 1” and “twin 0” did best, alike in all" in html(opened("runs"))


def test_delete_and_undo(home: Path) -> None:
    made_run(home, "20260101-000000-aaaa", name="one")
    made_run(home, "20260102-000000-aaaa", name="two")
    app = opened("runs", run="20260101-000000-aaaa")
    next(button for button in app.button if button.label == "Delete").click().run()
    assert [row["name"] for row in ledger(fine(app))] == ["two"]
    assert "one lies in the trash." in html(app)
    next(button for button in app.button if button.label == "Undo").click().run()
    assert [row["name"] for row in ledger(fine(app))] == ["two", "one"]


def test_the_trash_can_be_emptied(home: Path) -> None:
    made_run(home, "20260101-000000-aaaa")
    app = opened("runs")
    next(button for button in app.button if button.label == "Delete").click().run()
    next(button for button in app.button if button.label == "Delete for good").click().run()
    assert not [button for button in fine(app).button if button.label in ("Bring back", "Delete for good")]
    assert "1 run is gone for good." in html(app)
    assert not (home / "runs" / "20260101-000000-aaaa").exists()


def test_a_run_in_the_address_that_is_gone(home: Path) -> None:
    made_run(home, "20260101-000000-aaaa")
    assert len(ledger(opened("runs", run="../../etc"))) == 1


@pytest.mark.parametrize("depth", ["shapes", "code"])
def test_depth(home: Path, depth: str) -> None:
    made_run(home, "20260101-000000-aaaa", name="<b>one</b>")
    app = opened("runs")
    app.session_state["depth"] = depth
    fine(app.run())
    assert ('class="vitrine-recipes"' in html(app)) == (depth == "shapes")
    assert bool(app.code) == (depth == "code")
    assert "<b>one" not in html(app)


def test_what_can_be_exported_can_be_brought_in(home: Path) -> None:
    uploader = opened("runs").file_uploader(key="run_import")
    assert uploader.proto.max_upload_size_mb == LARGEST_UPLOAD, "a run of a preset is larger than a text may be"


def test_without_a_worker_the_page_says_how_to_start_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = f"python -m explorer worker --home {home}"
    for page in ("runs", "train"):
        assert start in html(opened(page))
    monkeypatch.setattr("explorer.runs.store.Runs.attended", lambda _: True)
    for page in ("runs", "train"):
        assert "No worker" not in html(opened(page))


def test_a_copy_is_no_second_run(home: Path) -> None:
    run = made_run(home, "20260101-000000-aaaa", name="mine")
    run.write_record(run.config(), created="2026-01-01T00:00:00Z")
    runs = Runs(home)
    runs.get(import_zip(io.BytesIO(export_zip(run)), runs))
    app = opened("runs")
    assert {row["name"] for row in ledger(app)} == {"mine", "mine, imported"}
    assert "“mine” comes to" in html(app)
    assert "“mine, imported” is a copy of it, not a second run." in html(app)
    made_run(home, "20260102-000000-aaaa", name="other", loss=1.5)
    assert "Of 2 runs on Sums, “other” did best" in html(opened("runs"))
