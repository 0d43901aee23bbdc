"""What tests of the tiny model's pages share: its address, its numbers as Python has them, and whether a page fits."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect

from llm.checkpoint import load_checkpoint
from llm.corpora.catalog import documents
from llm.trace import Trace, trace
from tests.tiny_home import NAME

Idle = Callable[[Page], None]
Maker = Callable[..., Page]
PROMPT = "Ben and Jack. Ben and"
STORY = documents("stories", 4, 2_000)[0]


def address(url: str, name: str, **query: str) -> str:
    """A page, looking at the tiny model and PROMPT unless the query says otherwise."""
    return f"{url}/{name}?{urlencode({'model': NAME, 'prompt': PROMPT, **query})}"


def read(home: Path, text: str = PROMPT) -> Trace:
    """The tiny model's own pass over a text."""
    checkpoint = load_checkpoint(home / "models" / NAME)
    return trace(checkpoint.model, checkpoint.tokenizer.encode(text))


def home(page: Page, url: str, idle: Idle, **query: str) -> Page:
    """Home, its picture drawn and no veil over it."""
    page.goto(address(url, "", **query))
    expect(page.locator(".sheet svg")).to_be_visible()
    expect(page.locator(".reveal")).to_have_count(0)
    idle(page)
    return page


def cell(page: Page, token: int, column: int) -> tuple[float, float]:
    """The middle of a row, a little way into a cell, of the grid of tokens by places; a mark of 3 px begins some."""
    box = page.locator(".grid.tokens .line").nth(token).locator("rect[rx='1']").nth(column).bounding_box()
    assert box
    return box["x"] + 6, box["y"] + box["height"] / 2


def card(page: Page) -> Locator:
    """The hover card that is open."""
    return page.locator(".card:popover-open")


def number(text: str) -> float:
    """A number as pages write it."""
    return float(text.replace("−", "-").replace("+", "").replace(",", ""))


def too_wide(page: Page) -> int:
    """Pixels by which the page, or the part of it that scrolls, is wider than the window."""
    return int(
        page.evaluate(
            "Math.max(...[document.documentElement, document.querySelector('[data-testid=stMain]')]"
            ".map(part => part.scrollWidth)) - document.documentElement.clientWidth"
        )
    )
