"""Home writes on in a real browser: a token, twenty, one of the list; all of it can be taken back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from llm.checkpoint import load_checkpoint
from tests.browser.tiny_pages import PROMPT, STORY, Idle, home
from tests.tiny_home import N_CTX, NAME

pytestmark = pytest.mark.browser


def test_the_model_writes_and_it_can_be_taken_back(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    home(page, url, idle)
    tokens = page.locator(".bar .chip").count()
    page.get_by_role("button", name="Next token").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    longer = page.get_by_label("Prompt", exact=True).input_value()
    assert longer.startswith(PROMPT)
    assert len(longer) > len(PROMPT)
    expect(page.locator(".said")).to_have_text(re.compile(r"^\d tokens? drawn: temperature .*seed \d+\.$"))
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(PROMPT)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    page.get_by_role("button", name="20 more").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert page.locator(".bar .chip").count() > tokens + 5
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(PROMPT)


def test_a_word_of_the_list_can_be_written(page: Page, url: str, idle: Idle) -> None:
    home(page, url, idle)
    words = page.locator(".word:not(:disabled)")
    word = words.first.locator(".token").inner_text()
    words.first.click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(PROMPT + word.replace("·", " ").replace("↵", "\n"))


def test_a_full_context_says_so(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    tokenizer = load_checkpoint(tiny_home / "models" / NAME).tokenizer
    text = next(
        cut
        for n in range(N_CTX, 0, -1)
        if len(tokenizer.encode(cut := tokenizer.decode(tokenizer.encode(STORY)[:n]))) == N_CTX
    )
    home(page, url, idle, prompt=text)
    button = page.get_by_role("button", name="Next token")
    expect(button).to_be_disabled()
    expect(button).to_have_attribute("title", re.compile("context is full"))
