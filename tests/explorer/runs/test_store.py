"""What a person can do with runs, on directories alone."""

from __future__ import annotations

import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.file_names import is_plain
from explorer.runs.store import Runs
from llm.checkpoint_files import verify
from llm.runs.config import RunError
from llm.runs.directory import RunDirectory, RunState, Status
from llm.runs.process import start_of
from tests.explorer.runs.conftest import recipe
from tests.tiny_run import tiny_run

NAMES = [
    "../x",
    "/etc/x",
    "C:\\x",
    "\\\\host\\s",
    "CON",
    ".",
    "x" * 300,
    "%2e%2e",
    "a\nb",
    "🙂",
    "-rf",
    "a;rm",
    "\ud800",
]


def _here(state: RunState, step: int = 0) -> Status:
    """A status whose process is this one."""
    return Status(state, step, 300, pid=os.getpid(), process_started=start_of(os.getpid()))


def test_submitted_runs_wait_in_order(runs: Runs) -> None:
    ids = [runs.submit(recipe(steps)) for steps in (100, 200, 300)]
    assert [runs.position(id) for id in ids] == [0, 1, 2]
    assert {run.id for run in runs.all()} == set(ids)
    assert [runs.get(id).config().training.steps for id in ids] == [100, 200, 300]
    runs.stop(ids[0])
    assert [runs.position(id) for id in ids] == [None, 0, 1]
    assert runs.get(ids[0]).status().state == "stopped"
    runs.queue.path.unlink()
    assert runs.reindex() == 2
    assert [runs.position(id) for id in ids] == [None, 0, 1]


def test_a_double_click_is_one_run(runs: Runs) -> None:
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.append(runs.submit(recipe(), "twice"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1
    assert runs.submit(recipe(), "another") != made[0]
    assert len(runs.own()) == 2


def test_the_same_again_later_is_another_run(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.runs.submission.TWICE", 0.0)
    assert runs.submit(recipe()) != runs.submit(recipe())


def test_own_text(runs: Runs) -> None:
    text = "one line\r\nand \ud83d\ude42 another, half \ud83d"
    run = runs.get(runs.submit(recipe(), text=text))
    assert run.config().corpus_file == Path("corpus.txt")
    assert (run.path / "corpus.txt").read_bytes().decode() == "one line\r\nand 🙂 another, half \ufffd"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_label_only(runs: Runs, name: str) -> None:
    id = runs.submit(recipe(), name)
    runs.rename(id, name)
    assert is_plain(id)
    assert {path.name for path in runs.root.iterdir()} == {id}
    assert len(runs.get(id).label().name) <= 120
    assert "\n" not in runs.get(id).label().name


@pytest.mark.parametrize("id", ["", *NAMES, "..", "a/b", "a\0b", ".trash"])
def test_no_id_leads_out_of_the_home(runs: Runs, id: str) -> None:
    (runs.home / "run.json").write_text("{}")
    runs.submit(recipe())
    for verb in (runs.get, runs.stop, runs.resume, runs.delete, runs.restore):
        with pytest.raises(RunError, match="no run"):
            verb(id)


def test_words_that_fit_the_state(runs: Runs) -> None:
    id = runs.submit(recipe())
    run = runs.get(id)
    with pytest.raises(RunError, match="cannot pause"):
        runs.pause(id)
    run.write_status(_here("running", 7))
    runs.pause(id)
    assert run.control().want == "pause"
    runs.resume(id)
    assert run.control().want == "run"
    assert run.status().state == "running"
    runs.set_lr_scale(id, 0.5)
    runs.stop(id)
    assert (run.control().want, run.control().lr_scale) == ("stop", 0.5)
    with pytest.raises(RunError, match="stop it first"):
        runs.delete(id)
    with pytest.raises(RunError, match="above 0"):
        runs.set_lr_scale(id, float("nan"))
    run.write_status(Status("finished", 300, 300))
    with pytest.raises(RunError, match="branch"):
        runs.resume(id)


@pytest.mark.parametrize("state", ["stopped", "failed", "killed"])
def test_resumed_runs_wait_again(runs: Runs, state: RunState) -> None:
    id, other = runs.submit(recipe(100)), runs.submit(recipe(200))
    runs.stop(id)
    runs.get(id).write_status(Status(state, 42, 100, "It ended."))
    runs.get(id).ask(want="stop")
    runs.resume(id)
    runs.resume(id)
    assert (runs.position(other), runs.position(id)) == (0, 1)
    assert runs.get(id).status().step == 42
    assert runs.get(id).control().want == "run"


def test_deleted_and_back(runs: Runs) -> None:
    id = runs.submit(recipe(), "mine")
    runs.delete(id)
    assert runs.own() == []
    assert runs.position(id) is None
    assert [run.label().name for run in runs.trash()] == ["mine"]
    with pytest.raises(RunError):
        runs.get(id)
    runs.restore(id)
    assert runs.get(id).status().state == "stopped"
    runs.delete(id)
    runs.empty_trash()
    runs.empty_trash()
    assert runs.trash() == []
    with pytest.raises(RunError, match="no run"):
        runs.restore(id)


def test_a_branch_holds_all_it_needs(runs: Runs) -> None:
    parent = tiny_run(runs.root / "x")
    runs.rename("x", "first")
    parent.write_record(parent.config(), corpus={"kind": "sums", "sha256": "0" * 64})
    new = runs.get(runs.branch("x", 100))
    assert new.record()["parent"] == {"id": "x", "step": 100}
    assert new.label().name == "first, from step 100"
    assert new.config() == parent.config()
    assert {path.name for path in new.start.iterdir()} == {path.name for path in parent.steps()[100].iterdir()}
    assert new.record()["corpus"] == parent.record()["corpus"], "it learns from the same text, prepared or not"
    assert runs.get(runs.branch("x", 200)).config().training.steps == 400
    with pytest.raises(RunError, match="no checkpoint"):
        runs.branch("x", 150)
    changed = replace(parent.config(), training=replace(parent.config().training, lr=1e-4))
    assert runs.get(runs.branch("x", 200, changed, "low")).config() == changed


def test_a_damaged_checkpoint_is_not_branched_from(runs: Runs) -> None:
    parent = tiny_run(runs.root / "x")
    weights = parent.steps()[100] / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(ValueError, match="damaged"):
        runs.branch("x", 100)
    assert len(runs.own()) == 1


def test_a_branch_takes_its_text_along(runs: Runs) -> None:
    parent = tiny_run(runs.root / "x")
    parent.write_record(replace(parent.config(), corpus="file", corpus_file=Path("corpus.txt")))
    (parent.path / "corpus.txt").write_bytes(b"1+1=2\r\n" * 99)
    new = runs.get(runs.branch("x", 100))
    assert (new.path / "corpus.txt").read_bytes() == b"1+1=2\r\n" * 99


def test_shipped_runs_are_never_written_to(tmp_path: Path) -> None:
    shipped = tiny_run(tmp_path / "assets" / "born")
    runs = Runs(tmp_path / "home", tmp_path / "assets")
    (tmp_path / "home").mkdir()
    before = {path: path.stat().st_mtime_ns for path in shipped.path.rglob("*")}
    assert [run.id for run in runs.all()] == ["born"]
    for verb in (runs.delete, runs.pause, runs.stop, runs.resume):
        with pytest.raises(RunError, match="only to look at"):
            verb("born")
    with pytest.raises(RunError, match="only to look at"):
        runs.rename("born", "mine")
    assert runs.get(runs.branch("born", 100)).path.parent == runs.root
    assert runs.size("born") > 0
    assert {path: path.stat().st_mtime_ns for path in shipped.path.rglob("*")} == before


def test_a_checkpoint_that_is_thinned_meanwhile_is_branched_from_whole(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, copytree = tiny_run(runs.root / "x"), shutil.copytree

    def torn(source: Path, target: Path) -> None:
        copytree(source, target)
        (target / "model.safetensors").write_bytes(b"")
        monkeypatch.undo()

    monkeypatch.setattr("explorer.runs.disk.shutil.copytree", torn)
    new = runs.get(runs.branch("x", 100))
    assert verify(new.start) == verify(run.steps()[100])


def test_what_a_killed_process_had_begun_to_fill_goes_after_a_day(runs: Runs) -> None:
    old, new = runs.root / ".new-old", runs.root / ".new-new"
    for place in (old, new):
        (place / "deep").mkdir(parents=True)
    os.utime(old, (1, 1))
    runs.sweep()
    assert (old.exists(), new.exists()) == (False, True)


def test_a_run_from_the_command_line_is_one_of_them(runs: Runs) -> None:
    RunDirectory.create(runs.root / "x", recipe())
    assert runs.get("x").id == "x"
    assert runs.reindex() == 1
    assert runs.position("x") == 0


def test_damaged_runs_are_listed(runs: Runs) -> None:
    id = runs.submit(recipe())
    (runs.root / id / "status.json").write_text("{")
    assert runs.get(id).status().state == "damaged"
    runs.resume(id)
    assert runs.get(id).status().state == "queued"
    (runs.root / id / "run.json").write_text("{")
    with pytest.raises(RunError, match="damaged"):
        runs.resume(id)
    assert [run.id for run in runs.all()] == [id]
