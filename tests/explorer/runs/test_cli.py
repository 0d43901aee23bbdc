"""`python -m explorer runs`: sentences and JSON, never a traceback; 0, 1 and 2."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from explorer.runs import cli, training
from explorer.runs.cli_words import WIDTH
from explorer.runs.store import Runs
from llm.runs.directory import Status
from llm.runs.process import start_of
from tests.explorer.command import explorer
from tests.explorer.runs.conftest import recipe
from tests.tiny_run import tiny_run


class Terminal:
    """Types commands for one home."""

    def __init__(self, home: Path, capture: pytest.CaptureFixture[str]) -> None:
        self._home, self._capture = home, capture

    def says(self, *words: str) -> str:
        assert cli.main([*words, "--home", str(self._home)]) == 0
        said = self._capture.readouterr()
        assert said.err == ""
        return said.out

    def answers(self, *words: str) -> Any:
        return json.loads(self.says(*words, "--json"))

    def refuses(self, *words: str) -> str:
        assert cli.main([*words, "--home", str(self._home)]) == 1
        said = self._capture.readouterr()
        assert said.out == ""
        assert said.err.startswith("explorer: ")
        assert said.err.count("\n") == 1
        return said.err


@pytest.fixture
def terminal(runs: Runs, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("EXPLORER_HOME", str(runs.home))  # set again by every command, and taken back after the test
    return Terminal(runs.home, capsys)


def test_a_life(runs: Runs, terminal: Terminal, tmp_path: Path) -> None:
    tiny_run(runs.root / "x")
    id = runs.submit(recipe(), "mine")
    found = {run["id"]: run for run in terminal.answers("ls")}
    assert found[id]["state"] == "queued"
    assert found[id]["waiting_behind"] == 0
    assert found["x"]["checkpoints"] == [0, 100, 200]
    assert found["induction"]["shipped"]
    assert "mine" in terminal.says("ls")
    assert terminal.answers("show", "mine")["recipe"] == recipe().to_dict()
    assert "stopped" in terminal.says("stop", id[:-1])
    assert "no worker is there" in terminal.says("resume", "mine")
    assert terminal.answers("reindex") == {"runs": 2, "waiting": 1}
    assert list(terminal.answers("rm", "mine", "x")) == [id, "x"]
    assert len(terminal.answers("ls", "--trash")) == 2
    assert terminal.answers("restore", "x") == ["x"]
    path = tmp_path / "x.zip"
    assert terminal.answers("export", "x", str(path))["bytes"] == path.stat().st_size
    assert "is there already" in terminal.refuses("export", "x", str(path))
    new = terminal.answers("import", str(path))["id"]
    assert list(runs.get(new).steps()) == [0, 100, 200]
    assert terminal.answers("tensorboard", "x", str(tmp_path / "tb")) == {"x": 0}
    assert terminal.answers("empty-trash") == [id]


@pytest.mark.parametrize(
    "words",
    [("show", "none"), ("show", "../x"), ("pause", ""), ("restore", "x"), ("import", "/none.zip"), ("rm", "induction")],
)
def test_refusals(terminal: Terminal, words: tuple[str, ...]) -> None:
    terminal.refuses(*words)


def test_a_file_that_is_not_there_is_named_without_a_number(terminal: Terminal) -> None:
    assert "/none.zip: No such file or directory; see" in terminal.refuses("import", "/none.zip")


def test_two_that_could_be_meant(runs: Runs, terminal: Terminal) -> None:
    for steps in (100, 200):
        runs.submit(recipe(steps), "same")
    assert "give more of the id" in terminal.refuses("rm", "same")

    assert len(set(re.findall(r"\d{8}-\d{6}-\w{4}", terminal.refuses("show", "same")))) == 2


def test_a_short_id_is_enough(runs: Runs, terminal: Terminal) -> None:
    for id in ("20260101-000000-abcd", "20260102-000000-wxyz", "20260103-000000-wxyz"):
        tiny_run(runs.root / id)
    for word in ("abcd", "20260101", "20260101-000000-abcd"):
        assert terminal.answers("show", word)["id"] == "20260101-000000-abcd"
    said = terminal.refuses("rm", "wxyz")
    assert "20260102-000000-wxyz" in said
    assert "20260103-000000-wxyz" in said
    assert "There is no run 'bcd'" in terminal.refuses("show", "bcd")


def test_show_is_read_by_a_person(runs: Runs, terminal: Terminal) -> None:
    tiny_run(runs.root / "x").set_label(name="Sums", note="why\nit works")
    lines = terminal.says("show", "x").splitlines()
    assert max(len(line) for line in lines if not line.startswith("directory")) <= WIDTH
    said = {line[:14].strip(): line[14:] for line in lines if not line.startswith(" ")}
    assert said["state"] == "finished, step 200 of 200"
    assert said["checkpoints"] == "3, at steps 0 · 100 · 200"
    assert said["note"] == "why\N{REPLACEMENT CHARACTER}it works"
    assert said["tokenizer"].startswith("kind\N{NO-BREAK SPACE}char")
    assert "{" not in "".join(lines)


def test_a_run_that_says_nothing_at_its_end_leaves_no_space_behind(runs: Runs, terminal: Terminal) -> None:
    tiny_run(runs.root / "x")
    assert terminal.says("stop", "x") == "x: finished.\n"


def test_stop_without_a_worker_holds_the_run_to_it(
    runs: Runs, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "GRACE", 0.3)
    run = runs.get(runs.submit(recipe()))
    with subprocess.Popen(["/bin/sh", "-c", "trap '' TERM; sleep 1000"], start_new_session=True) as deaf:
        run.write_status(Status("running", 5, 300, pid=deaf.pid, process_started=start_of(deaf.pid)))
        assert "killed" in terminal.says("stop", run.id)
    assert run.status().state == "killed"


def test_wrong_words_and_wrong_homes(tmp_path: Path) -> None:
    for words, said in (
        (["fly"], "invalid choice"),
        ([], "COMMAND"),
        (["ls", "--home", str(tmp_path / "none")], "make it first"),
    ):
        done = explorer("runs", *words)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr
