"""A run's small files, whatever somebody wrote into them: read without raising, or refused in a sentence."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from llm.runs.config import RunError
from llm.runs.directory import Control, Status
from llm.runs.requests import Requests
from tests.llm.runs.tiny_run import create


@pytest.mark.parametrize(
    "change",
    [
        {"pid": "abc"},
        {"pid": -1},
        {"pid": 1.5},
        {"pid": [1]},
        {"pid": True},
        {"process_started": 5},
        {"seconds": float("inf")},
        {"seconds": 10**400},
        {"state": ["running"]},
        {"step": "1"},
    ],
)
def test_a_status_that_means_nothing_is_damaged(change: dict[str, Any], tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    live = Status("running", 1, 2, pid=2**22 + 1, process_started="x")
    (run.path / "status.json").write_text(json.dumps({**asdict(live), **change}))
    assert run.status().state == "damaged"


def test_half_a_character_can_be_read_shown_and_written_again(tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    (run.path / "label.json").write_text(json.dumps({"name": "a\ud800", "note": ""}))
    run.set_label(note="b")
    assert (run.label().name, run.label().note) == ("a�", "b")
    run.write_record(run.config(), command="\ud800")
    assert run.record()["command"] == "?"


@pytest.mark.parametrize(
    "raw", [b"", b"[", b"\xff", b'{"want": "stop"}', b'{"want": "fly", "lr_scale": 1}', b"[" * 10**5]
)
def test_a_damaged_wish_leaves_the_one_before(raw: bytes, tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    run.ask(want="pause", lr_scale=0.5)
    requests = Requests(run)
    assert requests.pause
    (run.path / "control.json").write_bytes(raw)
    assert requests.control() == Control("pause", 0.5)
    assert run.control() == Control()
    run.ask(want="stop")
    assert requests.stop


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"device": 5}, "device must be a text, got 5"),
        ({"prompt": None}, "prompt must be a text, got None"),
        ({"threads": "x"}, "threads must be a whole number, got 'x'"),
        ({"checkpoint_every": 1.5}, "checkpoint_every must be a whole number, got 1.5"),
        ({"keep": True}, "keep must be a whole number, got True"),
        ({"validation_fraction": "a"}, "validation_fraction must be a number, got 'a'"),
        ({"timeline": [1.5]}, "timeline must hold whole numbers"),
        ({"timeline": 5}, "damaged"),
        ({"tokenizer": {"kind": "bpe", "n_vocab": "x", "directory": None}}, "n_vocab must be a whole number"),
        ({"tokenizer": {}}, "damaged"),
        ({"tokenizer": 5}, "damaged"),
        ({"corpus_file": 5}, "damaged"),
    ],
)
def test_a_recipe_of_the_wrong_kinds_is_refused(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    record = json.loads((run.path / "run.json").read_text())
    record["config"] |= change
    (run.path / "run.json").write_text(json.dumps(record))
    with pytest.raises(RunError, match=said):
        run.config()
