"""Patching in a real browser: the numbers are the model's own, a cell is dragged from run to run, a patch is kept."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from explorer.analysis.interventions import Part
from explorer.analysis.patching import both_runs, cells, share, sweep, trial
from explorer.display import pct, signed
from llm.checkpoint import load_checkpoint
from llm.trace import trace
from tests.browser.tiny_pages import Idle, Maker, address, too_wide
from tests.tiny_home import NAME

pytestmark = pytest.mark.browser
CLEAN, CORRUPTED = "Ben and Jack. Ben and", "Ben and Jock. Ben and"
ROW, CELL = 25, 24  # px of a row of the whole grid, and of a run by hand


def card(page: Page) -> Locator:
    return page.locator(".card:popover-open")


def centre(page: Page, grid: str, layer: int, at: int, row: int, first: int) -> tuple[float, float]:
    """The middle of a cell of a block and token; `first` is the number of the panel's first column."""
    box = page.locator(f"{grid} .tall").bounding_box()
    middles = page.locator(f"{grid} rect[rx='1']:not(.frame)").evaluate_all(
        "all => [...new Set(all.map(r => r.getBoundingClientRect()).map(r => Math.round(r.left + r.width / 2)))]"
        ".sort((a, b) => a - b)"
    )
    assert box
    return middles[first + layer], box["y"] + (at + 0.5) * row


def test_a_cell_by_the_grid_by_hand_and_kept(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    checkpoint = load_checkpoint(tiny_home / "models" / NAME)
    model = checkpoint.model.eval().requires_grad_(False)
    ids, other = (tuple(checkpoint.tokenizer.encode(text)) for text in (CLEAN, CORRUPTED))
    assert len(ids) == len(other)
    clean, L, T = trace(model, ids), model.config.n_layers, len(ids)
    chosen, both = both_runs(clean, model, other, (None, None))
    found = sweep(clean, model, other, chosen, "denoise")
    shares = share(found.difference, both)

    asked: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: asked.append(frame)))
    page.goto(address(url, "patching", prompt=CLEAN, corrupted=CORRUPTED))
    expect(page.locator(".hand .target .grid svg")).to_be_visible()
    idle(page)
    assert page.locator(".grid:not(.run) rect[rx='1']:not(.frame)").count() == 3 * L * T
    asked.clear()
    at = next(n for n, (a, b) in enumerate(zip(ids, other, strict=True)) if a != b)
    for first, kind in ((0, "stream"), (L, "attention"), (2 * L, "mlp")):
        part = Part(1, kind=kind, at=at)  # type: ignore[arg-type]  # its three words
        page.mouse.move(*centre(page, ".grid:not(.run)", 1, at, ROW, first))
        expect(card(page)).to_contain_text(part.hook)
        k = cells(model.config, T).index(part)
        assert card(page).locator(".big").inner_text() == signed(float(shares[k]))
        expect(card(page)).to_contain_text(f"clean answer{pct(float(found.probs[k, 0]))}")
    page.locator(".headgrid svg").hover(position={"x": 60, "y": 25})
    expect(card(page)).to_contain_text("blocks.0.attn.hook_z [0,:,0,:]")
    assert not asked, "hovering asks nobody"

    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").first.click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    np.testing.assert_allclose([float(row["share"]) for row in rows], shares, rtol=1e-3, atol=1e-3)

    page.locator(".after h2").scroll_into_view_if_needed()
    page.mouse.move(*centre(page, ".source .grid", 0, at, CELL, 0))
    page.mouse.down()
    page.mouse.move(*centre(page, ".target .grid", 1, T - 1, CELL, 0), steps=4)
    expect(page.locator(".thread path")).to_have_count(1)
    page.mouse.up()
    page.wait_for_url(re.compile(rf"cell=r1%40{T - 1}%3Cr0%40{at}"))
    made = trial(
        clean, model, other, chosen, "denoise", Part(1, kind="stream", at=T - 1), Part(0, kind="stream", at=at)
    )
    measure = page.locator(".maths b.num").last
    expect(measure).to_have_text(signed(float(share(made.said.difference, both)[1])))
    expect(page.locator(".after")).to_contain_text(pct(float(made.after[0])))

    page.locator(".target .grid").focus()
    for key in ("ArrowLeft", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url(re.compile(rf"cell=r0%40{T - 2}%3Cr0%40{at}"))

    page.get_by_role("button", name="Keep as intervention").click()
    expect(page.locator(".vitrine-banner")).to_contain_text(f"stream into block 0 at token {T - 2} patched from")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(CORRUPTED)
    expect(page.get_by_label("Corrupted prompt", exact=True)).to_have_value(CLEAN)


def test_it_fits_a_phone_in_the_dark(open_page: Maker, url: str, idle: Idle) -> None:
    page = open_page(width=390, height=844, color_scheme="dark", reduced_motion="reduce")
    page.goto(address(url, "patching", prompt=CLEAN, corrupted=CORRUPTED, way="zero", cell="m1@2", depth="code"))
    expect(page.locator(".hand .target .grid svg")).to_be_visible()
    idle(page)
    expect(page.locator(".after h2")).to_have_text("The MLP of block 1 at token 2, set to zero")
    expect(page.locator(".source")).to_be_hidden()
    assert too_wide(page) <= 0
