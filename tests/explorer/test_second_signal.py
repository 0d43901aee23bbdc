"""A person presses Ctrl-C again, or a system stops twice: server, worker and training end all the same, and cleanly."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from explorer.runs.presence import WORKER, is_there
from explorer.runs.store import Runs
from explorer.runs.worker import Worker
from llm.runs.directory import LIVE
from tests.explorer.runs.conftest import end, recipe, wait_until
from tests.explorer.runs.conftest import runs as runs
from tests.served import served

ROOT = Path(__file__).resolve().parents[2]
TWICE = """
import os, signal, sys
from pathlib import Path
from llm.runs.directory import RunDirectory
from llm.runs.loop import train_run
from llm.runs.onlooker import Onlooker

class Impatient(Onlooker):
    def show(self, report):
        if report.step == 3:
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)

train_run(RunDirectory(Path(sys.argv[1])), True, Impatient())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_told_twice_leaves_no_worker_behind(runs: Runs, number: signal.Signals) -> None:
    with served(runs.home) as server:
        wait_until(runs.attended)
        server.process.send_signal(number)
        server.process.send_signal(number)
        _, errors = server.process.communicate(timeout=60)
        assert server.process.returncode == 0
        assert "Traceback" not in errors
    wait_until(lambda: not is_there(runs.home / WORKER))


def test_a_worker_told_again_and_again_ends_and_its_training_goes_on(runs: Runs) -> None:
    run = runs.get(runs.submit(recipe(1_000_000)))
    words = [sys.executable, "-m", "explorer", "worker", "--home", str(runs.home)]
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL) as worker:
        wait_until(lambda: run.status().state == "running")
        while worker.poll() is None:
            worker.send_signal(signal.SIGTERM)
            time.sleep(0.001)
        assert worker.returncode == 0
    assert not runs.attended()
    step = run.status().step
    wait_until(lambda: run.status().state == "running" and run.status().step > step)


def test_a_training_told_twice_ends_at_once_and_goes_on_from_its_last_checkpoint(runs: Runs) -> None:
    run = runs.get(runs.submit(recipe(1_000_000)))
    impatient = Worker(runs, lambda of: [sys.executable, "-c", TWICE, str(of.path)])

    def is_over() -> bool:
        impatient.tick()
        return run.status().state not in ("queued", *LIVE) and run.status().pid is None

    wait_until(is_over)
    status = run.status()
    assert (status.state, list(run.steps())) == ("killed", [])
    assert status.message.startswith("The signal SIGTERM ended it ")
    assert status.message.endswith("It had no checkpoint yet; resume begins anew.")
    runs.resume(run.id)
    ordinary = Worker(runs)
    wait_until(lambda: (ordinary.tick(), run.status().step > 5)[1])  # type: ignore[func-returns-value]
    end(run)
    wait_until(lambda: (ordinary.tick(), run.status().pid is None)[1])  # type: ignore[func-returns-value]
