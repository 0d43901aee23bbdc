"""The merges in a real browser: the handle by mouse and keys, playing, letters that stay, a link, a phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

Idle = Callable[[Page], None]
SENTENCE = "the cat and the other cat saw the hat; then the cat sat on the hat, and there they sat together."


def handle(page: Page) -> Locator:
    return page.get_by_role("slider", name="Merges applied")


def lit(page: Page) -> list[str]:
    """The letters that stand in tokens made by the merge under the handle, joined where they touch."""
    found: list[str] = page.locator(".letters .lit").evaluate_all(
        """spans => spans.reduce((runs, span, n) => {
          const touches = n && Number(span.dataset.i) === Number(spans[n - 1].dataset.i) + 1;
          if (touches) runs[runs.length - 1] += span.textContent; else runs.push(span.textContent);
          return runs;
        }, [])"""
    )
    return found


def test_opens_on_the_and_the_handle_undoes_it(page: Page, url: str, idle: Idle) -> None:
    page.goto(f"{url}/tokenizer")
    expect(handle(page)).to_have_attribute("aria-valuetext", re.compile("to “·the”"))
    idle(page)
    assert set(lit(page)) == {"·the"}
    expect(page.locator(".pairs .won")).to_have_count(1)
    handle(page).focus()
    page.keyboard.press("Home")
    expect(handle(page)).to_have_attribute("aria-valuetext", re.compile("^No merge"))
    assert lit(page) == []
    page.wait_for_url(re.compile(r"[?&]merge=0\b"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(handle(page)).to_have_attribute("aria-valuenow", "2")
    page.wait_for_url(re.compile(r"[?&]merge=2\b"))
    expect(page.locator(".vitrine-lead")).to_contain_text("Merge 2 joined")
    page.reload()
    expect(handle(page)).to_have_attribute("aria-valuenow", "2")
    idle(page)


def test_dragging_never_moves_a_letter(page: Page, url: str, idle: Idle) -> None:
    page.goto(f"{url}/tokenizer")
    expect(handle(page)).to_be_visible()
    idle(page)
    letters = page.locator(".letters span[data-i]")
    places = "nodes => nodes.map(node => { const r = node.getBoundingClientRect(); return [r.left, r.top]; })"
    before, box = letters.evaluate_all(places), handle(page).bounding_box()
    assert box
    page.mouse.move(box["x"] + 8, box["y"] + 40)
    page.mouse.down()
    for share in (0.1, 0.4, 0.7, 1.0):
        page.mouse.move(box["x"] + share * (box["width"] - 1), box["y"] + 40)
    expect(handle(page)).to_have_attribute("aria-valuenow", "500")
    now = letters.evaluate_all(places)
    page.mouse.up()
    assert now == before
    page.wait_for_url(re.compile(r"[?&]merge=500\b"))
    idle(page)


def test_play_goes_to_the_end_and_a_key_stops_it(page: Page, url: str, idle: Idle) -> None:
    page.goto(f"{url}/tokenizer?learn=typed&merge=0")
    expect(handle(page)).to_have_attribute("aria-valuenow", "0")
    idle(page)
    page.get_by_role("button", name="Speed: 2 ").click()
    page.get_by_role("button", name="Speed: 8 ").click()
    page.get_by_role("button", name="Play the merges").click()
    last = handle(page).get_attribute("aria-valuemax") or ""
    expect(handle(page)).to_have_attribute("aria-valuenow", last)
    expect(page.get_by_role("button", name="Play the merges")).to_be_visible()
    page.wait_for_url(re.compile(rf"[?&]merge={last}\b"))
    idle(page)


def test_a_class_types_its_own_sentence(page: Page, url: str, idle: Idle) -> None:
    page.goto(f"{url}/tokenizer?learn=typed")
    area = page.get_by_label("Your text")
    expect(area).to_have_value(SENTENCE)
    idle(page)
    area.fill("the moon, the sun, the sea")
    area.press("Control+Enter")
    expect(handle(page)).to_have_attribute("aria-valuetext", re.compile("to “(·the|the)”"))
    page.wait_for_url(re.compile("typed=the"))
    idle(page)
    assert set(lit(page)) <= {"·the", "the"}
    assert lit(page)


def test_one_word_by_two_tokenizers(page: Page, url: str, idle: Idle) -> None:
    page.goto(f"{url}/tokenizer")
    word = page.get_by_label("A word, as after a space")
    expect(word).to_have_value("together")
    made = page.locator(".st-key-word .steps li").count()
    assert made > 6
    assert page.locator(".st-key-word .forest .grown").count() == made, "each merge is named in its tree"
    word.fill("the")
    word.press("Enter")
    expect(page.locator(".st-key-word .panels section")).to_have_count(2)
    expect(page.locator(".st-key-word .panels section").first.locator(".sub").first).to_have_text("1 token, 3 merges")
    idle(page)


def test_on_a_phone(open_page: Callable[..., Page], url: str, idle: Idle) -> None:
    page = open_page(width=390, height=844, has_touch=True, is_mobile=True)
    page.goto(f"{url}/tokenizer")
    expect(handle(page)).to_be_visible()
    idle(page)
    box = handle(page).bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] - 3, box["y"] + 60)
    page.wait_for_url(re.compile(r"[?&]merge=500\b"))
    idle(page)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_round_sizes_of_the_vocabulary_stand_under_the_axis(page: Page, url: str, idle: Idle) -> None:
    page.goto(f"{url}/tokenizer?learn=standard_library&merges=3000")
    expect(handle(page)).to_have_attribute("aria-valuemax", "3000")
    idle(page)
    first, *between, last = page.locator(".track text.tick").filter(has_not_text=".").all_text_contents()
    assert (first, last) == ("256 tokens", "3,256")
    sizes = [int(size.replace(",", "")) for size in between]
    assert len(sizes) > 2
    assert all(size % 512 == 0 for size in sizes)
