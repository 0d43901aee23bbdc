"""The deeper looks at a head in a real browser: what is drawn is what the model computes, and follows click and key."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from explorer.analysis.attention import pattern, scores
from explorer.analysis.edited_row import edited_row
from explorer.analysis.value_sizes import value_sizes
from llm.checkpoint import load_checkpoint
from tests.browser.test_attention import cell, opened
from tests.browser.tiny_pages import PROMPT, Idle, Maker, read, too_wide
from tests.tiny_home import NAME

pytestmark = pytest.mark.browser


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("+", ""))


def rows_of(page: Page, look: str) -> list[dict[str, str]]:
    """The CSV of the look that is open."""
    with page.expect_download() as download:
        page.locator(f".st-key-section_attention_{look}").get_by_role("button", name="CSV").click()
    return list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))


def test_a_score_sums_on_screen_and_follows_the_pair(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle, look="score", layer="1", head="3", token="4")
    seen, steps = read(tiny_home), page.locator(".steps")
    page.mouse.click(*cell(page, 4, 1))
    score, weight = float(scores(seen, 1)[3, 4, 1]), float(pattern(seen, 1)[3, 4, 1])
    expect(steps.locator(".strong .num")).to_have_text([f"{score:.4f}".replace("-", "−"), f"{weight:.4f}"])
    up, down = (number(text) for text in steps.locator(".num").all_inner_texts()[:2])
    assert up + down == pytest.approx(score, abs=2e-4)
    page.wait_for_url(re.compile(r"pair=4\.1"))
    terms = rows_of(page, "score")
    assert sum(float(row["term"]) for row in terms[:8]) == pytest.approx(score, abs=1e-5)
    page.locator(".strips").focus()
    page.keyboard.press("ArrowRight")
    expect(steps.locator(".strong .num").last).to_have_text(f"{float(pattern(seen, 1)[3, 4, 2]):.4f}")
    page.get_by_role("button", name="By size").click()
    page.wait_for_url(re.compile("terms=size"))

    idle(page)
    page.get_by_role("button", name="Value-weighted").click()
    sizes = value_sizes(seen, load_checkpoint(tiny_home / "models" / NAME).model)
    page.mouse.move(*cell(page, 4, 2))
    shown = number(page.locator(".card:popover-open .big").inner_text())
    assert shown == pytest.approx(float(pattern(seen, 1)[3, 4, 2] * sizes[1, 3, 2]), rel=0.06)
    page.get_by_role("button", name="Hide first token").click()
    page.get_by_role("button", name="Rest to 1").click()
    expect(page.locator(".legend").first).to_contain_text("a view, not what the model computed")
    page.wait_for_url(re.compile(r"show=moved\.rest\.whole"))


def test_a_row_by_hand_runs_the_model_again(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle, layer="0", head="2", token="4")
    page.get_by_role("radio", name="Edit a row").click()
    page.wait_for_url(re.compile("look=edit"))
    changes = page.locator(".next .one .num:last-child")
    expect(changes.first).to_have_text("0")
    assert set(changes.all_inner_texts()) == {"0"}, "an unedited row changes nothing"
    box = page.get_by_label("Weight on key 1", exact=False).and_(page.locator("[type=number]"))
    box.fill("2")
    box.press("Enter")
    expect(page.locator(".picture .error")).to_contain_text("Expected a weight from 0 to 1, got “2”")
    box.fill("0.9")
    box.press("Enter")
    page.wait_for_url(re.compile(r"row=0\.2\.4_1x0\.9"))
    expect(page.locator(".after.late")).to_have_count(0)
    expect(changes.first).not_to_have_text("0")
    model, seen = load_checkpoint(tiny_home / "models" / NAME).model, read(tiny_home, PROMPT)
    truth = edited_row(seen, model, 0, 2, 4, ((1, 0.9),), "one")
    rows = rows_of(page, "edit")
    logits = {int(row["index"]): float(row["edited"]) for row in rows if row["what"] == "logit"}
    assert logits == {
        int(id): pytest.approx(float(x), abs=1e-4) for id, x in zip(truth.ids, truth.logit[1], strict=True)
    }
    weights = [float(row["edited"]) for row in rows if row["what"] == "weight"]
    np.testing.assert_allclose(weights, truth.written, atol=1e-6)
    page.get_by_role("button", name="Reset").click()
    page.wait_for_url(lambda there: "row=" not in there)
    expect(changes.first).to_have_text("0")


def test_every_look_fits_a_phone_and_has_a_table(open_page: Maker, url: str, idle: Idle) -> None:
    page = opened(open_page(width=390, height=844, color_scheme="dark"), url, idle, layer="1", head="1", token="5")
    for name, words in (
        ("Its role", "Olsson et al. 2022"),
        ("Through the blocks", "Abnar & Zuidema 2020"),
        ("What it copies", "with all attention on it"),
        ("One score", "term by term"),
    ):
        page.get_by_role("radio", name=name).click()
        expect(page.locator(".picture").get_by_text(words, exact=False).first).to_be_attached()
        idle(page)
        assert too_wide(page) <= 0
    page.get_by_role("radio", name="What it copies").click()
    page.get_by_role("button", name="Read the weights").click()
    expect(page.get_by_text("Copying score")).to_be_visible()
    page.locator(".twin summary").last.click()
    expect(page.locator(".twin").last).to_contain_text("looks for, alone")
