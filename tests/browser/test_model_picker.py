"""The list of models in the sidebar: a name as long as a person can give is read whole, on a desk and on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.tiny_pages import Idle, Maker
from tests.served import served
from tests.tiny_run import tiny_run

NAME = "Python's library, Muon at 0.03, twelve blocks, SwiGLU, RoPE."  # of 60 characters, which the field takes

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("named")
    for n in (1, 2):
        tiny_run(home / "runs" / f"2026010{n}-000000-aaaa").set_label(name=NAME)
    with served(home) as server:
        yield server.url


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_a_long_name_is_read_whole(site: str, open_page: Maker, idle: Idle, width: int, height: int) -> None:
    page = open_page(width, height)
    page.goto(f"{site}/sampling")
    idle(page)
    if width < 700:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.locator(".st-key-model_choice input").click()
    options = page.get_by_role("option", name=NAME)
    expect(options).to_have_count(2)
    for option in options.all():
        box, words = option.bounding_box(), option.locator("div")
        assert box
        assert box["x"] + box["width"] <= width
        assert words.evaluate("node => node.scrollWidth <= node.clientWidth && node.scrollHeight <= node.clientHeight")
