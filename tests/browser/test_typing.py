"""Half of a surrogate pair in any text field: it becomes U+FFFD there, and the page goes on."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tiny_pages import Idle, address

pytestmark = pytest.mark.browser


def test_a_lone_surrogate_breaks_no_field(page: Page, url: str, idle: Idle) -> None:
    page.goto(address(url, "tokenizer", learn="typed", typed="the the"))
    for label, send in (
        ("Your text", "Control+Enter"),
        ("A word, as after a space", "Enter"),
        ("Text to cut", "Control+Enter"),
        ("Name", "Enter"),
        ("Prompt", "Control+Enter"),
    ):
        field = page.get_by_label(label, exact=True)
        expect(field).to_be_visible()
        idle(page)
        field.fill("")
        field.focus()
        page.evaluate(r"document.execCommand('insertText', false, 'a\ud800b')")
        expect(field).to_have_value("a\ufffdb")
        page.keyboard.type("c")
        expect(field).to_have_value("a\ufffdbc")
        field.press(send)
        idle(page)
        expect(field).to_have_value("a\ufffdbc")
    page.wait_for_url(re.compile("cut_text=a%EF%BF%BDbc"))
    expect(page.get_by_text("a\ufffdbc").first).to_be_attached()


def test_whole_pairs_and_what_a_search_field_holds_are_left_alone(page: Page, url: str, idle: Idle) -> None:
    page.goto(address(url, "tokenizer"))
    search = page.get_by_role("searchbox", name="Search the vocabulary")
    search.focus()
    page.evaluate("document.execCommand('insertText', false, '👩‍👩‍👧')")
    expect(search).to_have_value("👩‍👩‍👧")
    page.evaluate(r"document.execCommand('insertText', false, '\udc00')")
    expect(search).to_have_value("👩‍👩‍👧\ufffd")
    idle(page)
