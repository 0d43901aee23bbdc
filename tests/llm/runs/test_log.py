"""A log survives whatever a kill leaves of it, and a reader notices when it was cut back."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm.runs.log import JsonLines, Tail

ROWS: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.builds(dict, step=st.integers(0, 9), text=st.text(max_size=4), loss=st.none() | st.floats())
)


def written(path: Path, rows: list[dict[str, Any]]) -> None:
    with JsonLines(path) as log:
        for row in rows:
            log.write(row)


@settings(max_examples=50)
@given(ROWS, st.binary(max_size=20))
def test_rows_come_back_and_what_a_kill_tore_off_goes_with_the_next_writer(
    rows: list[dict[str, Any]], torn: bytes
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "log.jsonl"
        written(path, rows)
        whole = path.read_bytes()
        path.write_bytes(whole + torn.replace(b"\n", b""))
        tail = Tail(path)
        found = tail.read()
        assert [row["step"] for row in found] == [row["step"] for row in rows]
        assert all(row["loss"] is None or row["loss"] == old["loss"] for row, old in zip(found, rows, strict=True))
        written(path, [{"step": 99}])
        assert path.read_bytes() == whole + b'{"step": 99}\n'
        assert tail.read() == [{"step": 99}]
        assert not tail.restarted


@settings(max_examples=40)
@given(st.integers(0, 40), st.integers(0, 40), st.data())
def test_cut_back_and_written_on_a_reader_ends_with_what_the_file_holds(first: int, kept: int, data: Any) -> None:
    """Whenever it looked: what it holds is the file's rows, if it forgets when told to."""
    with tempfile.TemporaryDirectory() as directory:
        path, held = Path(directory) / "log.jsonl", list[dict[str, Any]]()
        tail = Tail(path)

        def look() -> None:
            found = tail.read()
            held[:] = [*([] if tail.restarted else held), *found]

        with JsonLines(path, 0) as log:
            for step in range(1, first + 1):
                log.write({"step": step, "seconds": 1.25})
                if data.draw(st.booleans()):
                    look()
        with JsonLines(path, kept) as log:
            for step in range(min(first, kept) + 1, first + 5):
                log.write({"step": step, "seconds": 2.25})
                if data.draw(st.booleans()):
                    look()
        look()
        assert held == [json.loads(line) for line in path.read_text().splitlines()]


def test_bad_lines_anywhere_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"a": 1}\n\xff\xfe\n{"a": NaN}\n[1]\n{"b"\n' + b"[" * 100_000 + b'\n{"a": 2}\n{"a": 3')
    assert Tail(path).read() == [{"a": 1}, {"a": 2}]


def test_a_damaged_line_costs_the_next_writer_no_sound_one(tmp_path: Path) -> None:
    path, rows = tmp_path / "log.jsonl", [b'{"step": 1}\n', b"\0\0\n", b'{"step": 2}\n', b'{"step": 3}\n', b"[1]\n"]
    path.write_bytes(b"".join(rows))
    with JsonLines(path, 2) as log:
        log.write({"step": 3})
    assert path.read_bytes() == b"".join(rows[:4])
    path.write_bytes(b"".join(rows) + b'{"torn')
    with JsonLines(path):
        pass
    assert path.read_bytes() == b"".join(rows[:4])


def test_a_reader_meets_no_file_another_file_and_none_again(tmp_path: Path) -> None:
    path, tail = tmp_path / "log.jsonl", Tail(tmp_path / "log.jsonl")
    assert tail.read() == []
    assert not tail.restarted
    path.write_text('{"a": 1}\n{"a')
    assert tail.read() == [{"a": 1}]
    (tmp_path / "other").write_text('{"a": 1}\n{"a": 5}\n')
    (tmp_path / "other").replace(path)
    assert tail.read() == [{"a": 1}, {"a": 5}]
    assert tail.restarted
    path.unlink()
    assert tail.read() == []
    assert tail.restarted


def test_numbers_that_are_not_finite_become_null_however_deep(tmp_path: Path) -> None:
    written(tmp_path / "log", [{"a": float("nan"), "b": {"c": (1.5, float("inf"))}}])
    assert json.loads((tmp_path / "log").read_text()) == {"a": None, "b": {"c": [1.5, None]}}


def test_a_full_disk_leaves_no_part_of_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, write = tmp_path / "log", os.write
    with JsonLines(path) as log:
        log.write({"a": 1})
        monkeypatch.setattr("llm.runs.log.os.write", lambda handle, line: write(handle, line[:3]))
        with pytest.raises(OSError, match="log could not be written: No space left"):
            log.write({"a": 2})
        monkeypatch.undo()
        log.write({"a": 3})
    assert path.read_text() == '{"a": 1}\n{"a": 3}\n'


def test_a_torn_or_later_line_goes_when_a_run_is_resumed(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    good = '{"step": 1}\n{"step": 2}\n'
    for rest in ('{"step": 3}\n', '{"ste', "\x00\x00\n", '{"step": "x"}\n', '{"step": 2}\n{"step": 9}\n'[12:]):
        path.write_text(good + rest)
        with JsonLines(path, step=2) as log:
            log.write({"step": 3, "loss": float("nan")})
        assert path.read_text() == good + '{"step": 3, "loss": null}\n'
