"""The page on the birth of a head while a run grows: followed to its end, stopped, and still at its last step then."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from explorer.analysis.birth import moment, rows_for, silent_sets
from llm.checkpoint import load_checkpoint
from llm.runs.directory import RunDirectory, Status
from tests.made_runs import remove_run
from tests.stand_in import at_work

pytestmark = pytest.mark.browser

SHIPPED = RunDirectory(Path(__file__).resolve().parents[2] / "assets" / "runs" / "induction")
STEPS = list(SHIPPED.steps())


@pytest.fixture
def growing(tiny_home: Path) -> Iterator[RunDirectory]:
    """A run in training that is on the way to its first checkpoint."""
    run = RunDirectory.create(tiny_home / "runs" / "growing", SHIPPED.config(), created="2026-01-01T00:00:00Z")
    run.write_status(Status("stopped", 0, STEPS[-1], "building the model"))
    with at_work(run):
        yield run
    remove_run(run)


def _add(run: RunDirectory, steps: list[int]) -> None:
    for step in steps:
        shutil.copytree(SHIPPED.steps()[step], run.checkpoints / SHIPPED.steps()[step].name)


def test_a_run_in_training_is_followed_and_can_be_stopped(page: Page, url: str, growing: RunDirectory) -> None:
    lead = page.locator(".vitrine-lead")
    page.goto(f"{url}/induction?run=growing")
    expect(lead).to_contain_text("building the model", timeout=60_000)
    _add(growing, STEPS[:3])
    growing.write_status(replace(growing.status(), step=STEPS[2]))
    expect(page.locator(".fact b")).to_have_text(f"{STEPS[2]:,}", timeout=60_000)
    expect(lead).to_contain_text("No head has become an induction head so far.")
    expect(lead).to_have_count(1)
    expect(page.locator(".fact")).to_contain_text("training, at step")
    expect(page.locator(".vitrine-status")).to_contain_text(f"of {STEPS[-1]:,}")
    expect(page.get_by_role("button", name="Train it yourself")).to_be_hidden()
    page.locator(".st-key-run_stop button").click()
    expect(page.locator(".vitrine-status")).to_contain_text("Stopping")
    assert growing.control().want == "stop"
    growing.ask(want="run")  # or the worker would end what stands in for the training
    _add(growing, STEPS[3:])
    expect(page.locator(".fact b")).to_have_text(f"{STEPS[-1]:,}", timeout=60_000)
    growing.write_status(replace(growing.status(), state="finished", step=STEPS[-1], pid=None, process_started=None))
    newest = f"checkpoint {len(STEPS)} of {len(STEPS)}"
    expect(page.locator(".fact")).to_contain_text(newest, timeout=60_000)
    checkpoint = load_checkpoint(SHIPPED.steps()[STEPS[-1]])
    last = moment(checkpoint, rows_for(checkpoint, SHIPPED.config().corpus_seed))
    expect(page.locator(".radio")).to_have_count(len(silent_sets(last)) + 1)
    expect(lead).to_contain_text("learns to look up")
    expect(page.locator(".silence > .sub")).to_contain_text("nats", timeout=90_000)  # nothing is left to come
    expect(page.locator(".fact")).to_contain_text(newest)
    page.get_by_role("link", name="Its recipe and all its curves").click()
    page.wait_for_url(re.compile(r"/train\?(.*&)?run=growing"))
