"""The ledger of runs as a person uses it: sort, filter, overlay, rename, delete and undo; phone and dark."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tiny_pages import Idle, Maker, too_wide
from tests.made_runs import made_run

pytestmark = pytest.mark.browser

MADE = {
    "20260101-000000-aaaa": ("alder", 2.0, 60, {"lr": 1e-3}),
    "20260102-000000-aaaa": ("birch", 1.5, 60, {"lr": 2e-2}),
    "20260103-000000-aaaa": ("cedar", 2.5, 40, {"lr": 1e-3, "seed": 3}),
}


@pytest.fixture
def home(tiny_home: Path) -> Iterator[Path]:
    """Three runs that have ended, and no others: those of other tests stand aside meanwhile."""
    runs, aside = tiny_home / "runs", tiny_home / "runs-aside"
    runs.mkdir(exist_ok=True)
    runs.rename(aside)
    for id, (name, loss, step, more) in MADE.items():
        made_run(tiny_home, id, "finished" if step == 60 else "stopped", step, loss, name, **more)
    yield tiny_home
    shutil.rmtree(runs)
    aside.rename(runs)


def show(page: Page, url: str, idle: Idle, query: str = "") -> Page:
    page.goto(f"{url}/runs{query}")
    expect(page.locator(".ledger tbody tr").first).to_be_visible()
    expect(page.locator(".board .line").first).to_be_visible()
    idle(page)
    return page


def expect_names(page: Page, *names: str) -> None:
    """The runs of this test, in the order of the ledger."""
    page.wait_for_function(
        """wanted => {
            const roots = [...document.querySelectorAll('*')].flatMap(node => node.shadowRoot ?? []);
            const ledger = roots.find(root => root.querySelector('.ledger'));
            const shown = [...ledger.querySelectorAll('.title')].map(node => node.textContent);
            return shown.filter(name => ['alder', 'birch', 'cedar'].includes(name)).join() === wanted.join();
        }""",
        arg=list(names),
    )


def test_best_and_what_differs(page: Page, url: str, idle: Idle, home: Path) -> None:
    show(page, url, idle)
    expect(page.locator(".vitrine-lead")).to_contain_text("“birch” did best")
    expect(page.locator("tr.open .title")).to_have_text("birch")
    row = page.locator("tr", has=page.get_by_role("button", name="alder"))
    expect(row.locator(".differs")).to_contain_text("learning rate 1e−3")


def test_sort(page: Page, url: str, idle: Idle, home: Path) -> None:
    show(page, url, idle)
    expect_names(page, "cedar", "birch", "alder")
    head = page.get_by_role("columnheader", name="Best validation")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect_names(page, "birch", "alder", "cedar")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    expect_names(page, "cedar", "alder", "birch")
    page.get_by_role("columnheader", name="Run").get_by_role("button").click()
    expect_names(page, "alder", "birch", "cedar")


def test_filter(page: Page, url: str, idle: Idle, home: Path) -> None:
    show(page, url, idle)
    for text, left in {"BIR": ["birch"], "stopped": ["cedar"], "learning rate 1e−3": ["cedar", "alder"]}.items():
        page.get_by_label("Filter runs").fill(text)
        expect(page.locator(".ledger .title", has_text=left[0])).to_be_visible()
        expect(page.locator(".tools .sub")).to_contain_text(" of ")
        expect_names(page, *left)


def test_overlay(page: Page, url: str, idle: Idle, home: Path) -> None:
    show(page, url, idle)
    for name in ("alder", "birch", "cedar"):
        page.get_by_role("checkbox", name=f"Curve of {name}").set_checked(True)
    ends = page.locator(".board .panel").first.locator(".name")
    expect(ends.filter(has_text="cedar")).to_have_count(1)
    expect(ends.filter(has_text="alder")).to_have_count(1)
    page.get_by_role("checkbox", name="Curve of alder").uncheck()
    expect(ends.filter(has_text="alder")).to_have_count(0)
    expect(ends.filter(has_text="cedar")).to_have_count(1)
    for kind in ("Tokens", "Time", "FLOPs", "Steps"):
        page.get_by_role("button", name=kind, exact=True).first.click()
        expect(page.locator(".board .line").first).to_be_visible()


def test_open_with_the_keyboard_and_rename(page: Page, url: str, idle: Idle, home: Path) -> None:
    show(page, url, idle)
    page.get_by_role("button", name="birch").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".vitrine-run h2")).to_have_text("alder")
    page.wait_for_url(re.compile("run=20260101-000000-aaaa"))
    idle(page)
    field = page.get_by_role("textbox", name="Name")
    field.fill("aspen")
    field.press("Enter")
    expect(page.locator(".ledger .title", has_text="aspen")).to_be_visible()
    page.reload()
    expect(page.locator(".vitrine-run h2")).to_have_text("aspen")


def test_delete_and_undo_keep_the_order(page: Page, url: str, idle: Idle, home: Path) -> None:
    show(page, url, idle, "?run=20260103-000000-aaaa")
    page.get_by_role("columnheader", name="Run").get_by_role("button").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("cedar lies in the trash.")).to_be_visible()
    expect(page.locator(".ledger .title", has_text="cedar")).to_have_count(0)
    assert (home / "runs" / ".trash" / "20260103-000000-aaaa").is_dir()
    expect_names(page, "alder", "birch")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".ledger .title", has_text="cedar")).to_be_visible()
    expect_names(page, "alder", "birch", "cedar")


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "dark")])
def test_fits(open_page: Maker, url: str, idle: Idle, home: Path, width: int, scheme: str) -> None:
    page = show(open_page(width=width, height=844, color_scheme=scheme), url, idle)
    assert too_wide(page) <= 0
    for part in (page.locator(".board").first, page.locator(".ledger").first):
        box = part.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_figures_on_a_phone_say_what_they_are(open_page: Maker, url: str, idle: Idle, home: Path) -> None:
    made_run(home, "20260104-000000-aaaa", "stopped", 0, 2.0, "dogwood")
    try:
        page = show(open_page(width=390, height=844), url, idle)
        steps = page.locator("tr", has=page.get_by_role("button", name="dogwood")).locator("td.step")
        expect(steps).to_have_text("0of 60")
        assert steps.evaluate("node => getComputedStyle(node, '::before').content") == '"step"'
        here, name = (part.bounding_box() for part in (steps, page.get_by_role("button", name="dogwood")))
        assert here
        assert name
        assert here["x"] == pytest.approx(name["x"], abs=1), "where no loss is known its steps take that place"
    finally:
        shutil.rmtree(home / "runs" / "20260104-000000-aaaa")


def test_the_saved_ledger_has_every_row_and_no_controls(page: Page, url: str, idle: Idle, home: Path) -> None:
    for i in range(12):
        made_run(home, f"20251201-0000{i:02d}-aaaa", name=f"elder {i}")
    try:
        show(page, url, idle)
        with page.expect_download(lambda file: "runs" in file.suggested_filename) as download:
            page.get_by_role("button", name="SVG", exact=True).click()
        drawn = download.value.path().read_text("utf-8")
        assert all(f">elder {i}<" in drawn for i in range(12))
        assert ">on<" not in drawn
        assert "Filter" not in drawn
    finally:
        for left in (home / "runs").glob("20251201-*"):
            shutil.rmtree(left)
