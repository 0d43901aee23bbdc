"""Runs as zips: there and back whole, and everything that is no run of ours refused in a sentence, leaving nothing."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.runs import archive
from explorer.runs.archive import export_zip, import_zip
from explorer.runs.store import Runs
from llm.checkpoint_files import verify
from llm.runs.config import RunError
from llm.runs.directory import RunDirectory, Status
from tests.tiny_run import tiny_run


@pytest.fixture
def run(runs: Runs) -> RunDirectory:
    made = tiny_run(runs.root / "x")
    runs.rename("x", "../../mine")
    made.metrics.write_text('{"step": 1, "loss": 2.5}\n' * 50)
    (made.path / "log.txt").write_text("of this machine")
    return made


def _refused(runs: Runs, raw: bytes) -> str:
    before = {path.name for path in runs.home.rglob("*")}
    with pytest.raises(RunError) as caught:
        import_zip(io.BytesIO(raw), runs)
    assert {path.name for path in runs.home.rglob("*")} == before
    assert str(caught.value).count("\n") == 0
    assert str(runs.home) not in str(caught.value)
    return str(caught.value)


def _changed(raw: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as given:
        files = {name: given.read(name) for name in given.namelist()}
    change(files)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return made.getvalue()


def test_there_and_back(runs: Runs, run: RunDirectory) -> None:
    new = runs.get(import_zip(io.BytesIO(export_zip(run)), runs))
    assert new.id != run.id
    assert new.config() == run.config()
    assert new.metrics.read_bytes() == run.metrics.read_bytes()
    assert new.samples.read_bytes() == run.samples.read_bytes()
    assert list(new.steps()) == list(run.steps())
    for step, path in new.steps().items():
        assert verify(path) == verify(run.steps()[step])
    assert new.status().state == "finished"
    assert new.label().name == "../../mine, imported"
    assert not new.log.exists()


def test_a_folder_that_a_person_zipped(runs: Runs, run: RunDirectory, tmp_path: Path) -> None:
    run.ask(want="stop")
    path = shutil.make_archive(str(tmp_path / "zipped"), "zip", runs.root, "x")
    new = runs.get(import_zip(io.BytesIO(Path(path).read_bytes()), runs))
    assert list(new.steps()) == list(run.steps())
    assert new.control().want == "run"


def test_one_that_was_being_trained_is_at_work_nowhere(runs: Runs, run: RunDirectory) -> None:
    run.write_status(Status("running", 170, 300, pid=1, process_started="x"))
    status = runs.get(import_zip(io.BytesIO(export_zip(run)), runs)).status()
    assert (status.state, status.step, status.pid) == ("stopped", 200, None)


def test_no_file_of_this_machine_is_read_for_a_stranger(runs: Runs, run: RunDirectory) -> None:
    run.write_record(replace(run.config(), corpus="file", corpus_file=Path("/etc/passwd")))
    new = runs.get(import_zip(io.BytesIO(export_zip(run)), runs))
    assert new.config().corpus_file == Path("corpus.txt")


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/x",
        "a/../../x",
        "checkpoints/../x",
        "checkpoints/step-1/model.safetensors",
        "C:\\x",
        "x.py",
        "start/x",
        "checkpoints/step-00000100/evil.pt",
        "checkpoints",
        "checkpoints/step-00000100/a/b",
    ],
)
def test_names_that_are_no_part_of_a_run(runs: Runs, run: RunDirectory, name: str) -> None:
    raw = _changed(export_zip(run), lambda files: files.update({name: b"x"}))
    assert "no part of a run" in _refused(runs, raw)


def test_links_are_refused(runs: Runs, run: RunDirectory) -> None:
    made = io.BytesIO(export_zip(run))
    link = zipfile.ZipInfo("corpus.txt")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(made, "a") as file:
        file.writestr(link, "/etc/passwd")
    assert "no part of a run" in _refused(runs, made.getvalue())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice(runs: Runs, run: RunDirectory) -> None:
    made = io.BytesIO(export_zip(run))
    with zipfile.ZipFile(made, "a") as file:
        file.writestr("run.json", "{}")
    assert "twice" in _refused(runs, made.getvalue())


def test_damaged_checkpoints(runs: Runs, run: RunDirectory) -> None:
    weights = "checkpoints/step-00000100/model.safetensors"

    def flip(files: dict[str, bytes]) -> None:
        files[weights] = files[weights][:-1] + bytes([files[weights][-1] ^ 1])

    raw = export_zip(run)
    assert "SHA-256" in _refused(runs, _changed(raw, flip))
    assert "missing" in _refused(runs, _changed(raw, lambda files: files.pop(weights)))
    assert "MANIFEST.json" in _refused(
        runs, _changed(raw, lambda files: files.pop("checkpoints/step-00000100/MANIFEST.json"))
    )


@pytest.mark.parametrize("change", [{"config": {}}, {"version": 99}, {"config": {"steps": "many"}}])
def test_a_recipe_that_cannot_be_used(runs: Runs, run: RunDirectory, change: dict[str, object]) -> None:
    def spoil(files: dict[str, bytes]) -> None:
        files["run.json"] = json.dumps(json.loads(files["run.json"]) | change).encode()

    assert "run.json" in _refused(runs, _changed(export_zip(run), spoil))


def test_no_zips(runs: Runs, run: RunDirectory) -> None:
    raw = export_zip(run)
    for junk in (b"", b"PK\x03\x04", b"no zip at all" * 100, raw[: len(raw) // 2], raw[len(raw) // 2 :]):
        assert "zip" in _refused(runs, junk)
    assert "run.json is missing" in _refused(runs, _changed(raw, lambda files: files.pop("run.json")))
    middle = raw.find(b"loss")
    assert middle < 0 or _refused(runs, raw[:middle] + b"ssol" + raw[middle + 4 :])


def test_bombs(runs: Runs, run: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = _changed(export_zip(run), lambda files: files.update({"metrics.jsonl": bytes(90 * 2**20)}))
    assert len(raw) < 2**20
    assert "which no run does" in _refused(runs, raw)
    monkeypatch.setattr(archive, "LARGEST", 1000)
    assert "which no run does" in _refused(runs, export_zip(run))
    monkeypatch.undo()
    monkeypatch.setattr(archive, "MOST", 3)
    assert "which no run does" in _refused(runs, export_zip(run))


def test_a_checkpoint_that_vanishes_meanwhile_is_left_out(runs: Runs, run: RunDirectory) -> None:
    (run.steps()[100] / "model.safetensors").unlink()
    new = runs.get(import_zip(io.BytesIO(export_zip(run)), runs))
    assert list(new.steps()) == [0, 200]
