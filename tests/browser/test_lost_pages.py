"""What happens to the page happens to no run: refreshed, closed, cut off from the server, or the server is killed."""

import csv
import io
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from explorer.runs.store import Runs
from llm.runs.directory import RunDirectory
from llm.runs.process import is_process
from tests.browser.line import Line
from tests.browser.tiny_pages import Maker
from tests.explorer.runs.conftest import end, recipe, wait_until
from tests.served import served

RELEASE = int(os.environ.get("VITRINE_KILLS", "4")) >= 50
OFFLINE = 300 if RELEASE else 15  # seconds
CUT = r"net::ERR_|WebSocket|when disconnected|server is not responding|reaching server endpoint"  # a browser cut off
SLOW = 60_000  # ms: a training process must be started

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180 + OFFLINE)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("watched")


@pytest.fixture(scope="module")
def run(home: Path) -> Iterator[RunDirectory]:
    """One training of a million updates, which every test of this module looks at."""
    runs = Runs(home)
    yield runs.get(runs.submit(replace(recipe(1_000_000), checkpoint_every=1000)))
    for left in runs.own():
        end(left)


@pytest.fixture(scope="module")
def site(home: Path, run: RunDirectory) -> Iterator[str]:
    with served(home) as server:
        wait_until(lambda: run.status().step > 0)
        yield server.url


def opened(page: Page, url: str, run: RunDirectory) -> Page:
    """Once it stands: until then its address grows by what the sidebar says."""
    page.goto(f"{url}/train?run={run.id}")
    passes(page, 0)
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=SLOW)
    return page


def passes(page: Page, step: int) -> int:
    """Wait until the page tells of a later step than this; which."""
    later = "n => +document.querySelector('.vitrine-progress')?.ariaValueNow > n"
    page.wait_for_function(later, arg=step, timeout=SLOW)
    return int(page.locator(".vitrine-progress").get_attribute("aria-valuenow") or 0)


def is_connected(page: Page, so: bool) -> None:
    state = re.compile("^CONNECTED$" if so else "^(?!CONNECTED$)")
    expect(page.locator('[data-testid="stApp"]')).to_have_attribute("data-test-connection-state", state, timeout=SLOW)


def curve(page: Page) -> list[int]:
    """The steps at which the training loss is drawn."""
    with page.expect_download(lambda file: "curves" in file.suggested_filename) as saved:
        page.get_by_role("button", name="CSV", exact=True).click()
    rows = csv.DictReader(io.StringIO(Path(saved.value.path()).read_text("utf-8-sig")))
    return [int(row["step"]) for row in rows if row["panel"] == "Loss" and row["series"] == "training"]


def same_run(run: RunDirectory, home: Path, pid: int | None) -> None:
    """It trains on in the process that it had, and no other run was made."""
    assert [found.id for found in Runs(home).own()] == [run.id]
    status = run.status()
    assert (status.state, status.pid) == ("running", pid)
    assert is_process(status.pid, status.process_started)


def test_twenty_refreshes(page: Page, site: str, home: Path, run: RunDirectory) -> None:
    opened(page, site, run)
    pid, address, seen = run.status().pid, page.url, 0
    for n in range(20):
        page.reload(wait_until="domcontentloaded")  # no sooner: Chromium reloads no page whose commit is under way
        if n % 2:  # every other one comes before the page stands
            seen = passes(page, seen)
    assert page.url == address
    same_run(run, home, pid)
    steps = curve(page)
    assert steps[0] == 1
    assert steps[-1] >= seen
    assert steps == sorted(set(steps))


def test_a_tab_closed_and_opened_again(open_page: Maker, site: str, home: Path, run: RunDirectory) -> None:
    page = opened(open_page(), site, run)
    pid, seen, address = run.status().pid, passes(page, 0), page.url
    page.close()
    wait_until(lambda: run.status().step > seen + 100)
    page = open_page()
    page.goto(address)
    passes(page, seen + 100)
    same_run(run, home, pid)


def test_offline_for_a_while(open_page: Maker, site: str, home: Path, run: RunDirectory) -> None:
    with Line(urlsplit(site).port or 0) as line:
        page = opened(open_page(expected=CUT), f"http://127.0.0.1:{line.port}", run)
        pid, address, before = run.status().pid, page.url, curve(page)
        line.cut()
        is_connected(page, False)
        page.wait_for_timeout(OFFLINE * 1000)
        is_connected(page, False)
        missed = run.status().step
        assert missed > before[-1]
        line.mend()
        is_connected(page, True)
        passes(page, missed)
        assert page.url == address
        after = curve(page)
        assert after[0] == 1
        assert any(before[-1] < step <= missed for step in after), "what was learned meanwhile is drawn too"
        same_run(run, home, pid)
        page.close()


def test_the_server_killed_and_started_again(open_page: Maker, tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    run = runs.get(runs.submit(replace(recipe(1_000_000), checkpoint_every=1000)))
    page = open_page(expected=CUT)
    try:
        with served(tmp_path) as killed:
            opened(page, killed.url, run)
            pid, address = run.status().pid, page.url
            killed.process.kill()
            is_connected(page, False)
        missed = run.status().step
        with served(tmp_path, urlsplit(address).port or 0):
            is_connected(page, True)
            passes(page, missed)
            assert page.url == address
            same_run(run, tmp_path, pid)
            page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop", exact=True).click()
            expect(page.locator(".vitrine-status b")).to_have_text("Stopped", timeout=SLOW)
            wait_until(lambda: not is_process(pid, run.status().process_started))
    finally:
        end(run)
