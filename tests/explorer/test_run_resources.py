"""What is kept of a run for all who look is never older than its files."""

from dataclasses import replace
from pathlib import Path

from explorer import run_resources
from llm.runs.directory import Status
from tests.tiny_run import tiny_run


def test_a_status_that_was_written_is_seen_at_once(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run")
    for step in range(5):
        written = Status("paused", step=step, steps=9, pid=None)
        run.write_status(written)
        assert run_resources.run_status(run).step == step
    run.write_status(replace(written, state="finished"))
    assert run_resources.run_status(run).state == "finished"


def test_a_run_without_a_status_is_what_the_directory_says(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run")
    (run.path / "status.json").unlink()
    assert run_resources.run_status(run) == run.status()
