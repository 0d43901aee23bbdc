"""Cut, Vocabulary and What it costs in a real browser: the hover link both ways, search and sort, the width."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.tiny_pages import address

pytestmark = pytest.mark.browser

Idle = Callable[[Page], None]


def opened(page: Page, url: str, idle: Idle, text: str = "the cat sat") -> Page:
    page.goto(address(url, "tokenizer", cut_text=text))
    expect(page.locator(".panel .run .token").first).to_be_visible()
    idle(page)
    return page


def panel(page: Page, name: str) -> Locator:
    return page.locator(".panels .panel").filter(has=page.get_by_role("heading", name=name))


def test_a_token_and_its_id_light_each_other_and_the_same_bytes_elsewhere(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    ours, bytewise = panel(page, "the model's"), panel(page, "bytes")
    ours.locator(".run .token").nth(1).hover()
    expect(ours.locator(".ids .on")).to_have_count(1)
    assert ours.locator(".ids .on").inner_text() == ours.locator(".ids span").nth(1).inner_text()
    card = page.locator(".card:popover-open")
    expect(card).to_contain_text(f"id {ours.locator('.ids .on').inner_text()}")
    n_bytes = int(re.search(r"(\d+) byte", card.inner_text()).group(1))  # type: ignore[union-attr]
    expect(bytewise.locator(".run .near")).to_have_count(n_bytes)
    bytewise.locator(".ids span").nth(4).hover()
    expect(bytewise.locator(".run .on")).to_have_text("c")
    expect(ours.locator(".run .near")).to_have_count(1)
    expect(ours.locator(".ids .on")).to_have_count(0)
    page.mouse.move(2, 2)
    expect(page.locator(".panels .on, .panels .near")).to_have_count(0)


def test_arrow_keys_go_through_the_tokens(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    bytewise = panel(page, "bytes")
    bytewise.locator(".run").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(bytewise.locator(".run .on")).to_have_text("h")
    page.keyboard.press("End")
    expect(bytewise.locator(".ids .on")).to_have_text(str(ord("t")))


def test_emoji_with_joiners_read_back(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, text="👩‍👩‍👧 <script>alert(1)</script>")
    expect(panel(page, "bytes").locator(".sub").last).to_have_text("Reads back as the same text, byte for byte.")
    expect(page.get_by_text("split pattern gpt4")).to_be_visible()
    assert page.locator(".pattern .run .token").count() > 3


def test_the_vocabulary_searches_and_sorts(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    table = page.get_by_role("table", name="Vocabulary")
    counts = table.locator(".body .count")
    expect(counts.first).to_be_visible()
    shown = [int(text.replace(",", "")) for text in counts.all_inner_texts()[:8]]
    assert shown == sorted(shown, reverse=True)
    page.get_by_role("searchbox", name="Search the vocabulary").fill(" the")
    expect(table.locator(".body .token-cell").first).to_have_text(re.compile("^·the"))
    table.get_by_role("button", name="Id").click()
    ids = [int(text.replace(",", "")) for text in table.locator(".body .id").all_inner_texts()]
    assert ids == sorted(ids)
    search = page.get_by_role("searchbox", name="Search the vocabulary")
    search.fill("74 68 65")
    expect(table.locator(".body .bytes").first).to_have_text(re.compile("74 68 65"))
    searched = table.locator(".body .bytes").all_inner_texts()
    assert all("74 68 65" in text for text in searched)
    search.fill("0x746865")
    assert table.locator(".body .bytes").all_inner_texts() == searched
    search.fill("")
    table.get_by_role("button", name="Token", exact=True).click()
    expect(table.get_by_role("columnheader", name="Token", exact=True)).to_have_attribute("aria-sort", "ascending")
    spelled = [bytes.fromhex(text) for text in table.locator(".body .bytes").all_inner_texts()[:9]]
    assert spelled == sorted(spelled)
    search.fill("no such token")
    expect(page.get_by_text("No token fits.")).to_be_visible()


def test_the_width_changes_the_share_at_once(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    width = page.get_by_role("slider", name="Width of the model")
    embedding = page.locator(".costs .line .c4").nth(1)
    width.focus()
    page.keyboard.press("Home")
    expect(embedding).to_have_text("8,192")
    page.keyboard.press("ArrowRight")
    expect(embedding).to_have_text("16,384")


def test_the_three_files_can_be_taken_away(page: Page, url: str, idle: Idle, tmp_path: Path) -> None:
    opened(page, url, idle)
    for label, ending in (("Vitrine's", ".json"), ("ranks", ".tiktoken"), ("Hugging Face's", "-hf.json")):
        with page.expect_download() as given:
            page.get_by_role("button", name=re.compile(label)).click()
        given.value.save_as(tmp_path / "file")
        assert given.value.suggested_filename.endswith(ending)
        assert (tmp_path / "file").stat().st_size > 1_000
