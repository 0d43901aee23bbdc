"""A real server and a real browser. Whatever goes wrong on a page fails the test that was looking at it."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, expect, sync_playwright

from tests.browser.tiny_pages import Idle
from tests.served import served
from tests.tiny_home import tiny_home as tiny_home

DEEP_LINK_404 = ("/_stcore/health", "/_stcore/host-config")  # Streamlit asks beside the page before it asks at the root
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


@contextmanager
def watched(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Make watched pages: make(width=390, height=844, color_scheme="dark", reduced_motion="reduce").

    `expected` matches what the console may say, where a test causes a fault itself.
    """
    problems: list[str] = []
    pages: list[Page] = []

    def make(width: int = 1280, height: int = 800, expected: str = "(?!)", **options: str) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            permissions=["clipboard-read", "clipboard-write"],
            accept_downloads=True,
            **options,  # type: ignore[arg-type]
        )
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: problems.append(f"error on the page: {error}"))
        page.on("console", partial(on_console, expected))
        page.on("request", on_request)
        page.on("dialog", on_dialog)
        pages.append(page)
        return page

    def on_console(expected: str, message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        deep_link = "404" in message.text and where.endswith(DEEP_LINK_404)
        if message.type == "error" and not deep_link and not re.search(expected, message.text):
            problems.append(f"console: {message.text} ({where})")

    def on_dialog(dialog: Dialog) -> None:
        problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def on_request(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
            problems.append(f"request off this machine: {request.url}")

    yield make
    for page in pages:
        shown = page.locator('[data-testid="stException"]').all_inner_texts() if not page.is_closed() else []
        problems.extend(f"exception on the page: {text}" for text in shown)
        page.context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """The maker of watched pages, for one test."""
    with watched(browser) as make:
        yield make


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A watched page, 1280 x 800, light."""
    return open_page(color_scheme="light")
