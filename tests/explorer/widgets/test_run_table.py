"""The ledger's payload and words: what a row says, which colours the chosen runs have, what cannot be compared."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.runs.store import Runs
from explorer.widgets.run_ledger import value_words
from explorer.widgets.run_overlay import caution, panels
from explorer.widgets.run_rows import rows
from explorer.widgets.run_table import color, payload
from llm.runs.directory import Status
from llm.runs.process import start_of
from tests.explorer.widgets.test_component import unpack
from tests.made_runs import add_rows, made_run


def test_payload(tmp_path: Path) -> None:
    made_run(tmp_path, "20260101-000000-aaaa", name="one", lr=1e-3)
    made_run(tmp_path, "20260102-000000-aaaa", "queued", step=0)
    made_run(tmp_path, "20260103-000000-aaaa", "queued", step=0, lr=1e-3)
    header, arrays = unpack(payload(rows(Runs(tmp_path)), ["20260101-000000-aaaa"], None, 0))
    assert [row["id"][:8] for row in header["rows"]] == ["20260103", "20260102", "20260101"]
    assert {row["sentence"] for row in header["rows"][:2]} == {"Queued, next", "Queued, 1 before it"}
    assert header["names"] == ["learning rate"]
    assert header["rows"][2]["recipe"] == {"learning rate": "1e−3"}
    assert [row["points"] for row in header["rows"]] == [0, 0, 6]
    assert arrays["sparks"].tolist()[:6] == [10, 20, 30, 40, 50, 60]


def test_a_branch_names_its_parent(tmp_path: Path) -> None:
    made_run(tmp_path, "20260101-000000-aaaa", name="mother")
    child = made_run(tmp_path, "20260102-000000-aaaa")
    child.write_record(child.config(), parent={"id": "20260101-000000-aaaa", "step": 20})
    header, _ = unpack(payload(rows(Runs(tmp_path)), [], None, 0))
    assert header["rows"][0]["parent"] == "from mother, step 20"


def test_colours_stay_with_their_slots() -> None:
    assert color([None, "b", "c"], "c", "b") == "--run-2"
    many = list("abcdefg")
    assert {color(many, id, "c") for id in many} == {"--ink", "--axis"}
    assert color(many, "c", "c") == "--ink"


def test_different_tokens_are_laid_over_in_bits_per_byte(tmp_path: Path) -> None:
    made_run(tmp_path, "20260101-000000-aaaa")
    made_run(tmp_path, "20260102-000000-aaaa", seed=1)
    found = rows(Runs(tmp_path))
    ids = [row.id for row in found]
    assert panels(found, ids, None)[0].unit == "nats per token"
    assert caution(found) == ""
    finer = replace(found[0], facts=replace(found[0].facts, tokens=("other",)))
    assert panels([finer, *found[1:]], ids, None)[0].unit == "bits per byte"
    assert "bits per byte" in caution([finer, *found[1:]])
    easier = replace(found[0], facts=replace(found[0].facts, text=("other",)))
    assert "different texts" in caution([easier, *found[1:]])


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("text", None, "none"),
        ("bias", True, "yes"),
        ("learning rate", 1e-3, "1e−3"),
        ("Muon's rate", 0.5, "0.5"),
        ("validation fraction", 0.05, "5%"),
        ("warmup fraction", 0.025, "2.5%"),
        ("dropout", 0.05, "0.05"),
        ("norm eps", 1e-5, "1e−5"),
        ("context", 4096, "4,096"),
        ("positions", "rope", "RoPE"),
        ("corpus", "x_y", "x y"),
    ],
)
def test_values(name: str, value: object, words: str) -> None:
    assert value_words(name, value) == words


def test_a_row_is_made_anew_when_its_files_change(tmp_path: Path) -> None:
    run, other = (made_run(tmp_path, f"2026010{i}-000000-aaaa") for i in (1, 2))
    first = rows(Runs(tmp_path))
    assert [row is same for row, same in zip(rows(Runs(tmp_path)), first, strict=True)] == [True, True]
    run.set_label(name="mine")
    second = rows(Runs(tmp_path))
    assert [row.name for row in second] == [other.id, "mine"]
    assert second[0] is first[0]
    add_rows(run, 61, 70, 1.0)
    run.write_status(replace(run.status(), step=70))
    third = rows(Runs(tmp_path))[1]
    assert (third.status.step, third.facts.best_step) == (70, 70)
    run.path.rename(tmp_path / "elsewhere")
    assert [row.id for row in rows(Runs(tmp_path))] == [other.id]


def test_a_live_run_is_read_each_time(tmp_path: Path) -> None:
    run = made_run(tmp_path, "20260101-000000-aaaa", step=30)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as sleeper:
        run.write_status(Status("running", 30, 60, pid=sleeper.pid, process_started=start_of(sleeper.pid)))
        assert rows(Runs(tmp_path))[0].status.state == "running"
        add_rows(run, 31, 40)
        assert rows(Runs(tmp_path))[0].facts.best_step == 40
        sleeper.kill()
        sleeper.wait()
        assert rows(Runs(tmp_path))[0].status.state == "killed"
