"""The foot of the sidebar names the run that trains; a run that ended is not named."""

from pathlib import Path

from explorer.run_resources import RunNow
from explorer.widgets.training_now import at_work, words
from llm.runs.directory import RunDirectory, RunState, Status


def made(name: str, state: RunState, step: int = 0) -> RunNow:
    return RunNow(RunDirectory(Path(name)), name, Status(state, step, 5000), ())


def test_the_one_that_trains_comes_first() -> None:
    runs = [made("a", "queued"), made("Sums <b>", "running", 1240), made("c", "paused"), made("d", "finished", 5000)]
    found = at_work(runs)
    assert [run.name for run in found] == ["Sums <b>", "c", "a"]
    said = words(found)
    assert "<span>Training now</span><strong>Sums &lt;b&gt;</strong>" in said
    assert "step 1,240 of 5,000\nand 2 more" in said


def test_what_is_not_at_work_is_not_named() -> None:
    ended: list[RunState] = ["stopped", "finished", "failed", "killed", "damaged"]
    assert at_work(made(state, state) for state in ended) == []


def test_a_run_being_prepared_says_what_it_does() -> None:
    run = RunNow(RunDirectory(Path("a")), "a", Status("preparing", message="Learning 1,024 tokens"), ())
    assert words([run]) == "<span>Preparing</span><strong>a</strong><em>Learning 1,024 tokens</em>"
