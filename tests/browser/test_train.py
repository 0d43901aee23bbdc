"""Training in a real browser: from the form to points on the curve, paused, stopped, resumed, refreshed, uploaded."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from llm.runs.directory import LIVE, RunDirectory
from tests.browser.tiny_pages import Idle
from tests.explorer.runs.conftest import end
from tests.served import served

TEXT = "The hen sat on the gate. The owl asked the hen: who is at the gate? The hen said nothing.\n" * 120
SLOW = 60_000  # ms: a training process must be started

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("training")


@pytest.fixture(scope="module")
def site(home: Path) -> Iterator[str]:
    """`python -m explorer` with a worker of its own."""
    with served(home) as server:
        yield server.url
    for run in runs(home):
        end(run)


def runs(home: Path) -> list[RunDirectory]:
    return [RunDirectory(path.parent) for path in sorted(home.glob("runs/*/run.json"))]


def says(page: Page, word: str) -> None:
    expect(page.locator(".vitrine-status b")).to_have_text(word, timeout=SLOW)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def open_form(page: Page) -> None:
    """It is open where there is no run of one's own yet."""
    form, closed = page.locator(".st-key-train_run button"), page.get_by_role("button", name="New run", exact=True)
    expect(form.or_(closed).first).to_be_visible()
    if closed.is_visible():
        closed.click()
    expect(form).to_be_visible()


def steps_done(page: Page) -> int:
    return int(page.locator(".vitrine-progress").get_attribute("aria-valuenow") or 0)


def has_done(page: Page, steps: int) -> None:
    expect(page.locator(".vitrine-progress")).to_have_attribute("aria-valuenow", str(steps))


def fill(page: Page, group: str, **values: str) -> None:
    """Numbers of a group of the form, each by the name of its field."""
    page.locator(f".st-key-change_{group} button").first.click()
    for name, value in values.items():
        field = page.locator(f'[class*="st-key-draft_{name}-"] input')
        field.fill(value)
        field.press("Enter")
    page.keyboard.press("Escape")


def test_a_run_from_the_form_to_its_end(page: Page, site: str, home: Path, idle: Idle) -> None:
    page.goto(f"{site}/train")
    expect(page.locator(".st-key-train_run button")).to_be_enabled()
    idle(page)
    fill(page, "model", n_layers="1", d_model="32", n_ctx="32")
    fill(page, "training", steps="4000", batch_size="2")
    expect(page.locator(".vitrine-rows", has_text="Steps")).to_contain_text("4,000")
    expect(page.locator(".vitrine-rows", has_text="Width")).to_contain_text("32")
    page.locator(".st-key-train_run button").dblclick()
    page.wait_for_url(re.compile(r"run=\d{8}-"))
    says(page, "Training")
    expect(page.locator(".st-key-run_curves")).to_contain_text("training", timeout=SLOW)
    first = steps_done(page)
    page.wait_for_function(
        "n => +document.querySelector('.vitrine-progress').ariaValueNow > n", arg=first, timeout=SLOW
    )
    (run,) = runs(home)
    assert run.config().training.steps == 4000

    press(page, "Pause")
    says(page, "Paused")
    held = run.status().step
    has_done(page, held)
    page.reload()
    says(page, "Paused")
    assert f"run={run.id}" in page.url
    has_done(page, held)
    assert run.status().step == held
    press(page, "Continue")
    says(page, "Training")
    page.reload()
    says(page, "Training")
    assert f"run={run.id}" in page.url
    assert [found.id for found in runs(home)] == [run.id], "a refresh makes no second run"

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


def test_a_text_of_ones_own(page: Page, site: str, home: Path, idle: Idle) -> None:
    before = {run.id for run in runs(home)}
    page.goto(f"{site}/train")
    idle(page)
    open_form(page)
    expect(page.locator(".vitrine-rows", has_text="Bigram loss")).to_be_visible(timeout=SLOW)
    expect(page.locator(".vitrine-waiting")).to_have_count(0, timeout=SLOW)
    page.locator(".st-key-change_text button").first.click()
    with page.expect_file_chooser() as chooser:  # a click waits for the popover to stand still
        page.locator('[data-testid="stFileUploaderDropzone"] button').first.click()
    chooser.value.set_files({"name": "hens.txt", "mimeType": "text/plain", "buffer": TEXT.encode()})
    expect(page.locator(".vitrine-rows", has_text="Corpus")).to_contain_text("hens.txt")
    page.keyboard.press("Escape")
    fill(page, "training", steps="20", batch_size="2")
    expect(page.locator(".vitrine-rows", has_text="Steps")).to_contain_text("20")
    page.reload()
    open_form(page)
    page.locator(".st-key-change_text button").first.click()
    page.locator('[class*="st-key-draft_text-"] input').click()
    page.get_by_role("option", name="hens.txt").click()
    page.keyboard.press("Escape")
    fill(page, "model", n_layers="1", d_model="32", n_ctx="32")
    fill(page, "training", steps="20", batch_size="2")
    expect(page.locator(".vitrine-rows", has_text="Steps")).to_contain_text("20")
    page.locator(".st-key-train_run button").click()
    page.wait_for_url(lambda at: any(run.id in at for run in runs(home) if run.id not in before))
    says(page, "Finished")
    (run,) = [run for run in runs(home) if run.id not in before]
    assert (run.path / "corpus.txt").read_text("utf-8") == TEXT
    assert run.status().step == 20
    assert not any(found.status().state in LIVE for found in runs(home))
