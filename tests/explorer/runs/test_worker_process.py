"""`python -m explorer worker` with real trainings: killed, without its server, one for a home."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from explorer.runs.presence import WORKER, is_there
from explorer.runs.store import Runs
from llm.runs.directory import RunDirectory, Status
from llm.runs.lock import only_writer
from llm.runs.process import start_of
from tests.explorer.runs.conftest import recipe, wait_until

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def _worker(runs: Runs, *options: str, stdin: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m explorer worker`, killed at the end."""
    words = [sys.executable, "-m", "explorer", "worker", "--home", str(runs.home), *options]
    with subprocess.Popen(words, cwd=ROOT, stdin=stdin, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: runs.attended() or process.poll() is not None)
            yield process
        finally:
            process.kill()


def _reaches(run: RunDirectory, step: int) -> Callable[[], bool]:
    return lambda: run.status().state == "running" and run.status().step >= step


def test_imports_neither_torch_nor_streamlit() -> None:
    code = "import sys, explorer.runs.worker_process; print({'torch', 'numpy', 'streamlit'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"


@pytest.mark.timeout(300)
def test_neither_a_killed_worker_nor_a_lost_queue_touches_a_training(runs: Runs) -> None:
    first, second = runs.submit(recipe(1_000_000)), runs.submit(recipe(50))
    run = runs.get(first)
    with _worker(runs) as worker:
        wait_until(_reaches(run, 5))
        runs.queue.path.unlink()
        wait_until(lambda: runs.position(second) == 0)
        runs.queue.path.write_bytes(random.Random(0).randbytes(10_000))
        wait_until(lambda: list(runs.home.glob("queue.sqlite.corrupt-*")))
        worker.kill()
        worker.wait()
    before = run.status()
    wait_until(_reaches(run, before.step + 5))
    with _worker(runs):
        wait_until(_reaches(run, before.step + 10))
        assert (run.status().pid, run.status().process_started) == (before.pid, before.process_started)
        assert runs.position(second) == 0  # one at a time
        runs.stop(second)
        runs.stop(first)
        wait_until(lambda: run.status().state == "stopped")
    assert max(run.steps()) == run.status().step
    assert runs.get(second).status().state == "stopped"


@pytest.mark.timeout(300)
def test_a_killed_training_resumes_and_a_worker_whose_server_is_gone_does_what_is_left(runs: Runs) -> None:
    run = runs.get(runs.submit(recipe(1_000_000)))
    with _worker(runs, "--while-stdin", stdin=subprocess.PIPE) as worker:
        wait_until(_reaches(run, 30))
        os.kill(run.status().pid or 0, signal.SIGKILL)
        wait_until(lambda: run.status().pid is None)
        status = run.status()
        assert status.state == "killed"
        assert "was killed from outside at step" in status.message
        assert "checkpoint of step" in status.message
        runs.resume(run.id)
        assert worker.stdin
        worker.stdin.close()
        wait_until(_reaches(run, status.step + 1))
        runs.stop(run.id)
        assert worker.wait(60) == 0
    assert run.status().state == "stopped"
    assert not runs.attended()


def test_a_worker_without_its_server_makes_way_for_the_next(runs: Runs) -> None:
    """A server was killed and started again: Ctrl-C must reach the worker that starts what waits."""
    run = RunDirectory.create(runs.root / "x", recipe())
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as sleeper, only_writer(run):
        run.write_status(Status("running", 5, 300, pid=sleeper.pid, process_started=start_of(sleeper.pid)))
        waiting = runs.submit(recipe(50))
        with _worker(runs, "--while-stdin", stdin=subprocess.PIPE) as old:
            assert old.stdin
            old.stdin.close()
            with _worker(runs, "--while-stdin", stdin=subprocess.PIPE) as new:
                assert old.wait(60) == 0
                wait_until(lambda: is_there(runs.home / WORKER))
                new.terminate()
                assert new.wait(60) == 0
        sleeper.kill()
    assert not list(runs.home.glob("worker*.json"))
    assert runs.get(waiting).status().state == "queued"


def test_one_worker_for_a_home(runs: Runs) -> None:
    with _worker(runs):
        words = [sys.executable, "-m", "explorer", "worker", "--home", str(runs.home)]
        second = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 2
    assert second.stderr == f"explorer: Another worker is at work in {runs.home}; one is enough.\n"
