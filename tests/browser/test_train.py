"""Training in a real browser: from the form to points on the curve, paused, stopped, resumed, refreshed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from explorer.runs.store import Runs
from tests.browser.tiny_pages import Idle
from tests.browser.train_page import SLOW, fill, row, says, training

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("training")


@pytest.fixture(scope="module")
def site(home: Path) -> Iterator[str]:
    with training(home) as url:
        yield url


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def steps_done(page: Page) -> int:
    return int(page.locator(".vitrine-progress").get_attribute("aria-valuenow") or 0)


def has_done(page: Page, steps: int) -> None:
    expect(page.locator(".vitrine-progress")).to_have_attribute("aria-valuenow", str(steps))


def test_a_run_from_the_form_to_its_end(page: Page, site: str, home: Path, idle: Idle) -> None:
    page.goto(f"{site}/train")
    expect(page.locator(".st-key-train_run button")).to_be_enabled()
    idle(page)
    fill(page, "model", n_layers="1", d_model="32", n_ctx="32")
    fill(page, "training", steps="4000", batch_size="2")
    expect(row(page, "Steps")).to_contain_text("4,000")
    expect(row(page, "Width")).to_contain_text("32")
    page.locator(".st-key-train_run button").dblclick()
    page.wait_for_url(re.compile(r"run=\d{8}-"))
    says(page, "Training")
    expect(page.locator(".st-key-run_curves")).to_contain_text("training", timeout=SLOW)
    first = steps_done(page)
    page.wait_for_function(
        "n => +document.querySelector('.vitrine-progress').ariaValueNow > n", arg=first, timeout=SLOW
    )
    (run,) = Runs(home).own()
    assert run.config().training.steps == 4000

    press(page, "Pause")
    says(page, "Paused")
    held = run.status().step
    has_done(page, held)
    idle(page)
    address = page.url
    assert f"run={run.id}" in address
    page.reload()
    says(page, "Paused")
    idle(page)
    assert page.url == address
    has_done(page, held)
    assert run.status().step == held
    press(page, "Continue")
    says(page, "Training")
    page.reload()
    says(page, "Training")
    assert f"run={run.id}" in page.url  # what else it says is still being written while a run goes on
    assert [found.id for found in Runs(home).own()] == [run.id], "a refresh makes no second run"

    press(page, "Stop")
    says(page, "Stopped")
    stopped = run.status().step
    assert stopped == max(run.steps())
    has_done(page, stopped)
    press(page, "Resume")
    says(page, "Training")
    page.wait_for_function(
        "n => +document.querySelector('.vitrine-progress').ariaValueNow > n", arg=stopped, timeout=SLOW
    )
    press(page, "Stop")
    says(page, "Stopped")
