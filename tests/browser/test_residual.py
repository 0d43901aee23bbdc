"""The Residual stream in a real browser: the numbers are the model's own, and a second pass is one click away."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from explorer.analysis.norm_trial import How, NormTrial, norm_trial
from explorer.analysis.norms import NormAt, Stream, norm_at, stream
from explorer.display import pct
from llm.checkpoint import load_checkpoint
from llm.trace import trace
from tests.browser.tiny_pages import PROMPT, STORY, Idle, Maker, address, card, cell, number, too_wide
from tests.tiny_home import NAME

pytestmark = pytest.mark.browser


def opened(page: Page, url: str, idle: Idle, **query: str) -> Page:
    page.goto(address(url, "residual", **query))
    expect(page.locator(".trial svg")).to_be_visible()
    idle(page)
    return page


def truth(home: Path, place: int, how: How = "bypass", like: int = 0) -> tuple[Stream, NormAt, NormTrial]:
    """Python's own numbers for PROMPT, of the norm that reads a place, at the last token."""
    checkpoint = load_checkpoint(home / "models" / NAME)
    model = checkpoint.model.eval().requires_grad_(False)
    seen = trace(model, checkpoint.tokenizer.encode(PROMPT))
    last = len(seen.ids) - 1
    return stream(seen, model), norm_at(seen, model, place, last), norm_trial(seen, model, place, how, like)


def test_hovering_shows_the_streams_own_numbers_and_asks_nobody(
    page: Page, url: str, idle: Idle, tiny_home: Path
) -> None:
    asked: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: asked.append(frame)))
    opened(page, url, idle)
    found, norm, _ = truth(tiny_home, 0)
    P, T = found.length.shape
    assert page.locator(".grid rect[rx='1']:not(.frame)").count() == P * T
    asked.clear()
    for token, place in ((3, 1), (T - 1, P - 1)):
        page.mouse.move(*cell(page, token, place))
        expect(card(page)).to_contain_text(found.places[place].hook)
        expect(card(page)).to_contain_text(f"[0,{token},:]")
        expect(card(page)).to_contain_text(f"cosine {found.cosine[place, token]:.2f}".replace("-", "−"))
        shown = number(card(page).locator(".big").inner_text())
        assert shown == pytest.approx(float(found.length[place, token]), abs=0.006)
    plot = page.locator(".plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 5.5 / 32, box["y"] + 40)
    expect(card(page)).to_contain_text("dimension 5")
    assert number(card(page).locator(".big").inner_text()) == pytest.approx(float(norm.x[5]), abs=6e-4)
    expect(page.locator(".maths h2")).to_have_text("The formulas at dimension 5")
    page.wait_for_timeout(300)
    assert not asked


def test_a_click_chooses_token_and_norm(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle)
    page.mouse.click(*cell(page, 3, 4))
    expect(page.locator(".bar .chip.on")).to_have_attribute("aria-label", re.compile("^token 3:"))
    page.wait_for_url(re.compile("norm=final"))
    expect(page.locator(".vectors h2")).to_contain_text("The final norm at")
    found, _, trial = truth(tiny_home, 4)
    expect(page.locator(".trial .note")).to_contain_text(pct(float(trial.after[3])))
    expect(page.locator(".maths")).to_contain_text(f"{found.divisor[4, 3]:.4f}")
    page.mouse.click(*cell(page, 5, 1))
    page.wait_for_url(re.compile("norm=ln2"))
    expect(page.locator(".vectors h2")).to_contain_text("The norm before block 0’s MLP at")


def test_another_second_pass(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle, norm="final")
    page.get_by_role("button", name="Mean divisor").click()
    page.wait_for_url(re.compile("how=mean"))
    _, _, trial = truth(tiny_home, 4, "mean")
    expect(page.locator(".trial > .sub")).to_contain_text(f"divided by {trial.divisor:.3f}, the mean of the text’s")
    shown = page.locator(".trial .lists > div").nth(1).locator(".line .num").all_inner_texts()
    assert shown == [pct(float(p)) for p in trial.top_prob[1, -1]]
    page.get_by_role("button", name="One token’s divisor").click()
    page.get_by_label("that of").select_option("2")
    page.wait_for_url(re.compile("like=2"))
    _, _, trial = truth(tiny_home, 4, "token", 2)
    expect(page.locator(".trial > .sub")).to_contain_text(f"divided by {trial.divisor:.3f}, the divisor of token 2")
    page.reload()
    expect(page.get_by_role("button", name="One token’s divisor")).to_have_attribute("aria-pressed", "true")
    idle(page)


def test_the_keyboard_walks_tokens_places_and_dimensions(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, token="4", norm="final")
    page.locator(".grid").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".bar .chip.on")).to_have_attribute("aria-label", re.compile("^token 3:"))
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    expect(card(page)).to_contain_text("after the embedding")
    page.keyboard.press("ArrowRight")
    expect(card(page)).to_contain_text("after block 0’s attention")
    page.wait_for_url(lambda there: "token=3" in there and "norm=ln2" in there)
    idle(page)
    page.locator(".plot").focus()
    page.keyboard.press("Home")
    expect(page.locator(".maths h2")).to_have_text("The formulas at dimension 0")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".maths h2")).to_have_text("The formulas at dimension 1")
    page.wait_for_url(re.compile("dim=1"))
    idle(page)


def test_the_csv_holds_every_cell_dimension_and_answer(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle, norm="ln2")
    found, norm, trial = truth(tiny_home, 1 if "layer=" not in page.url else 3)
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV", exact=True).click()
    rows = list(csv.DictReader(io.StringIO(saved.value.path().read_text("utf-8-sig"))))
    cells = [row for row in rows if row["of"] == "cell"]
    P, T = found.length.shape
    assert len(cells) == P * T
    assert [float(row["length"]) for row in cells[-P:]] == pytest.approx(found.length[:, -1].tolist(), rel=1e-6)
    assert [float(row["divisor"]) for row in cells[-P:]] == pytest.approx(found.divisor[:, -1].tolist(), rel=1e-6)
    assert [float(row["out"]) for row in rows if row["of"] == "dimension"] == pytest.approx(norm.out.tolist(), rel=1e-6)
    again = [float(row["second_probability"]) for row in rows if row["of"] == "second pass"]
    assert again == pytest.approx(trial.after.tolist(), rel=1e-5)
    page.get_by_text("In words and as a table").first.click()  # the other one's is hidden
    lengths = page.locator(".twin[open] td:nth-of-type(1)").all_inner_texts()
    assert [number(text) for text in lengths] == pytest.approx(found.length[:, -1].tolist(), abs=1e-4)


def test_another_model_stands_beside_it(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    expect(page.get_by_role("heading", name="Beside another model")).to_be_visible()
    page.get_by_label("Another model, beside this one").select_option("stories-post-norm")
    page.wait_for_url(re.compile("beside=stories-post-norm"))
    pair = page.locator(".two > section:has(> .path)")
    expect(pair.nth(0)).to_contain_text("pre-norm · LayerNorm · 2 layers · 32 wide")
    expect(pair.nth(1)).to_contain_text("post-norm · LayerNorm · 4 layers · 64 wide")
    expect(pair.nth(1)).to_contain_text("A norm stands in the stream itself")
    expect(pair.nth(1).locator(".path svg")).to_be_visible()
    page.reload()
    expect(pair.nth(1)).to_contain_text("stories-post-norm")
    page.get_by_label("Another model, beside this one").select_option("none")
    expect(pair).to_have_count(2)
    expect(pair.nth(0)).to_be_hidden()
    idle(page)


@pytest.mark.parametrize("text", ["B", "<script>alert(1)</script>", STORY[:80]], ids=["one", "html", "long"])
def test_a_phone_shows_any_text(open_page: Maker, url: str, idle: Idle, text: str) -> None:
    page = opened(open_page(width=390, height=844, color_scheme="dark"), url, idle, prompt=text, cells="peak")
    expect(page.get_by_role("button", name="Outliers")).to_have_attribute("aria-pressed", "true")
    assert page.locator(".picture script").count() == 0
    assert too_wide(page) <= 0
