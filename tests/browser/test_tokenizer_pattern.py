"""A split pattern of one's own in a browser: written, refused beside its field, at work below, and in the link."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_tokenizer import handle
from tests.browser.tiny_pages import Idle

pytestmark = pytest.mark.browser


def test_a_pattern_is_written_refused_and_mended(page: Page, url: str, idle: Idle) -> None:
    page.goto(f"{url}/tokenizer?learn=typed&typed=the cat. the cat. the cat.")
    expect(handle(page)).to_be_visible()
    idle(page)
    page.get_by_label("Split words by").click()
    page.get_by_role("option", name="A pattern of my own").click()
    field = page.get_by_label("Your pattern")
    expect(field).to_have_value(r"[ ]?\w+|[^\w\s]+|\s+")
    expect(page.get_by_role("status").filter(has_text="It takes the first 26 characters whole")).to_be_visible()
    idle(page)
    field.fill("([^.]")
    field.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="got '([^.]' (missing )")).to_be_visible()
    expect(handle(page)).to_have_count(0)
    expect(field).to_have_value("([^.]")
    field.fill("[^.]+")
    field.press("Enter")
    expect(page.get_by_role("status").filter(has_text="It takes 3 words of the first 26 characters")).to_be_visible()
    expect(handle(page)).to_have_attribute("aria-valuetext", re.compile("the·cat"))
    idle(page)
    page.wait_for_url(re.compile("split=own"))
    parts = page.locator(".panel.pattern").first.locator(".parts li")
    expect(parts).to_have_count(2)
    expect(parts.first).to_contain_text("a pattern of one's own[^.]+")
    page.reload()
    expect(field).to_have_value("[^.]+")
    expect(handle(page)).to_have_attribute("aria-valuetext", re.compile("the·cat"))
    idle(page)
