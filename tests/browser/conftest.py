"""A real server and a real browser. Whatever goes wrong on a page fails the test that was looking at it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.tiny_pages import Idle, Maker
from tests.browser.watched import Pages
from tests.served import served
from tests.tiny_home import tiny_home as tiny_home

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=30_000)  # a slow machine is not a failure


@pytest.fixture(scope="session")
def url(tiny_home: Path) -> Iterator[str]:
    """The address of `python -m explorer`, with the shipped models and the tiny one; it must end cleanly too."""
    with served(tiny_home) as server:
        yield server.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; a machine without it cannot vouch for the pages, so its absence fails."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.fail("expected Chromium on the PATH, got none; install it (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield launched
        launched.close()


def _idle(page: Page) -> None:
    app = '[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'
    page.locator(app).wait_for(timeout=30_000)
    page.wait_for_function(
        '() => !document.querySelector(\'[data-testid="stSkeleton"],[data-testid="stSpinner"],[data-stale="true"]\')'
    )
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.fixture
def idle() -> Idle:
    """Wait until the script has run and two frames have passed. After a click, wait for what it changes first."""
    return _idle


@pytest.fixture(scope="session")
def pages(browser: Browser) -> Pages:
    """The pages of this browser, which tests take in turn."""
    return Pages(browser)


@pytest.fixture
def open_page(pages: Pages) -> Iterator[Maker]:
    """The maker of watched pages, for one test."""
    with pages.lent() as make:
        yield make


@pytest.fixture
def page(open_page: Maker) -> Page:
    """A watched page, 1280 x 800, light."""
    return open_page(color_scheme="light")
