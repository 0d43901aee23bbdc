"""The Train page in a browser: its form by the names of fields, and what it says of a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from explorer.runs.store import Runs
from tests.explorer.runs.conftest import end
from tests.served import served

SLOW = 60_000  # ms: a training process must be started


@contextmanager
def training(home: Path) -> Iterator[str]:
    """The address of `python -m explorer` with a worker of its own; no training is left behind."""
    with served(home) as server:
        yield server.url
    for run in Runs(home).own():
        end(run)


def says(page: Page, word: str) -> None:
    """Wait until the page says of its run that it stands so."""
    expect(page.locator(".vitrine-status b")).to_have_text(word, timeout=SLOW)


def open_form(page: Page) -> None:
    """It is open where there is no run of one's own yet."""
    form, closed = page.locator(".st-key-train_run button"), page.get_by_role("button", name="New run", exact=True)
    expect(form.or_(closed).first).to_be_visible()
    if closed.is_visible():
        closed.click()
    expect(form).to_be_visible()


def field(page: Page, name: str) -> Locator:
    """A field of the form by the name of its choice; to be seen while its group is open."""
    return page.locator(f'[class*="st-key-draft_{name}-"] input')


def change(page: Page, group: str) -> None:
    """Open a group of the form."""
    page.locator(f".st-key-change_{group} button").first.click()


def fill(page: Page, group: str, **values: str) -> None:
    """Numbers of a group of the form."""
    change(page, group)
    for name, value in values.items():
        field(page, name).fill(value)
        field(page, name).press("Enter")
    page.keyboard.press("Escape")


def row(page: Page, name: str) -> Locator:
    """The rows of the form among which this one is."""
    return page.locator(".vitrine-rows", has_text=name)
