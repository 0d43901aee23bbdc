"""The worker's schedule: against programs that end in every way a process can."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.runs import training
from explorer.runs.store import Runs
from explorer.runs.training import Command
from explorer.runs.worker import Worker
from llm.runs.directory import LIVE, RunDirectory, Status
from llm.runs.lock import only_writer
from llm.runs.log import Tail
from llm.runs.process import start_of
from tests.explorer.runs.conftest import end, recipe, wait_until

ROOT = Path(__file__).resolve().parents[3]
CONTENDER = """
import sys, time
from pathlib import Path
from explorer.runs.store import Runs
from explorer.runs.worker import Worker
runs = Runs(Path(sys.argv[1]))
worker = Worker(runs, lambda run: ["/bin/sh", "-c", 'echo x >> "$0/ran.txt"; exit 3', str(run.path)])
while any(run.status().state in ("queued", "preparing") for run in runs.own()) or not worker.idle:
    worker.tick()
"""


def _shell(script: str) -> Command:
    return lambda run: ["/bin/sh", "-c", script, str(run.path)]


def _ended(worker: Worker, run: RunDirectory) -> Status:
    def is_over() -> bool:
        worker.tick()
        return run.status().state not in ("queued", *LIVE) and run.status().pid is None

    wait_until(is_over)
    return run.status()


def test_two_schedulers_run_each_once_in_order(runs: Runs) -> None:
    ids = [runs.submit(recipe(100 + i)) for i in range(20)]
    started = [
        subprocess.Popen([sys.executable, "-c", CONTENDER, str(runs.home)], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=90)[1].decode() for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    assert "locked" not in "".join(said)
    assert {id: (runs.root / id / "ran.txt").read_text() for id in ids} == dict.fromkeys(ids, "x\n")


def test_order_and_one_at_a_time(runs: Runs) -> None:
    script = 'echo "$0 begins" >> "$0/../order"; sleep 0.02; echo "$0 ends" >> "$0/../order"; exit 3'
    worker = Worker(runs, _shell(script))
    ids = [runs.submit(recipe(100 + i)) for i in range(4)]
    for id in ids:
        _ended(worker, runs.get(id))
    lines = [line.rsplit("/", 1)[1] for line in (runs.root / "order").read_text().split("\n")[:-1]]
    assert lines == [f"{id} {what}" for id in ids for what in ("begins", "ends")]


@pytest.mark.parametrize(
    ("script", "state", "words"),
    [
        ("kill -9 $$", "killed", "killed from outside before its first step: by hand, or by the system"),
        ("exit 137", "killed", "a smaller batch or model helps"),
        ("kill -SEGV $$", "killed", "SIGSEGV"),
        ("exit 0", "failed", "exit code 0"),
        ("echo 'error: The device is on fire; buy another.' >&2; exit 2", "failed", "The device is on fire"),
        ("echo Traceback >&2; echo 'ImportError: no torch' >&2; exit 1", "failed", "(ImportError: no torch)"),
    ],
)
def test_every_end_is_named(runs: Runs, script: str, state: str, words: str) -> None:
    run = runs.get(runs.submit(recipe()))
    status = _ended(Worker(runs, _shell(script)), run)
    assert status.state == state
    assert words in status.message
    assert runs.position(run.id) is None
    assert [event["event"] for event in Tail(run.events).read()] == [state]


def test_one_that_will_not_stop_is_killed_with_its_group(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "GRACE", 0.3)
    run = runs.get(runs.submit(recipe()))
    worker = Worker(runs, _shell("trap '' TERM; touch $0/deaf; sleep 1000 & echo $! > $0/child; wait; sleep 1000"))
    wait_until(lambda: (worker.tick(), (run.path / "child").exists())[1])  # type: ignore[func-returns-value]
    runs.stop(run.id)
    status = _ended(worker, run)
    assert status.state == "killed"
    assert "had to stop" in status.message
    child = int((run.path / "child").read_text())
    wait_until(lambda: start_of(child) is None)


def test_stopped_before_it_could_listen(runs: Runs) -> None:
    run = runs.get(runs.submit(recipe()))
    worker = Worker(runs, _shell("sleep 1000"))
    wait_until(lambda: (worker.tick(), run.status().live)[1])  # type: ignore[func-returns-value]
    runs.stop(run.id)
    status = _ended(worker, run)
    assert (status.state, status.message) == ("stopped", "Stopped before training began.")


def test_a_stop_is_said_once_however_many_workers_see_it(runs: Runs) -> None:
    script = "trap 'echo x >> $0/told' TERM; touch $0/ready; while true; do sleep 0.05; done"
    run = runs.get(runs.submit(recipe()))
    worker = Worker(runs, _shell(script))
    wait_until(lambda: (worker.tick(), (run.path / "ready").exists())[1])  # type: ignore[func-returns-value]
    runs.stop(run.id)
    wait_until(lambda: (worker.tick(), (run.path / "told").exists())[1])  # type: ignore[func-returns-value]
    another = Worker(runs, _shell(script))
    for _ in range(5):
        another.tick()
        worker.tick()
    assert (run.path / "told").read_text() == "x\n"
    end(run)
    _ended(worker, run)


@pytest.mark.parametrize(
    ("started", "words"),
    [("another-boot/1", "switched off or restarted"), ("", "without a word")],
)
def test_dead_runs_are_found_at_the_start(runs: Runs, started: str, words: str) -> None:
    run = runs.get(runs.submit(recipe()))
    here = (start_of(os.getpid()) or "").partition("/")[0]
    run.write_status(Status("running", 120, 300, pid=2**22 + 1, process_started=started or f"{here}/1"))
    runs.queue.path.unlink()
    status = _ended(Worker(runs), run)
    assert status.state == "killed"
    assert words in status.message
    assert "step 120" in status.message
    (event,) = Tail(run.events).read()
    assert (event["event"], event["step"], event["message"]) == ("killed", 120, status.message)


def test_a_recycled_pid_is_another_process(runs: Runs) -> None:
    run = runs.get(runs.submit(recipe()))
    run.write_status(Status("running", 1, 300, pid=os.getpid(), process_started="then/1"))
    assert _ended(Worker(runs), run).state == "killed"


def test_stop_and_delete_between_queue_and_start(runs: Runs) -> None:
    stopped, deleted, damaged, last = (runs.submit(recipe(100 + i)) for i in range(4))
    with runs.queue.turn() as turn:
        assert turn.waiting() == [stopped, deleted, damaged, last]
    runs.get(stopped).write_status(Status("stopped"))
    (runs.root / deleted).rename(runs.home / "elsewhere")
    (runs.root / damaged / "run.json").write_text("{}")
    worker = Worker(runs, _shell('echo x >> "$0/ran.txt"; exit 3'))
    _ended(worker, runs.get(last))
    assert not (runs.root / stopped / "ran.txt").exists()
    assert "could not be started" in runs.get(damaged).status().message
    assert worker.idle


def test_a_run_that_gives_trouble_keeps_no_other_from_its_turn(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Directories of somebody else's, which cannot be written to: one that died, one that waits first."""
    dead, barred, last = (runs.submit(recipe(100 + i)) for i in range(3))
    runs.get(dead).write_status(Status("running", 1, 300, pid=2**22 + 1, process_started="then/1"))
    write = RunDirectory.write_status

    def refuse(run: RunDirectory, status: Status) -> None:
        if run.id in (dead, barred):
            raise PermissionError(13, "Permission denied")
        write(run, status)

    monkeypatch.setattr(RunDirectory, "write_status", refuse)
    (runs.root / barred / "log.txt").mkdir()
    worker = Worker(runs, _shell("exit 3"))
    assert _ended(worker, runs.get(last)).state == "failed"
    assert runs.get(barred).status().state == "queued"


def test_a_status_that_the_disk_refuses_starts_it_no_second_time(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.get(runs.submit(recipe()))

    def full(run: RunDirectory, status: Status) -> None:
        raise OSError(28, "No space left on device")

    worker = Worker(runs, _shell('echo x >> "$0/ran.txt"; sleep 1000'))
    with monkeypatch.context() as disk:
        disk.setattr(RunDirectory, "write_status", full)
        for _ in range(5):
            worker.tick()
    wait_until((run.path / "ran.txt").exists)
    worker.tick()
    assert (run.path / "ran.txt").read_text() == "x\n"
    monkeypatch.setattr(training, "GRACE", 0.0)
    run.ask(want="stop")
    wait_until(lambda: (worker.tick(), worker.idle)[1])  # type: ignore[func-returns-value]


def test_a_run_of_the_command_line_is_found_and_counts(runs: Runs) -> None:
    run = RunDirectory.create(runs.root / "x", recipe())
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as sleeper, only_writer(run):
        run.write_status(Status("running", 5, 300, pid=sleeper.pid, process_started=start_of(sleeper.pid)))
        waiting = runs.submit(recipe(50))
        worker = Worker(runs, _shell("exit 3"))
        worker.tick()
        worker.tick()
        assert runs.position(waiting) == 0
        run.write_status(Status("paused", 5, 300, pid=sleeper.pid, process_started=start_of(sleeper.pid)))
        _ended(worker, runs.get(waiting))  # a paused run leaves its place to others
        sleeper.kill()
    assert _ended(worker, run).state == "killed"


def test_a_paused_run_leaves_its_place_and_goes_on_beside_what_took_it(runs: Runs) -> None:
    first, second, third = (runs.get(runs.submit(recipe(100 + i))) for i in range(3))
    worker = Worker(runs, _shell("sleep 1000"))
    worker.tick()
    assert [run.status().live for run in (first, second, third)] == [True, False, False]
    first.write_status(replace(first.status(), state="paused"))
    worker.tick()
    assert [run.status().live for run in (first, second, third)] == [True, True, False]
    first.write_status(replace(first.status(), state="running"))
    end(second)
    _ended(worker, second)
    worker.tick()
    assert third.status().state == "queued"  # the first has its place again
    end(first)
    _ended(worker, first)
    wait_until(lambda: (worker.tick(), third.status().live)[1])  # type: ignore[func-returns-value]
    end(third)
    _ended(worker, third)
