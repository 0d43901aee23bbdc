"""Samples are read whatever else is in the file."""

import json
from pathlib import Path
from typing import Any

from explorer.analysis.samples import sample_at


def row(step: int, **changes: Any) -> str:
    plain = {"step": step, "prompt": "", "seed": 7, "temperature": 0.8, "ids": [1, 2], "text": "", "surprise": [0.5, 2]}
    return json.dumps({**plain, **changes}) + "\n"


def test_the_newest_up_to_the_step(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(row(0) + row(100, seed=1) + row(100, seed=2) + row(200))
    found = sample_at(path, 150)
    assert found
    assert (found.step, found.seed, found.ids, found.surprise) == (100, 2, (1, 2), (0.5, 2.0))


def test_the_prompts_ids_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(row(1, ids=[5, 6, 1, 2]))
    found = sample_at(path, 1)
    assert found
    assert found.ids == (1, 2)


def test_damaged_lines_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    bad = [row(9, ids=[1]), row(9, surprise=[None, 1]), row(9, ids="x"), row(9, ids=[-1, 2]), "[]\n", "\xff\n", "{\n"]
    path.write_text(row(1) + "".join(bad) + row(9)[:30])
    found = sample_at(path, 10)
    assert found
    assert found.step == 1


def test_no_file_no_sample(tmp_path: Path) -> None:
    assert sample_at(tmp_path / "samples.jsonl", 10) is None
    (tmp_path / "samples.jsonl").write_bytes(b"")
    assert sample_at(tmp_path / "samples.jsonl", 10) is None
