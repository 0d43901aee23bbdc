"""Home in a real browser: the reader looks around without the server, and every number is true."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from explorer.analysis.attention import pattern
from explorer.analysis.next_token import next_tokens
from explorer.display import pct, weight
from llm.trace import hook_name
from tests.browser.tiny_pages import PROMPT, STORY, Idle, Maker, home, read, too_wide
from tests.tiny_home import N_CTX

pytestmark = pytest.mark.browser


def mark(page: Page, *place: object) -> Locator:
    return page.locator(f'[data-mark="{".".join(str(part) for part in place)}"]')


def point(page: Page, shape: Locator, n: int, of: int) -> None:
    """Put the pointer on the n-th of so many cells."""
    box = shape.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * (n + 0.5) / of, box["y"] + box["height"] / 2)


def checked(page: Page) -> str | None:
    return page.locator('[role="radio"][aria-checked="true"][data-key]').get_attribute("data-key")


def test_the_list_is_the_models_own_distribution(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    home(page, url, idle)
    seen = read(tiny_home)
    found, last = next_tokens(seen, 8), len(seen.ids) - 1
    assert page.locator(".next .p").all_inner_texts() == [pct(p) for p in (*found.probs[last], found.rest[last])]
    expect(page.locator(".next .others")).to_contain_text(f"{found.n_rest} others")
    expect(page.locator(".bar .end")).to_have_text(f"{last + 1} of {N_CTX} tokens · 1 forward pass")
    expect(page.locator(".sheet svg")).to_have_attribute("aria-label", re.compile("The most likely token after"))


def test_the_head_of_the_list_stands_beside_rows_that_scroll(page: Page, url: str, idle: Idle) -> None:
    home(page, url, idle, prompt=STORY[:60])
    expect(page.locator(".scroller.many")).to_be_visible()
    title, box = (
        page.locator(".sheet text", has_text="Next token").bounding_box(),
        page.locator(".scroller").bounding_box(),
    )
    assert title
    assert box
    assert title["x"] + title["width"] <= box["x"] + box["width"]


def test_a_click_on_a_head_repaints_before_the_server_answers(page: Page, url: str, idle: Idle) -> None:
    home(page, url, idle, layer="0", head="0")
    page.locator('[data-key="head1.2"]').click()
    assert checked(page) == "head1.2"
    page.wait_for_url(re.compile("layer=1"))
    expect(page.locator(".vitrine-lead")).to_contain_text("In block 1, head 2")
    expect(page.locator(".vitrine-note").first).to_contain_text("Without block 1 head 2")
    idle(page)
    page.reload()
    expect(page.locator('[data-key="head1.2"]')).to_have_attribute("aria-checked", "true")


def test_a_token_in_focus_shows_what_follows_it(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    home(page, url, idle)
    seen = read(tiny_home)
    box = mark(page, "row", 2).bounding_box()
    assert box
    page.mouse.click(box["x"] + 20, box["y"] + box["height"] - 6)
    expect(page.locator(".bar .chip.on")).to_have_attribute("aria-label", re.compile("^token 2:"))
    found = next_tokens(seen, 8)
    assert page.locator(".next .p").all_inner_texts() == [pct(p) for p in (*found.probs[2], found.rest[2])]
    came = page.locator(".came, .told:not(:empty)")
    expect(came.first).to_contain_text(re.compile("in the text", re.IGNORECASE))
    page.wait_for_url(re.compile("token=2"))


def test_cards_tell_the_true_numbers(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    home(page, url, idle, layer="1", head="2")
    seen, card = read(tiny_home), page.locator(".card:popover-open")
    last = len(seen.ids) - 1
    point(page, mark(page, "cell", 1, 2, last), 3, last + 1)
    expect(card.locator(".big")).to_have_text(weight(float(pattern(seen, 1)[2, last, 3])))
    expect(card).to_contain_text(f"blocks.1.attn.hook_pattern [0,2,{last},3]")
    expect(card).to_contain_text(f"B H q k = 1 4 {last + 1} {last + 1}")
    point(page, mark(page, "embed", last), 5, 16)
    value = float(seen.activations["hook_embed"][0, last, 5])
    expect(card.locator(".big")).to_have_text(f"{value:.3f}".replace("-", "−"))
    point(page, mark(page, "qkv", "k", 1, 2, last), 1, 8)
    key = float(seen.activations[hook_name("k", 1)][0, last, 1, 1])
    assert float(card.locator(".big").inner_text().replace("−", "-")) == pytest.approx(key, abs=0.006)
    expect(card).to_contain_text("shared by 2 heads, before its position turns it")
    point(page, mark(page, "attention", 1, 2, last), 0, 1)
    length = float(seen.activations[hook_name("attn_out", 1)][0, last].norm())
    assert float(card.locator(".big").inner_text()) == pytest.approx(length, abs=0.006)
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_the_keyboard_reaches_everything(page: Page, url: str, idle: Idle) -> None:
    home(page, url, idle, layer="0", head="0")
    card = page.locator(".card:popover-open")
    page.locator('[data-key="block1"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator('[role="radio"][aria-checked="true"][data-key^="head1"]')).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".bar .chip.on")).not_to_have_attribute("aria-label", re.compile("^token 0:"))
    page.locator('[data-key="block0"]').focus()
    seen: list[str] = []
    for _ in range(14):
        page.keyboard.press("Shift+ArrowRight")
        seen.append(card.locator(".hook").first.inner_text())
    words = " ".join(seen)
    for hook in (
        "hook_embed",
        "hook_q ",
        "hook_k ",
        "hook_v ",
        "hook_rot_q",
        "hook_pattern",
        "hook_attn_out",
        "hook_post",
        "hook_mlp_out",
    ):
        assert hook in words, seen
    assert "ln_final.hook_scale" in words
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_stage_names_lead_to_their_pages(page: Page, url: str, idle: Idle) -> None:
    home(page, url, idle, layer="0", head="0")
    page.locator('[data-key="head1.3"]').click()
    page.locator('[data-key="page-attention"]').click()
    expect(page.locator("h1")).to_have_text("Where does each head look?")
    page.wait_for_url(re.compile(r"/attention\?.*layer=1"))
    idle(page)
    assert "prompt=" in page.url
    page.get_by_role("link", name="Home").click()
    expect(page.locator('[data-key="head1.3"]')).to_have_attribute("aria-checked", "true")


def test_a_long_prompt_scrolls_under_its_head(page: Page, url: str, idle: Idle) -> None:
    home(page, url, idle, prompt=STORY[:60])
    tokens = page.locator(".bar .chip").count()
    assert tokens > 18
    rows = page.locator('[data-mark^="row."]')
    expect(rows).to_have_count(15)
    expect(mark(page, "row", tokens - 1)).to_have_count(1)
    expect(mark(page, "row", 0)).to_have_count(0)
    page.locator('[data-key="above"]').click()
    page.mouse.move(500, 500)
    page.mouse.wheel(0, -2000)
    expect(mark(page, "row", 0)).to_have_count(1)
    expect(mark(page, "row", tokens - 1)).to_have_count(1)
    expect(page.locator('[data-key="below"]')).to_contain_text("below")


def test_a_change_of_focus_costs_few_bytes(page: Page, url: str, idle: Idle) -> None:
    received: list[int] = []

    def count(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: received.append(len(frame)))

    page.on("websocket", count)
    home(page, url, idle, prompt=STORY[:60], layer="0", head="0")
    whole = sum(received)
    page.locator('[data-key="head0.1"]').click()
    page.wait_for_url(re.compile("head=1"))
    idle(page)
    received.clear()
    page.locator('[data-key="head1.2"]').click()
    page.wait_for_url(re.compile("layer=1"))
    expect(page.locator(".vitrine-lead")).to_contain_text("In block 1, head 2")
    idle(page)
    assert sum(received) < whole / 3


def test_nothing_sticks_out(open_page: Maker, url: str, idle: Idle) -> None:
    page = open_page(reduced_motion="reduce")
    for prompt in ("B", PROMPT, STORY[:60], "<script>a</script>", "שלום 👩‍👧\n\u202ea"):
        home(page, url, idle, prompt=prompt)
        for width, height in ((390, 844), (820, 1000), (1280, 800)):
            page.set_viewport_size({"width": width, "height": height})
            idle(page)
            assert too_wide(page) <= 0
        assert page.locator(".picture script").count() == 0
        expect(page.locator(".next li")).to_have_count(9)
