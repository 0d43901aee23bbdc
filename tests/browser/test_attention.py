"""Attention in a real browser: a click and a key repaint at once, and every number is the model's own."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from explorer.analysis.attention import pattern, scores
from tests.browser.tiny_pages import STORY, Idle, Maker, address, read, too_wide
from tests.tiny_home import N_CTX

pytestmark = pytest.mark.browser


def opened(page: Page, url: str, idle: Idle, **query: str) -> Page:
    page.goto(address(url, "attention", **query))
    expect(page.locator(".matrix")).to_be_visible()
    idle(page)
    return page


def cell(page: Page, query: int, key: int) -> tuple[float, float]:
    """The middle of a cell of the small matrix, from the first cell drawn and the one below it."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    left, top, below = page.locator(".matrix").evaluate(
        "m => [...m.querySelectorAll('rect[rx=\"1\"]')].slice(0, 2).map(r => r.getBoundingClientRect())"
        ".flatMap((r, n) => n ? [r.top] : [r.left, r.top])"
    )
    return left + (key + 0.5) * (below - top), top + (query + 0.5) * (below - top)


def heads(page: Page) -> Locator:
    return page.locator(".options [role=option]")


def test_a_click_on_a_head_repaints_before_the_server_answers(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, layer="0", head="0")
    heads(page).nth(6).click()
    title = page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {"
        "const all = [...document.querySelectorAll('*')].map(n => n.shadowRoot).filter(Boolean);"
        "done(all.map(r => r.querySelector('.head h2')?.textContent).find(Boolean)); })))"
    )
    assert title == "Block 1 · head 2"
    page.wait_for_url(re.compile(r"layer=1&head=2|head=2.*layer=1"))
    expect(page.locator(".vitrine-lead")).to_contain_text("Head 2 of block 1")
    expect(page.locator(".facts > div").nth(3)).not_to_contain_text("…")


def test_the_card_and_the_formula_tell_the_true_weight(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle, layer="1", head="2")
    seen = read(tiny_home)
    weight, score = float(pattern(seen, 1)[2, 4, 2]), float(scores(seen, 1)[2, 4, 2])
    page.mouse.move(*cell(page, 4, 2))
    card = page.locator(".card:popover-open")
    expect(card).to_contain_text("weight from query 4 to key 2")
    expect(card).to_contain_text("blocks.1.attn.hook_pattern [0,2,4,2]")
    assert float(card.locator(".big").inner_text()) == pytest.approx(weight, rel=0.05)
    expect(page.locator(".maths")).to_contain_text(f"e{score:.2f}".replace("-", "−"))
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    page.get_by_role("button", name="Scores", exact=True).click()
    page.mouse.move(*cell(page, 4, 1))
    expect(card).to_contain_text("score of query 4 on key 1")
    assert float(card.locator(".big").inner_text().replace("−", "-")) == pytest.approx(
        float(scores(seen, 1)[2, 4, 1]), abs=0.006
    )


def test_a_click_on_a_cell_moves_the_focus(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    page.mouse.click(*cell(page, 3, 1))
    expect(page.locator(".bar .chip.on")).to_have_attribute("aria-label", re.compile("^token 3:"))
    page.wait_for_url(re.compile(r"token=3"))


def test_the_keyboard_walks_heads_tokens_and_keys(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, layer="0", head="3", token="4")
    page.locator(".options").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".head h2").first).to_have_text("Block 1 · head 0")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".bar .chip.on")).to_have_attribute("aria-label", re.compile("^token 3:"))
    page.locator(".matrix").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".card:popover-open")).to_contain_text("weight from query 2 to key")
    page.wait_for_url(re.compile("token=2"))


def test_coming_back_finds_the_same_head(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    heads(page).nth(5).click()
    page.wait_for_url(re.compile("head=1"))
    idle(page)
    page.get_by_role("link", name="Sampling").click()
    expect(page.locator("h1")).not_to_contain_text("Where")
    idle(page)
    page.get_by_role("link", name="Attention").click()
    expect(page.locator(".head h2").first).to_have_text("Block 1 · head 1")
    expect(heads(page).nth(5)).to_have_attribute("aria-selected", "true")


def test_switches_say_what_they_hide(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle, layer="0", head="1", token="4")
    weights = pattern(read(tiny_home), 0)[1]
    hidden = f"{weights[4, 0] * 100:.0f}%"
    page.get_by_role("button", name="Hide first token").click()
    expect(page.locator(".legend")).to_contain_text(f"first token hidden: it takes {hidden} of this row")
    expect(page.locator(".legend")).to_contain_text("not scaled up")
    page.get_by_role("button", name="Log scale").click()
    expect(page.locator(".wall")).to_contain_text("log scale")
    page.get_by_role("button", name="Scores", exact=True).click()
    expect(page.get_by_role("button", name="Log scale")).to_be_disabled()


def test_sorting_puts_the_largest_score_first(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    page.get_by_label("sorted by").select_option("first")
    expect(page.locator(".tiles svg")).to_contain_text("L0 H0")
    shown = [float(text) for text in page.locator(".tiles svg text[text-anchor=end]").all_text_contents()]
    assert len(shown) == 8
    assert shown == sorted(shown, reverse=True)


def test_the_csv_holds_the_matrix_of_the_head(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle, layer="1", head="3")
    with page.expect_download() as download:
        page.locator(".st-key-share").get_by_role("button", name="CSV", exact=True).click()
    assert download.value.suggested_filename == "vitrine-attention-block1-head3.csv"
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    seen = read(tiny_home)
    T = len(seen.ids)
    assert len(rows) == T * (T + 1) // 2
    for row in rows:
        at = (3, int(row["query"]), int(row["key"]))
        assert float(row["weight"]) == pytest.approx(float(pattern(seen, 1)[at]), rel=1e-6)
        assert float(row["score"]) == pytest.approx(float(scores(seen, 1)[at]), rel=1e-6)


def test_the_table_twin_holds_the_same_numbers(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle, layer="1", head="3")
    twin = page.locator(".st-key-attention .twin")
    twin.get_by_text("In words and as a table").click()
    expect(twin.locator("caption")).to_contain_text("Block 1, head 3: weights")
    last = twin.locator("tr").last.locator("td").all_inner_texts()
    assert last == [f"{weight:.4f}" for weight in pattern(read(tiny_home), 1)[3, -1]]


def test_the_formula_stands_on_the_first_screen(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, prompt=STORY[:24])
    assert 12 <= page.locator(".bar .chip").count() <= 24
    box = page.locator(".maths .formula").bounding_box()
    assert box
    assert box["y"] + box["height"] < 800


def test_a_long_prompt_becomes_pixels_and_text(open_page: Maker, url: str, idle: Idle) -> None:
    page = opened(open_page(color_scheme="dark"), url, idle, prompt=STORY[:60])
    tokens = page.locator(".bar .chip").count()
    assert 24 < tokens <= N_CTX
    expect(page.locator(".matrix canvas")).to_be_visible()
    expect(page.locator(".matrix .halo .named").first).to_be_visible()  # legible where an arc passes
    assert page.locator(".running .token").count() == tokens
    page.locator(".running .token").nth(7).click()
    expect(page.locator(".rowtext h2")).to_contain_text("What query 7 ")


@pytest.mark.parametrize(
    "text", ["B", "<script>alert(1)</script>", "שלום 👩‍👩‍👧\n\n\u202eabc"], ids=["one", "html", "marks"]
)
def test_any_text_is_drawn_as_text(open_page: Maker, url: str, idle: Idle, text: str) -> None:
    page = opened(open_page(width=390, height=844), url, idle, prompt=text)
    expect(page.locator(".facts > div")).to_have_count(4)
    assert page.locator(".picture script").count() == 0
    assert too_wide(page) <= 0


def test_shapes_multiply(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle, depth="Shapes", layer="1", head="3")
    T = len(read(tiny_home).ids)
    table = page.locator(".st-key-attention_shapes table")
    expect(table).to_contain_text(f"B T H D = 1 {T} 4 8")
    expect(table).to_contain_text(f"B T G D = 1 {T} 2 8")
    expect(table).to_contain_text(f"B H Tq Tk = 1 4 {T} {T}")


def test_a_link_brings_back_order_basis_and_switches(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, layer="1", head="2")
    page.get_by_label("sorted by").select_option("entropy")
    page.wait_for_url(lambda there: "sort=entropy" in there)
    page.get_by_role("button", name="Scores").click()
    page.wait_for_url(lambda there: "show=scores" in there)
    page.get_by_role("button", name="Hide first token").click()
    page.wait_for_url(lambda there: "sort=entropy" in there and "show=scores.rest" in there)
    page.locator(".bar .chip").nth(1).click()
    page.wait_for_url(re.compile(r"[?&]token=1\b"))
    idle(page)
    assert "sort=entropy" in page.url
    page.reload()
    expect(page.get_by_role("button", name="Scores")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Hide first token")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("sorted by")).to_have_value("entropy")
    idle(page)
    page.get_by_label("sorted by").select_option("place")
    page.wait_for_url(lambda there: "sort=" not in there)
