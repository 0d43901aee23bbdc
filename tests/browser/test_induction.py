"""The birth of an induction head in a real browser: the handle, silent heads, the reader's row and a run that grows."""

import csv
import io
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from explorer.analysis.birth import Moment, moment, moment_on_row, rows_for, silenced, silent_sets
from explorer.widgets.induction import WAYS
from llm.checkpoint import Checkpoint, load_checkpoint
from llm.runs.directory import RunDirectory, Status
from llm.runs.process import start_of

pytestmark = pytest.mark.browser

SHIPPED = RunDirectory(Path(__file__).resolve().parents[2] / "assets" / "runs" / "induction")
STEPS = list(SHIPPED.steps())
Idle = Callable[[Page], None]
Maker = Callable[..., Page]


def opened(page: Page, url: str, idle: Idle, **query: str) -> Page:
    page.goto(f"{url}/induction?{urlencode(query)}")
    expect(page.locator(".stage")).to_be_visible(timeout=60_000)
    expect(page.locator(".silence > .sub")).to_contain_text("nats", timeout=90_000)  # every silenced pass is there
    idle(page)
    return page


def at(step: int) -> tuple[Checkpoint, Moment]:
    checkpoint = load_checkpoint(SHIPPED.steps()[step])
    checkpoint.model.eval().requires_grad_(False)
    return checkpoint, moment(checkpoint, rows_for(checkpoint, SHIPPED.config().corpus_seed))


def figure(page: Page, name: str) -> float:
    """The loss beside one of the heads that can be silenced."""
    row = page.locator(".radio").filter(has=page.get_by_text(name, exact=True))
    return float(row.locator(".value").inner_text())


def handle(page: Page) -> Locator:
    return page.get_by_role("slider", name="Checkpoint")


def test_dragging_the_handle_moves_through_the_checkpoints_at_once(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, at=str(STEPS[-1]))
    box = handle(page).bounding_box()
    assert box
    y = box["y"] + 100
    page.mouse.move(box["x"] + 500, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, y, steps=6)
    title = page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done("
        "[...document.querySelectorAll('*')].map(n => n.shadowRoot?.querySelector('.stripes h2')?.textContent)"
        ".find(Boolean)))))"
    )
    page.mouse.up()
    assert title == "Where each head looks, step 0"
    assert figure(page, "no head") == pytest.approx(at(0)[1].copied, abs=0.006)
    page.wait_for_url(re.compile("at=0"))


def test_the_keyboard_and_play_move_the_handle(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, at="0")
    handle(page).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".fact b")).to_have_text(f"{STEPS[1]:,}")
    page.keyboard.press("End")
    expect(page.locator(".fact b")).to_have_text(f"{STEPS[-1]:,}")
    expect(handle(page)).to_have_attribute("aria-valuetext", re.compile(f"^Step {STEPS[-1]:,} of"))
    page.keyboard.press("Home")
    expect(page.locator(".fact b")).to_have_text("0")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(".fact b")).to_have_text(f"{STEPS[-1]:,}", timeout=60_000)
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_silencing_heads_brings_the_loss_back(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, at=str(STEPS[-1]))
    checkpoint, found = at(STEPS[-1])
    sets = silent_sets(found)
    rows = rows_for(checkpoint, SHIPPED.config().corpus_seed)
    zero, mean = (
        dict(zip(sets, silenced(checkpoint, rows, tuple(sets.values()), way)[1], strict=True)) for way in WAYS
    )
    whole = figure(page, "no head")
    assert whole == pytest.approx(found.copied, abs=0.006)
    everyone = page.locator(".radio", has_text=re.compile("^(all|both).*induction"))
    assert float(everyone.locator(".value").inner_text()) == pytest.approx(zero["induction"], abs=0.006)
    assert zero["induction"] > whole + 1
    everyone.click()
    expect(page.locator(".curves")).to_contain_text("silenced")
    expect(page.locator(".curves")).to_contain_text(f"{zero['induction']:.2f}")
    expect(page.locator(".stripes .end")).to_contain_text("induction heads silent")
    page.wait_for_url(re.compile("silent=induction"))
    page.get_by_role("button", name="mean").click()
    expect(everyone.locator(".value")).to_have_text(f"{mean['induction']:.2f}", timeout=60_000)
    page.wait_for_url(re.compile("way=mean"))


def test_a_click_on_a_head_silences_it_and_another_brings_it_back(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    tile = page.locator(".tile").nth(1)
    tile.click()
    expect(tile).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".radio[aria-checked=true]")).to_contain_text("L0 H1")
    tile.click()
    expect(page.locator(".radio[aria-checked=true]")).to_contain_text("no head")


def test_a_row_of_ones_own(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, at=str(STEPS[-1]))
    page.get_by_role("textbox", name="Your own row").fill("<b>qK7!<b>qK7!<b>qK7!")
    expect(page.locator(".rowtext h2")).to_have_text("Your row")
    expect(page.locator(".cell")).to_have_count(21)
    page.wait_for_url(re.compile("row="))
    checkpoint, _ = at(STEPS[-1])
    ids = (checkpoint.tokenizer.special_tokens["<|endoftext|>"], *checkpoint.tokenizer.encode("<b>qK7!<b>qK7!<b>qK7!"))
    losses = moment_on_row(checkpoint, rows_for(checkpoint), ids).loss
    page.locator(".cell").nth(12).hover()
    card = page.locator(".card:popover-open .big")
    assert float(card.inner_text()) == pytest.approx(float(losses[12]), abs=0.006)
    page.get_by_role("textbox", name="Your own row").fill("naïve")
    expect(page.locator(".said")).to_contain_text("This model cannot read it")
    expect(page.locator(".rowtext h2")).to_have_text("A held-out row")


def test_the_csv_and_the_table_hold_the_curves(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, silent="induction")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert [int(row["step"]) for row in rows] == STEPS
    _, last = at(STEPS[-1])
    assert float(rows[-1]["loss, repeated tokens"]) == pytest.approx(last.copied, rel=1e-4)
    scores = [float(rows[-1][f"induction L{i} H{j}"]) for i, j in np.ndindex(last.induction.shape)]
    assert scores == pytest.approx(last.induction.ravel(), rel=1e-4)
    assert any("silenced (zero)" in name for name in rows[0])
    page.get_by_text("In words and as a table").click()
    expect(page.locator(".twin tr")).to_have_count(len(STEPS) + 1)


def test_a_phone_in_the_dark_without_motion(open_page: Maker, url: str, idle: Idle) -> None:
    page = open_page(width=390, height=844, color_scheme="dark", reduced_motion="reduce")
    opened(page, url, idle, row="<script>alert(1)</script> <script>")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert page.locator(".picture script").count() == 0
    expect(page.locator(".tile")).to_have_count(at(0)[1].induction.size)


@pytest.fixture
def growing(tiny_home: Path) -> Iterator[RunDirectory]:
    """A run in training, with three checkpoints so far."""
    run = RunDirectory.create(tiny_home / "runs" / "growing", SHIPPED.config(), created="2026-01-01T00:00:00Z")
    for step in STEPS[:3]:
        shutil.copytree(SHIPPED.steps()[step], run.checkpoints / SHIPPED.steps()[step].name)
    run.write_status(Status("running", STEPS[2], STEPS[-1], "", os.getpid(), start_of(os.getpid())))
    yield run
    shutil.rmtree(run.path)


def test_a_run_in_training_is_followed(page: Page, url: str, idle: Idle, growing: RunDirectory) -> None:
    page.goto(f"{url}/induction?run=growing")
    expect(page.locator(".fact b")).to_have_text(f"{STEPS[2]:,}", timeout=60_000)
    expect(page.locator(".fact")).to_contain_text("training, at step")
    for step in STEPS[3:]:
        shutil.copytree(SHIPPED.steps()[step], growing.checkpoints / SHIPPED.steps()[step].name)
    expect(page.locator(".fact b")).to_have_text(f"{STEPS[-1]:,}", timeout=60_000)
    growing.write_status(replace(growing.status(), state="finished", step=STEPS[-1], pid=None, process_started=None))
    expect(page.locator(".fact")).to_contain_text(f"checkpoint {len(STEPS)} of {len(STEPS)}", timeout=60_000)
    expect(page.locator(".radio")).to_have_count(len(silent_sets(at(STEPS[-1])[1])) + 1)
