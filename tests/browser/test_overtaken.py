"""What the server sets in a field stays, though a message that the browser sent before it knew of it comes after."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.line import Line
from tests.browser.tiny_pages import Idle, address

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
TOLD = 600  # ms: longer than a picture waits before it tells of its sliders


def test_an_appended_token_stays(page: Page, url: str, idle: Idle) -> None:
    with Line(urlsplit(url).port or 0) as line:
        page.goto(address(f"http://127.0.0.1:{line.port}", "sampling", seed="3"))
        word, append = page.locator(".slot"), page.get_by_role("button", name="Append")
        expect(word).to_have_text("?")
        idle(page)
        for _ in range(30):  # the tiny model often draws half a character, which no text can take
            page.get_by_role("button", name="Draw one").click()
            if append.is_visible():
                break
        drawn = word.inner_text()
        line.hold()
        append.click()
        page.get_by_label("Top-k").first.press("ArrowRight")
        page.wait_for_timeout(TOLD)
        line.let()
        expect(page.locator(".bar .chips .chip").last).to_have_text(drawn)
        idle(page)
        expect(page.locator(".bar .chips .chip").last).to_have_text(drawn)
        expect(word).to_have_text("?")
        prompt = page.get_by_label("Prompt", exact=True).input_value()
        page.wait_for_function("prompt => new URL(location).searchParams.get('prompt') === prompt", arg=prompt)
        assert re.fullmatch(".+", prompt, re.S)
        page.goto("about:blank")  # before its line goes: what it says to nobody is a fault
