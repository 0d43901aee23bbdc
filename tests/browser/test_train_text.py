"""A text of one's own in a real browser: uploaded, kept over a refresh, chosen again, trained on."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from explorer.runs.store import Runs
from tests.browser.tiny_pages import Idle
from tests.browser.train_page import SLOW, change, field, fill, open_form, row, says, training

TEXT = "The hen sat on the gate. The owl asked the hen: who is at the gate? The hen said nothing.\n" * 120

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def site(home: Path) -> Iterator[str]:
    with training(home) as url:
        yield url


def test_a_text_of_ones_own(site: str, page: Page, home: Path, idle: Idle) -> None:
    page.goto(f"{site}/train")
    idle(page)
    open_form(page)
    expect(row(page, "Bigram loss")).to_be_visible(timeout=SLOW)
    expect(page.locator(".vitrine-waiting")).to_have_count(0, timeout=SLOW)
    change(page, "text")
    with page.expect_file_chooser() as chooser:  # a click waits for the popover to stand still
        page.locator('[data-testid="stFileUploaderDropzone"] button').first.click()
    chooser.value.set_files({"name": "hens.txt", "mimeType": "text/plain", "buffer": TEXT.encode()})
    expect(row(page, "Corpus")).to_contain_text("hens.txt")
    page.keyboard.press("Escape")
    fill(page, "training", steps="20", batch_size="2")
    expect(row(page, "Steps")).to_contain_text("20")
    page.reload()
    open_form(page)
    change(page, "text")
    field(page, "text").click()
    page.get_by_role("option", name="hens.txt").click()
    page.keyboard.press("Escape")
    fill(page, "model", n_layers="1", d_model="32", n_ctx="32")
    fill(page, "training", steps="20", batch_size="2")
    expect(row(page, "Steps")).to_contain_text("20")
    page.locator(".st-key-train_run button").click()
    page.wait_for_url(re.compile(r"run=\d{8}-"))
    says(page, "Finished")
    (run,) = Runs(home).own()
    assert f"run={run.id}" in page.url
    assert (run.path / "corpus.txt").read_text("utf-8") == TEXT
    status = run.status()
    assert (status.state, status.step) == ("finished", 20)
