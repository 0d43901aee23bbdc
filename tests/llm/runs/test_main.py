"""`python -m llm.runs` as a worker starts it: real signals, real limits of disk and memory."""

import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from llm.runs.__main__ import main
from llm.runs.directory import RunDirectory, Status
from llm.runs.loop import train_run
from llm.runs.onlooker import Onlooker
from llm.training.trainer import StepReport
from tests.llm.runs.tiny_run import CONFIG, create, rows

ROOT = Path(__file__).parents[3]


@contextmanager
def training(run: RunDirectory, limit: Callable[[], None] | None = None) -> Iterator[subprocess.Popen[str]]:
    """The process that trains the run; ended at the block's end if it is still there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "llm.runs", str(run.path)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


class CtrlC(Onlooker):
    """Pressed after the first update that it sees."""

    def __init__(self, times: int = 1) -> None:
        self._left = times

    def show(self, report: StepReport) -> None:
        while self._left:
            self._left -= 1
            signal.raise_signal(signal.SIGINT)
            time.sleep(0.05)  # two that come before Python has looked are one to it


def wait_until(run: RunDirectory, fits: Callable[[Status], bool]) -> None:
    while not fits(run.status()):
        time.sleep(0.01)


def test_a_signal_stops_it_with_a_checkpoint_and_a_second_trainer_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = create(tmp_path / "run", steps=10**6)
    with training(run) as process:
        wait_until(run, lambda status: status.state == "running" and status.step > 0)
        assert run.status().pid == process.pid
        assert main([str(run.path)]) == 2
        assert "being trained by another process" in capsys.readouterr().err
        process.send_signal(signal.SIGTERM)
        output = process.communicate()[1]
    assert process.returncode == 0
    status = run.status()
    assert f"stopped at step {status.step:,}. Stopped at step {status.step:,} of 1,000,000." in output
    assert (status.state, status.step) == ("stopped", max(run.steps()))
    assert rows(run.metrics)[-1]["step"] == status.step


def test_killed_it_counts_as_killed_and_goes_on(tmp_path: Path) -> None:
    run = create(tmp_path / "run", steps=10**6)
    with training(run) as process:
        wait_until(run, lambda status: status.state == "running" and status.step > 4)
        process.kill()
        process.communicate()
    assert run.status().state == "killed"
    assert train_run(run, True, CtrlC()).state == "stopped"
    assert max(run.steps()) == run.status().step
    assert [row["event"] for row in rows(run.events)] == ["started", "resumed", "stopped"]


def test_a_full_disk_keeps_the_last_checkpoint_and_is_gone_on_from_later(tmp_path: Path) -> None:
    """No file may outgrow a limit: the metrics do so first."""
    run = create(tmp_path / "run", steps=400, checkpoint_every=20)
    with training(run, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))) as process:
        process.communicate()
    assert process.returncode == 1
    status = run.status()
    assert status.state == "failed"
    assert status.message == "The disk is full: metrics.jsonl could not be written; free some space, then resume."
    assert max(run.steps()) <= status.step
    assert rows(run.metrics)[-1]["step"] in (status.step, status.step - 1)  # every line is whole
    run.write_record(replace(run.config(), training=replace(run.config().training, steps=status.step + 5)))
    assert train_run(run, True).state == "finished"
    assert [row["step"] for row in rows(run.metrics)] == list(range(1, status.step + 6))


@pytest.mark.parametrize("gibibytes", [4])
def test_too_little_memory_is_a_sentence(gibibytes: int, tmp_path: Path) -> None:
    """A batch whose activations take 13 GB."""
    run = create(tmp_path / "run", batch_size=10**5, model=replace(CONFIG.model, d_mlp=2048))
    limit = gibibytes * 2**30
    with training(run, lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))) as process:
        process.communicate()
    status = run.status()
    assert (status.state, status.message) == (
        "failed",
        "Out of memory; choose a smaller batch_size, n_ctx or d_model.",
    )
    assert process.returncode == 1


def test_a_second_signal_does_not_wait_for_the_checkpoint(tmp_path: Path) -> None:
    run = create(tmp_path / "run", steps=10**6, checkpoint_every=10**6)
    with pytest.raises(KeyboardInterrupt):
        train_run(run, True, CtrlC(times=2))
    assert not run.steps()
    assert run.status().state == "running"  # by this very process, which tells nobody that it is interrupted


def test_what_is_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none")]) == 2
    assert "holds no run" in capsys.readouterr().err
