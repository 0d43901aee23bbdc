"""The Logit lens in a real browser: the numbers are the model's own, and a bar leads to its component."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from explorer.analysis.attribution import Attribution, attribution, gradient_x_input
from explorer.analysis.logit_lens import Lens, logit_lens
from llm.checkpoint import load_checkpoint
from llm.trace import trace
from tests.browser.tiny_pages import PROMPT, STORY, Idle, Maker, address, card, cell, home, number, too_wide
from tests.tiny_home import N_CTX, NAME

pytestmark = pytest.mark.browser


def opened(page: Page, url: str, idle: Idle, **query: str) -> Page:
    page.goto(address(url, "lens", **query))
    expect(page.locator(".grid svg")).to_be_visible()
    expect(page.locator(".sources .scroll svg")).to_be_visible()
    idle(page)
    return page


def truth(home: Path, position: int = -1, against: int | None = None) -> tuple[Lens, Attribution, np.ndarray]:
    """Python's own numbers for PROMPT, at a position, of the token that the model says there."""
    checkpoint = load_checkpoint(home / "models" / NAME)
    model = checkpoint.model.eval().requires_grad_(False)
    ids = checkpoint.tokenizer.encode(PROMPT)
    seen, at = trace(model, ids), position % len(ids)
    token = int(seen.logits[at].argmax())
    return (
        logit_lens(seen, model),
        attribution(seen, model, at, token, against),
        gradient_x_input(seen, model, at, token, against),
    )


def test_the_grid_shows_what_the_lens_reads(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle)
    lens, _, _ = truth(tiny_home)
    N, T = lens.top.shape[:2]
    assert page.locator(".grid rect[rx='1']:not(.frame)").count() == N * T
    expect(page.locator(".vitrine-lead")).to_contain_text("the whole model gives")
    for token, depth in ((3, 1), (T - 1, N - 1)):
        page.mouse.move(*cell(page, token, depth))
        expect(card(page)).to_contain_text(lens.depths[depth].hook)
        expect(card(page)).to_contain_text(f"[0,{token},:]")
        expect(card(page)).to_contain_text(f"rank {lens.rank[0, depth, token]} of")
        assert number(card(page).locator(".big").inner_text()) == pytest.approx(
            float(np.exp(lens.log_prob[0, depth, token])), rel=0.05
        )
        expect(card(page)).to_contain_text(f"entropy {lens.entropy[depth, token]:.2f} nats")


def test_hovering_asks_nobody_and_shading_only_tells(page: Page, url: str, idle: Idle) -> None:
    asked: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: asked.append(frame)))
    opened(page, url, idle)
    before = page.locator(".grid").inner_html()
    asked.clear()
    page.mouse.move(*cell(page, 2, 2))
    expect(card(page)).to_be_visible()
    page.locator(".waterfall a").nth(1).hover()
    expect(page.locator(".card:popover-open", has_text="hook_z")).to_be_visible()
    expect(card(page)).to_have_count(1)  # the other is gone
    page.wait_for_timeout(300)
    assert not asked
    page.get_by_role("button", name="Entropy", exact=True).click()
    expect(page.locator(".legend").first).to_contain_text("entropy in nats")
    assert page.locator(".grid").inner_html() != before
    page.wait_for_url(re.compile("shade=entropy"))
    page.reload()
    expect(page.get_by_role("button", name="Entropy", exact=True)).to_have_attribute("aria-pressed", "true")


def test_a_click_looks_at_the_token_and_its_depth(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle)
    drawn = page.locator(".grid.tokens .line").evaluate_all("all => (window.drawn = all).length")
    page.mouse.click(*cell(page, 3, 1))
    expect(page.locator(".bar .chip.on").first).to_have_attribute("aria-label", re.compile("^token 3:"))
    page.wait_for_url(re.compile(r"token=3"))
    lens, parts, _ = truth(tiny_home, 3)
    expect(page.locator(".maths").first).to_contain_text(f"{lens.depths[1].hook} [0, 3, :]")
    expect(page.locator(".waterfall .total")).to_have_text(f"{parts.logit:.2f}".replace("-", "−"))
    assert page.evaluate("() => window.drawn.filter(line => line.isConnected).length") == drawn, (
        "the frames alone moved"
    )
    expect(page.locator(".grid.tokens .line.on")).to_have_text(re.compile("^3"))


def test_the_keyboard_walks_tokens_and_depths(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, token="4")
    page.locator(".grid").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".bar .chip.on").first).to_have_attribute("aria-label", re.compile("^token 3:"))
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    expect(card(page)).to_contain_text("after the embedding")
    page.keyboard.press("ArrowRight")
    expect(card(page)).to_contain_text("after block 0’s attention")
    page.wait_for_url(re.compile("token=3"))


def test_the_parts_sum_to_the_logit_on_screen(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle)
    _, parts, _ = truth(tiny_home)
    shown = page.locator(".waterfall a")
    assert shown.count() == len(parts.parts)
    values = [number(text.rpartition(": ")[2]) for text in shown.evaluate_all("a => a.map(n => n.ariaLabel)")]
    assert values == pytest.approx([part.value for part in parts.parts], abs=0.0051)
    expect(page.locator(".waterfall .total")).to_have_text(f"{parts.logit:.2f}".replace("-", "−"))
    expect(page.locator(".maths").last).to_contain_text("remainder")
    page.get_by_role("button", name="By size").click()
    first = max(parts.parts, key=lambda part: abs(part.value))
    expect(shown.first).to_have_attribute("aria-label", re.compile(f"{abs(first.value):.2f}$"))
    page.wait_for_url(re.compile("order=size"))


def test_a_bar_leads_to_its_head(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    bar = page.locator(".waterfall a[data-part='block 1 · head 2']")
    assert re.search(r"^attention\?.*layer=1&head=2", bar.get_attribute("href") or "")
    bar.hover()
    expect(card(page)).to_contain_text("blocks.1.attn.hook_z")
    expect(card(page)).to_contain_text("from ")
    expect(page.locator(".sources .heads")).to_contain_text("block 1 · head 2 alone")
    bar.click()
    expect(page.locator("h1")).to_contain_text("Where does each head look?")
    expect(page.locator(".head h2").first).to_have_text("Block 1 · head 2")
    idle(page)
    assert "prompt=" in page.url


def test_from_the_answer_to_the_head_and_back(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    """Why did it say that word? By clicks alone, with one focus."""
    home(page, url, idle, token="5")
    page.locator(".told .why").click()
    expect(page.locator("h1")).to_contain_text("When does the model know its answer?")
    expect(page.locator(".bar .chip.on").first).to_have_attribute("aria-label", re.compile("^token 5:"))
    mlp = page.locator(".waterfall a[data-part='block 1 · MLP']").get_attribute("href") or ""
    assert re.search(r"^neurons\?.*layer=1", mlp)
    page.locator(".waterfall a[data-part='block 0 · head 3']").click()
    expect(page.locator(".head h2").first).to_have_text("Block 0 · head 3")
    page.get_by_role("link", name="Logit lens").click()
    expect(page.locator(".waterfall .total")).to_be_visible()
    page.wait_for_url(lambda there: "token=5" in there and "layer=0" in there and "head=3" in there)
    page.mouse.click(*cell(page, 5, 1))
    page.get_by_role("link", name="The stream there").click()
    expect(page.locator(".vectors h2")).to_contain_text("The norm before block 0’s MLP at")
    page.wait_for_url(lambda there: "token=5" in there and "norm=ln2" in there)
    idle(page)


def test_the_keyboard_opens_a_bar(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    page.locator(".waterfall a").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".waterfall a:focus")).to_have_attribute("data-part", "block 0 · head 1")
    page.keyboard.press("Enter")
    expect(page.locator(".head h2").first).to_have_text("Block 0 · head 1")
    idle(page)


def test_shares_of_the_tokens(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle)
    _, parts, gradient = truth(tiny_home)
    assert parts.by_token is not None
    rows = page.locator(".sources .share")
    assert rows.count() == len(gradient)
    for s in (0, len(gradient) - 1):
        numbers = rows.nth(s).locator("text[text-anchor=end]").all_text_contents()
        assert [number(text) for text in numbers] == pytest.approx([parts.by_token[s], gradient[s]], abs=0.0051)
    expect(page.locator(".differ")).to_contain_text("every path")


def test_a_typed_token_is_followed_and_another_stands_against_it(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    page.get_by_label("Another token to follow").fill("and")
    page.keyboard.press("Enter")
    expect(page.locator(".path h2")).to_contain_text("·and")
    page.wait_for_url(re.compile(r"answer=\d+"))
    expect(page.locator(".vitrine-lead")).to_contain_text("·and")
    idle(page)
    menu = page.get_by_label("against", exact=True)
    rival = menu.locator("option").nth(1).get_attribute("value") or ""
    menu.select_option(rival)
    page.wait_for_url(re.compile(f"against={rival}"))
    expect(page.locator(".waterfall")).to_contain_text("lead")
    page.get_by_label("followed:").select_option("follows")
    page.wait_for_url(re.compile("answer=follows"))
    expect(page.locator(".path h2")).to_contain_text("The text ends here")
    idle(page)


def test_the_tables_hold_the_same_numbers(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle)
    lens, parts, _ = truth(tiny_home)
    for summary in page.get_by_text("In words and as a table").all():
        summary.click()
    entropies = page.locator(".twin table").first.locator("tr td:nth-of-type(5)").all_inner_texts()
    assert [number(text) for text in entropies] == pytest.approx(lens.entropy[:, -1].tolist(), abs=1e-4)
    adds = page.locator(".twin table", has_text="Every part").locator("tr td").all_inner_texts()
    assert [number(text) for text in adds[:-2]] == pytest.approx([part.value for part in parts.parts], abs=1e-4)


def test_both_pictures_save_all_their_numbers(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle)
    lens, parts, gradient = truth(tiny_home)
    saved: dict[str, list[dict[str, str]]] = {}

    def keep(file: object) -> None:
        rows = csv.DictReader(io.StringIO(file.path().read_text("utf-8-sig")))  # type: ignore[attr-defined]
        saved[file.suggested_filename.split("-token")[0]] = list(rows)  # type: ignore[attr-defined]

    page.on("download", keep)
    page.get_by_role("button", name="CSV", exact=True).click()
    page.wait_for_function("() => true")
    expect(page.locator("h1")).to_be_visible()
    for _ in range(100):
        if len(saved) == 2:
            break
        page.wait_for_timeout(50)
    grid, logit = saved["vitrine-logit-lens"], saved["vitrine-logit-parts"]
    assert len(grid) == lens.top.shape[0] * lens.top.shape[1]
    assert [float(row["entropy_nats"]) for row in grid[-5:]] == pytest.approx(lens.entropy[:, -1].tolist(), abs=1e-5)
    assert [float(row["adds"]) for row in logit if row["of"] == "part"] == pytest.approx(
        [part.value for part in parts.parts], rel=1e-6
    )
    sums = [float(row["gradient_x_input"]) for row in logit if row["of"] == "token"]
    assert sums == pytest.approx(gradient.tolist(), rel=1e-6)


def test_a_long_prompt_scrolls_inside_the_grid(open_page: Maker, url: str, idle: Idle) -> None:
    page = opened(open_page(color_scheme="dark"), url, idle, prompt=STORY[:80])
    tokens = page.locator(".bar .chip").count()
    assert 26 < tokens <= N_CTX
    grid = page.locator(".grid")
    assert grid.evaluate("g => g.scrollHeight > g.clientHeight")
    expect(page.locator(".grid svg")).to_contain_text(f"{tokens - 1}")
    page.locator(".bar .chip").first.focus()
    page.locator(".bar .chip.on").first.focus()
    page.keyboard.press("Home")
    page.wait_for_url(re.compile("token=0"))
    assert grid.evaluate("g => g.scrollTop") == 0
    page.keyboard.press("End")
    expect(page.locator(".bar .chip.on").first).to_have_attribute("aria-label", re.compile(f"^token {tokens - 1}:"))
    idle(page)
    hidden = """g => g.querySelector(".frame").getBoundingClientRect().bottom - g.getBoundingClientRect().bottom"""
    assert grid.evaluate(hidden) <= 0


@pytest.mark.parametrize(
    "text", ["B", "<script>alert(1)</script>", "שלום 👩‍👩‍👧\n\n\u202eabc"], ids=["one", "html", "marks"]
)
def test_any_text_is_drawn_as_text(open_page: Maker, url: str, idle: Idle, text: str) -> None:
    page = opened(open_page(width=390, height=844), url, idle, prompt=text)
    expect(page.get_by_role("button", name="Blocks only")).to_have_attribute("aria-pressed", "true")
    assert page.locator(".picture script").count() == 0
    assert too_wide(page) <= 0


def test_a_link_asks_for_a_token_that_is_not_here(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, answer="99999", against="99998", shade="constructor", parts="x")
    expect(page.get_by_role("button", name="Probability", exact=True)).to_have_attribute("aria-pressed", "true")
    page.wait_for_url(lambda there: "answer=" not in there and "against=" not in there)
