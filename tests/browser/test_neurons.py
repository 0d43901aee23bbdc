"""The Neurons page in a real browser: its numbers are the model's own, a neuron is chosen by click, key and name."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from explorer.analysis.neuron_effect import without_neuron
from explorer.analysis.neurons import activity, additions, neuron
from llm.checkpoint import load_checkpoint
from llm.trace import trace
from tests.browser.tiny_pages import PROMPT, Idle, Maker, address, too_wide
from tests.tiny_home import NAME

pytestmark = pytest.mark.browser


def opened(page: Page, url: str, idle: Idle, **query: str) -> Page:
    page.goto(address(url, "neurons", **query))
    expect(page.locator(".curve svg path.bend")).to_be_visible()
    idle(page)
    return page


def card(page: Page) -> Locator:
    return page.locator(".card:popover-open")


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("+", ""))


def test_the_numbers_are_the_models_and_hovering_asks_nobody(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    asked: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: asked.append(frame)))
    opened(page, url, idle, neuron="1.7")
    checkpoint = load_checkpoint(tiny_home / "models" / NAME)
    model = checkpoint.model.eval().requires_grad_(False)
    seen = trace(model, checkpoint.tokenizer.encode(PROMPT))
    one, gone, T = neuron(seen, model, 1, 7), without_neuron(seen, model, 1, 7), len(seen.ids)
    asked.clear()
    assert page.locator(".curve .dot").count() == T
    page.locator(".values .token").nth(2).hover()
    expect(card(page)).to_contain_text("blocks.1.mlp.hook_post [0,2,7]")
    assert number(card(page).locator(".big").inner_text()) == pytest.approx(float(one.post[2]), abs=6e-4)
    page.locator(".wall").hover(position={"x": 112, "y": 22})
    expect(card(page)).to_contain_text("hook_post")
    page.wait_for_timeout(200)
    assert not asked
    page.get_by_text("In words and as a table").first.click()
    rows = page.locator(".twin table tr td:nth-of-type(2)").all_inner_texts()
    assert [number(text) for text in rows] == pytest.approx(one.post.tolist(), abs=1e-4)
    held = page.locator(".twin table tr td:nth-of-type(5)").all_inner_texts()
    assert [float(text) for text in held] == pytest.approx(gone.after[0].tolist(), abs=1e-4)
    counts = activity(seen, model)
    expect(page.locator(".wall svg")).to_contain_text(f"{counts.never(0)} never active")
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV", exact=True).first.click()
    lines = list(csv.DictReader(io.StringIO(saved.value.path().read_text("utf-8-sig"))))
    added = additions(seen, model, T - 1).by_neuron
    found = [float(row["adds_to_answer"]) for row in lines if row["of"] == "neuron"]
    assert np.reshape(found, added.shape) == pytest.approx(added, rel=1e-4, abs=1e-7)
    assert len([row for row in lines if row["of"] == "token"]) == T


def test_a_neuron_is_chosen_by_click_by_key_and_by_name(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, neuron="1.7")
    title = page.locator(".part h2").first
    expect(title).to_have_text("Neuron 1.7 on this text")
    page.locator(".wall").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"neuron=0\.8"))
    expect(title).to_have_text("Neuron 0.8 on this text")
    idle(page)
    page.locator(".wall").click(position={"x": 112, "y": 22})
    page.wait_for_url(re.compile(r"neuron=0\.0"))
    idle(page)
    field = page.get_by_label("Neuron, as block.number")
    field.fill("9.1")
    field.press("Enter")
    expect(page.locator(".said")).to_contain_text("from 0.0 to 1.47")
    field.fill("1.40")
    field.press("Enter")
    page.wait_for_url(re.compile(r"neuron=1\.40"))
    expect(title).to_have_text("Neuron 1.40 on this text")
    page.get_by_role("button", name="How often active").click()
    page.wait_for_url(re.compile("shade=often"))
    expect(page.locator(".legend").first).to_contain_text("on which each is active")
    page.locator(".values .token").nth(1).click()
    page.wait_for_url(re.compile("token=1"))
    expect(page.locator(".gone h2")).to_contain_text("after")
    assert "neuron=1.40" in page.url
    idle(page)


def test_its_places_are_found_and_the_page_fits_a_phone(open_page: Maker, url: str, idle: Idle) -> None:
    page = opened(open_page(width=390, height=844, color_scheme="dark"), url, idle, neuron="1.7")
    page.get_by_role("button", name="Find them").click()
    expect(page.locator(".place").first).to_be_visible()
    idle(page)
    expect(page.locator(".facts")).to_contain_text("tokens of the prompt, neuron 1.7 is active on")
    first = page.locator(".place").first
    best = number(first.locator(".num").inner_text())
    assert best == max(number(text) for text in page.locator(".place .num").all_inner_texts())
    first.locator(".on").hover()
    expect(card(page)).to_contain_text("what the neuron gives on this token")
    assert too_wide(page) <= 0
