"""The intervention stack in a real browser: from the head in focus to another answer, on every page, and back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tiny_pages import Idle, Maker, too_wide

pytestmark = pytest.mark.browser
SAYS = ".vitrine-banner"


def answer(page: Page) -> str:
    """The lead of Home names it last."""
    return page.locator(".vitrine-lead .vitrine-chip").last.inner_text()


def test_a_head_is_switched_off_everywhere_and_on_again(page: Page, url: str, idle: Idle) -> None:
    page.goto(f"{url}/?model=stories")
    expect(page.locator(".bar .chip").first).to_be_visible()
    idle(page)
    clean = answer(page)
    page.get_by_role("button", name="Interventions").click()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(SAYS)).to_have_text("An edited model: head 3.3 off.")
    page.wait_for_url(re.compile(r"edits=3\.3x0"))
    page.keyboard.press("Escape")
    expect(page.locator(".vitrine-lead")).not_to_contain_text(f"expects {clean}")
    idle(page)
    edited = answer(page)
    assert edited != clean
    page.get_by_role("link", name="Sampling").first.click()
    expect(page.locator("h1")).to_contain_text("How do scores become one word?")
    expect(page.locator(SAYS)).to_have_text("An edited model: head 3.3 off.")
    page.reload()
    expect(page.locator(SAYS)).to_have_text("An edited model: head 3.3 off.")
    page.get_by_role("button", name="Show the clean model").click()
    expect(page.locator(SAYS)).to_have_text("The clean model: 1 intervention switched off.")
    page.get_by_role("link", name="Home").first.click()
    expect(page.locator("h1")).to_contain_text("next word?")
    expect(page.locator(".bar .chip").first).to_be_visible()
    idle(page)
    assert answer(page) == clean


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_banner_fits_a_phone(open_page: Maker, url: str, idle: Idle, scheme: str) -> None:
    page = open_page(width=390, height=844, color_scheme=scheme)
    page.goto(f"{url}/attention?model=stories&edits=3.3x0,m1~,a0x0.5,2.1x2")
    expect(page.locator(SAYS)).to_contain_text("head 3.3 off; then MLP of block 1 at its mean; then attention of")
    idle(page)
    assert too_wide(page) <= 0
