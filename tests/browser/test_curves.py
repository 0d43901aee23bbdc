"""Curves as a person uses them: exact values under pointer and keys, zoom and smoothing kept while data grow."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from llm.runs.directory import RunDirectory
from tests.browser.tiny_pages import Idle
from tests.made_runs import STEPS, add_rows, made_run, remove_run
from tests.stand_in import at_work

pytestmark = pytest.mark.browser

LIVE = "20260103-000000-live"


@pytest.fixture
def run(tiny_home: Path) -> Iterator[RunDirectory]:
    """A run with something at work on it, half way."""
    made = made_run(tiny_home, LIVE, "stopped", step=STEPS // 2, name="growing")
    with at_work(made):
        yield made
    remove_run(made)


@pytest.fixture
def board(page: Page, url: str, idle: Idle, run: RunDirectory) -> Locator:
    page.goto(f"{url}/runs?run={LIVE}")
    found = page.locator(".board")
    expect(found.locator(".line").first).to_be_visible()
    idle(page)
    return found


def grow(run: RunDirectory, first: int, last: int) -> None:
    add_rows(run, first, last)
    run.write_status(replace(run.status(), step=last))


def table(page: Page) -> list[list[str]]:
    """What the share row saves of the curves."""
    with page.expect_download(lambda d: "curves" in d.suggested_filename) as saved:
        page.get_by_role("button", name="CSV").click()
    text = Path(saved.value.path()).read_text("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_keys_read_exact_values_in_every_panel(page: Page, board: Locator) -> None:
    board.focus()
    page.keyboard.press("End")
    expect(board.locator(".head .sub")).to_have_text([f"step {STEPS // 2}"] * 2)
    expect(
        page.locator("[aria-live=polite]", has_text=f"step {STEPS // 2}: growing 2.8500, growing 2.7500")
    ).to_have_count(1)
    page.keyboard.press("Home")
    expect(board.locator(".head .sub").first).to_have_text("step 10")
    expect(board.locator(".dot")).to_have_count(2)
    page.keyboard.press("Tab")
    expect(board.locator(".head .sub").first).to_have_text("nats per token")


def test_pointer_marks_the_nearest_step(page: Page, board: Locator) -> None:
    box = board.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + 60)
    expect(board.locator(".hair")).to_have_count(2)
    expect(board.locator(".head .sub").first).to_contain_text("step ")
    page.mouse.move(0, 0)
    expect(board.locator(".hair")).to_have_count(0)


def test_zoom_smoothing_and_axis_stay_while_data_grow(page: Page, board: Locator, run: RunDirectory) -> None:
    page.get_by_role("button", name="Tokens").click()
    page.get_by_label("Smoothing").fill("2")
    box = board.bounding_box()
    assert box
    page.mouse.move(box["x"] + 80, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 80, steps=4)
    page.mouse.up()
    expect(page.get_by_role("button", name="Reset zoom")).to_be_visible()
    ticks = board.locator(".panel").last.locator(".tick").all_text_contents()
    page.evaluate("() => { window.kept = document.querySelector('.st-key-run_overlay'); }")
    grow(run, STEPS // 2 + 1, STEPS // 2 + 10)
    expect(page.locator("tr.open .step")).to_contain_text(str(STEPS // 2 + 10))
    grow(run, STEPS // 2 + 11, STEPS // 2 + 20)
    expect(page.locator("tr.open .step")).to_contain_text(str(STEPS // 2 + 20))
    assert board.locator(".panel").last.locator(".tick").all_text_contents() == ticks
    expect(page.get_by_role("button", name="Tokens")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Smoothing")).to_have_attribute("aria-valuetext", "±2 steps")
    assert page.evaluate("() => window.kept === document.querySelector('.st-key-run_overlay')")
    board.dblclick(position={"x": 120, "y": 100})
    expect(page.get_by_role("button", name="Reset zoom")).to_be_hidden()
    expect(page.locator("p.sr", has_text=f"at step {STEPS // 2 + 20}, lowest").first).to_be_attached()
    board.focus()
    page.keyboard.press("End")
    expect(board.locator(".head .sub").first).to_have_text(f"{64 * (STEPS // 2 + 20):,} tokens")


def test_the_choice_of_axis_survives_a_reload(page: Page, board: Locator, idle: Idle) -> None:
    choice = page.get_by_role("group", name="Along the axis").get_by_role("button", name="Time")
    choice.click()
    expect(choice).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(choice).to_have_attribute("aria-pressed", "true")


def test_the_table_twin_and_the_file_hold_what_is_drawn(page: Page, board: Locator) -> None:
    page.locator(".numbers summary").click()
    note = page.locator(".numbers .note")
    expect(note).to_contain_text(
        "Validation loss, nats per token: growing goes from 4.18 at step 10 to 2.85 at step 30"
    )
    expect(page.locator(".numbers tbody tr")).to_have_count(3)
    rows = table(page)
    assert rows[0] == ["panel", "series", "step", "tokens", "seconds", "flops", "value"]
    validation = [row for row in rows if row[0] == "Validation loss"]
    assert [row[2] for row in validation] == ["10", "20", "30"]
    assert float(validation[-1][-1]) == pytest.approx(2.85, abs=1e-6)
    assert len([row for row in rows if row[0] == "Training loss"]) == STEPS // 2
