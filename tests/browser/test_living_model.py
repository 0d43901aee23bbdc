"""The model in training, in a real browser: a click moves the focus, and every number is the checkpoint's own."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from explorer.analysis.probe import Probe, change, held_out, probe, probe_ids
from explorer.analysis.samples import sample_at
from llm.checkpoint import load_checkpoint
from llm.runs.directory import RunDirectory
from tests.browser.tiny_pages import Idle, Maker, too_wide
from tests.tiny_run import tiny_run

pytestmark = pytest.mark.browser

SLOW = 30_000  # ms, for what a whole page has to be made for
ID = "20260101-000000-live"


@pytest.fixture(scope="session")
def run(tiny_home: Path) -> RunDirectory:
    return tiny_run(tiny_home / "runs" / ID, "sums")


def measured(run: RunDirectory, step: int) -> Probe:
    checkpoint = load_checkpoint(run.steps()[step])
    ids = probe_ids(held_out(run.config(), run.path), checkpoint.tokenizer, checkpoint.model.config.n_ctx)
    return probe(checkpoint, ids)


def opened(page: Page, url: str, idle: Idle) -> Page:
    page.goto(f"{url}/train?run={ID}")
    expect(page.locator("#living-1-3")).to_be_attached(timeout=SLOW)
    idle(page)
    return page


def test_a_click_on_a_tile_moves_the_focus_of_all_pages(page: Page, url: str, idle: Idle, run: RunDirectory) -> None:
    opened(page, url, idle)
    page.locator("#living-1-2").click()
    expect(page.locator("#living-1-2")).to_have_attribute("aria-selected", "true")
    page.wait_for_url(re.compile("layer=1&head=2|head=2.*layer=1"), timeout=SLOW)
    page.get_by_role("link", name="Attention").click()
    expect(page.locator(".head h2").first).to_have_text("Block 1 · head 2", timeout=SLOW)


def test_arrow_keys_walk_over_the_tiles(page: Page, url: str, idle: Idle, run: RunDirectory) -> None:
    opened(page, url, idle)
    page.locator("#living-0-0").click()
    page.get_by_role("listbox", name=re.compile("Heads at step 200")).focus()
    for key, at in (("ArrowRight", "0-1"), ("ArrowDown", "1-1"), ("ArrowDown", "1-1"), ("ArrowLeft", "1-0")):
        page.keyboard.press(key)
        expect(page.locator(f"#living-{at}")).to_have_attribute("aria-selected", "true")
    moved = change(measured(run, 200), measured(run, 100))
    assert moved is not None
    card = page.locator(".card:popover-open")
    expect(card).to_contain_text("attention moved since step 100")
    assert float(card.locator(".big").inner_text().rstrip("%")) == pytest.approx(moved[1, 0] * 100, abs=0.5)


def test_surprise_and_loss_are_exact(page: Page, url: str, idle: Idle, run: RunDirectory) -> None:
    opened(page, url, idle)
    sample, found = sample_at(run.samples, 200), measured(run, 200)
    assert sample
    card = page.locator(".card:popover-open")
    page.locator("#writes-3").hover()
    expect(card.locator(".big")).to_have_text(f"{sample.surprise[3]:.2f} nats")
    page.locator("#reads-5").hover()
    expect(card.locator(".big")).to_have_text(f"{found.loss[4]:.2f} nats")
    expect(card.locator(".likely > div")).to_have_count(6)
    page.locator("#writes-0").locator("xpath=ancestor::*[@role='listbox']").focus()
    page.keyboard.press("ArrowRight")
    expect(card.locator(".big")).to_have_text(f"{sample.surprise[1]:.2f} nats")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_the_csv_holds_what_is_drawn(page: Page, url: str, idle: Idle, run: RunDirectory) -> None:
    opened(page, url, idle)
    names = []
    page.on("download", lambda download: names.append(download))
    page.get_by_role("button", name="CSV", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    download = next(one for one in names if one.suggested_filename == "vitrine-model-step200.csv")
    rows = list(csv.DictReader(io.StringIO(download.path().read_text("utf-8-sig"))))
    found = measured(run, 200)
    T = len(found.ids)
    weights = [row for row in rows if row["what"] == "pattern"]
    assert len(weights) == 2 * 4 * T * (T + 1) // 2
    for row in weights:
        layer, head, query, key = (int(row[name]) for name in ("layer", "head", "query", "key"))
        assert float(row["value"]) == pytest.approx(float(found.pattern[layer, head, query, key]), abs=1e-5)
    losses = [float(row["value"]) for row in rows if row["what"] == "reads" and row["value"]]
    assert losses == pytest.approx(found.loss)
    moved = [float(row["value"]) for row in rows if row["what"] == "change"]
    assert np.allclose(moved, change(found, measured(run, 100)).ravel())  # type: ignore[union-attr]


def test_the_table_says_the_same_in_words(page: Page, url: str, idle: Idle, run: RunDirectory) -> None:
    opened(page, url, idle)
    page.locator(".twin summary", has_text="In words and as a table").last.click()
    expect(page.get_by_text("At step 200 the model of 2 × 4 heads reads a text of")).to_be_visible()
    expect(page.get_by_role("table").filter(has_text="Heads at step 200").get_by_role("row")).to_have_count(9)


def test_it_fits_a_phone(open_page: Maker, url: str, idle: Idle, run: RunDirectory) -> None:
    page = opened(open_page(width=390, height=844, color_scheme="dark"), url, idle)
    box = page.locator("#living-1-3").bounding_box()
    assert box
    assert box["x"] + box["width"] <= 390
    assert too_wide(page) <= 0
