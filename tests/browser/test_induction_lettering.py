"""The induction page's lettering: the name of an even guess's line is not crossed by the handle's."""

import pytest
from playwright.sync_api import expect

from tests.browser.tiny_pages import Idle, Maker

APART = """slider => {  // one look at one drawing
  const drawn = slider.getRootNode(), texts = [...drawn.querySelectorAll("text")];
  const words = texts.find(one => one.textContent.includes("ln 99 ="));
  const a = words.getBoundingClientRect(), b = drawn.querySelector("line.now").getBoundingClientRect();
  return b.left > a.right || b.right < a.left;
}"""

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.mark.parametrize("width", [1280, 390])
def test_an_even_guess_is_named_beside_the_handle(url: str, open_page: Maker, idle: Idle, width: int) -> None:
    page = open_page(width, 800)
    page.goto(f"{url}/induction?run=induction")
    idle(page)
    expect(page.locator("text", has_text="ln 99 =")).to_be_visible()
    handle = page.get_by_role("slider").first
    handle.focus()
    handle.press("End")
    for _ in range(12):
        assert handle.evaluate(APART)
        handle.press("ArrowLeft")
