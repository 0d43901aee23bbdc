"""Many processes at one queue, and a queue that is lost, damaged or replaced while it is used."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from explorer.runs.queue import Queue, Turn
from llm.runs.config import RunError

ROOT = Path(__file__).resolve().parents[3]
WORKER = """
import sys
from pathlib import Path
from explorer.runs.queue import Queue
queue, mine, n = Queue(Path(sys.argv[1]), list), sys.argv[2], int(sys.argv[3])
for i in range(n):
    with queue.turn() as turn:
        turn.add(f"{mine}-{i}")
while True:
    with queue.turn() as turn:
        waiting = turn.waiting()
        if not waiting:
            break
        assert turn.remove(waiting[0])
    print(waiting[0])
"""


def _waiting(queue: Queue) -> list[str]:
    with queue.turn() as turn:
        return turn.waiting()


def _add(queue: Queue, *runs: str) -> None:
    with queue.turn() as turn:
        for run in runs:
            turn.add(run)


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(tmp_path / "queue.sqlite", lambda: ["from", "the runs"])


def test_two_processes_put_in_and_take_out_a_hundred_each_run_once(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(path), name, "50"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    said = [process.communicate(timeout=90) for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    taken = [line for out, _ in said for line in out.split()]
    left = _waiting(Queue(path, list))
    assert sorted(taken + left) == sorted(f"{name}-{i}" for name in "ab" for i in range(50))


def test_order_is_kept_and_a_run_waits_once(queue: Queue) -> None:
    _add(queue, "b", "a", "c", "b")
    assert _waiting(queue) == ["from", "the runs", "b", "a", "c"]
    with queue.turn() as turn:
        assert turn.remove("b")
        assert not turn.remove("b")
    _add(queue, "b")
    assert _waiting(queue) == ["from", "the runs", "a", "c", "b"]


def _add_to_none(turn: Turn, path: Path) -> None:
    path.unlink()
    turn.add("y")


def _add_never(turn: Turn) -> None:
    turn.add("never")
    raise ValueError("a step too far")


def test_a_turn_that_raises_changes_nothing(queue: Queue) -> None:
    with pytest.raises(ValueError, match="step"), queue.turn() as turn:
        _add_never(turn)
    assert _waiting(queue) == ["from", "the runs"]


def test_lost_file_is_made_anew_from_the_runs(queue: Queue) -> None:
    _add(queue, "x")
    queue.path.unlink()
    assert _waiting(queue) == ["from", "the runs"]
    assert queue.rebuild() == 2


@pytest.mark.parametrize("size", [600, 4096, 20_000])
def test_junk_is_put_aside(queue: Queue, size: int) -> None:
    _add(queue, "x")
    junk = random.Random(size).randbytes(size)
    queue.path.write_bytes(junk)
    assert _waiting(queue) == ["from", "the runs"]
    (aside,) = queue.path.parent.glob("queue.sqlite.corrupt-*")
    assert aside.read_bytes() == junk


def test_damage_inside_is_put_aside(queue: Queue) -> None:
    _add(queue, *(f"run {i}" for i in range(500)))
    raw = bytearray(queue.path.read_bytes())
    raw[4096:] = b"\xff" * (len(raw) - 4096)
    queue.path.write_bytes(raw)
    assert _waiting(queue) == ["from", "the runs"]
    assert len(list(queue.path.parent.glob("*.corrupt-*"))) == 1


def test_another_programs_database_is_put_aside(queue: Queue) -> None:
    other = sqlite3.connect(queue.path)
    other.execute("CREATE TABLE notes (text)")
    other.execute("PRAGMA user_version = 7")
    other.commit()
    other.close()
    assert _waiting(queue) == ["from", "the runs"]


def test_many_find_the_damage_at_once_and_one_mends_it(queue: Queue) -> None:
    queue.path.write_bytes(b"not a database, " * 1000)
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(_waiting(queue))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["from", "the runs"]] * 8
    assert len(list(queue.path.parent.glob("*.corrupt-*"))) == 1


def test_deleted_in_the_middle_of_a_turn(queue: Queue) -> None:
    _add(queue, "x")
    with pytest.raises(RunError, match="try again"), queue.turn() as turn:
        _add_to_none(turn, queue.path)
    assert _waiting(queue) == ["from", "the runs"]


def test_a_place_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be used"), Queue(tmp_path / "none" / "queue.sqlite", list).turn():
        pass
    assert os.listdir(tmp_path) == []  # noqa: PTH208
