"""The birth of an induction head in a real browser: the handle, silent heads and the reader's row."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from explorer.analysis.birth import Moment, induction_heads, moment, moment_on_row, rows_for, silenced, silent_sets
from explorer.analysis.head_roles import CLEAR
from explorer.analysis.silencing import Silence
from llm.checkpoint import Checkpoint, load_checkpoint
from llm.runs.directory import RunDirectory
from tests.browser.watched import Pages

pytestmark = pytest.mark.browser

SHIPPED = RunDirectory(Path(__file__).resolve().parents[2] / "assets" / "runs" / "induction")
STEPS = list(SHIPPED.steps())
Idle = Callable[[Page], None]
Maker = Callable[..., Page]


def opened(page: Page, url: str, **query: str) -> Page:
    page.goto(f"{url}/induction?{urlencode(query)}")
    expect(page.locator(".stage")).to_be_visible(timeout=60_000)
    expect(page.locator(".silence > .sub")).to_contain_text("nats", timeout=90_000)  # every silenced pass is there
    return page


@pytest.fixture(scope="module")
def one_page(pages: Pages, url: str) -> Iterator[Page]:
    with pages.lent() as make:
        yield opened(make(color_scheme="light"), url, at=str(STEPS[-1]))


@pytest.fixture
def shown(one_page: Page) -> Page:
    """The shipped run at its last checkpoint, no head silent; one page for all tests that only look."""
    one_page.get_by_role("button", name="zero").click()
    expect(one_page.locator(".silence > .sub")).to_contain_text("nats")
    silence(one_page, "no head")
    go(one_page, STEPS[-1])
    return one_page


@cache
def at(step: int) -> tuple[Checkpoint, Moment]:
    checkpoint = load_checkpoint(SHIPPED.steps()[step])
    checkpoint.model.eval().requires_grad_(False)
    return checkpoint, moment(checkpoint, rows_for(checkpoint, SHIPPED.config().corpus_seed))


@cache
def without(step: int, way: Silence = "zero") -> dict[str, float]:
    """The loss on repeated tokens without each set of heads."""
    checkpoint, _ = at(step)
    rows, sets = rows_for(checkpoint, SHIPPED.config().corpus_seed), silent_sets(at(STEPS[-1])[1])
    return dict(zip(sets, silenced(checkpoint, rows, tuple(sets.values()), way)[1].tolist(), strict=True))


def handle(page: Page) -> Locator:
    return page.get_by_role("slider", name="Checkpoint")


def go(page: Page, step: int) -> None:
    """Move the handle there by its keys."""
    handle(page).press("End")
    for _ in range(2 * len(STEPS)):  # a picture that Streamlit mounts anew meanwhile may miss a key
        left = STEPS.index(int(page.locator(".fact b").inner_text().replace(",", ""))) - STEPS.index(step)
        if not left:
            break
        handle(page).press("PageDown" if left >= 5 else "ArrowLeft" if left > 0 else "ArrowRight")
    expect(page.locator(".fact b")).to_have_text(f"{step:,}")


def option(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=re.compile(f"^{name}"))


def silence(page: Page, name: str) -> None:
    option(page, name).click()
    expect(option(page, name)).to_have_attribute("aria-checked", "true")


def figure(page: Page, name: str) -> float:
    """The loss beside one of the heads that can be silenced."""
    return float(option(page, name).locator(".value").inner_text())


def name_of(head: tuple[int, int]) -> str:
    return f"L{head[0]} H{head[1]}"


def test_dragging_the_handle_moves_through_the_checkpoints_at_once(shown: Page) -> None:
    box = handle(shown).bounding_box()
    assert box
    y = box["y"] + 100
    shown.mouse.move(box["x"] + 500, y)
    shown.mouse.down()
    shown.mouse.move(box["x"] + 40, y, steps=6)
    title = shown.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done("
        "[...document.querySelectorAll('*')].map(n => n.shadowRoot?.querySelector('.stripes h2')?.textContent)"
        ".find(Boolean)))))"
    )
    shown.mouse.up()
    assert title == "Where each head looks, step 0"
    assert figure(shown, "no head") == pytest.approx(at(0)[1].copied, abs=0.006)
    shown.wait_for_url(re.compile("at=0"))


def test_the_keyboard_and_play_move_the_handle(shown: Page) -> None:
    now = shown.locator(".fact b")
    handle(shown).press("Home")
    expect(now).to_have_text("0")
    handle(shown).press("ArrowRight")
    expect(now).to_have_text(f"{STEPS[1]:,}")
    handle(shown).press("End")
    expect(handle(shown)).to_have_attribute("aria-valuetext", re.compile(f"^Step {STEPS[-1]:,} of"))
    go(shown, STEPS[-3])
    shown.get_by_role("button", name="Play").click()
    expect(shown.get_by_role("button", name="Pause")).to_be_visible()
    expect(now).to_have_text(f"{STEPS[-1]:,}")
    expect(shown.get_by_role("button", name="Play")).to_be_visible()
    shown.get_by_role("button", name="Play").click()  # at the end: from the start
    shown.get_by_role("button", name="Pause").click()
    assert int(now.inner_text().replace(",", "")) in STEPS[: len(STEPS) // 2]


def test_the_handles_line_crosses_no_caption_and_the_words_move_no_tile(shown: Page) -> None:
    caption = shown.locator(".curves text", has_text="What the heads look at").bounding_box()
    lines = [line.bounding_box() for line in shown.locator(".curves .now").all()]
    assert caption
    assert len(lines) == 2
    for line in lines:
        assert line
        assert line["y"] + line["height"] < caption["y"] or line["y"] > caption["y"] + caption["height"]
    tiles, costs = shown.locator(".stripes"), shown.locator(".costs")
    before = tiles.bounding_box()
    costs.evaluate("node => { node.style.minHeight = '600px'; }")
    after = tiles.bounding_box()
    costs.evaluate("node => { node.style.minHeight = ''; }")
    assert before
    assert after
    assert after["y"] == before["y"]


def test_silencing_heads_brings_the_loss_back(shown: Page) -> None:
    whole, zero, mean = at(STEPS[-1])[1].copied, without(STEPS[-1]), without(STEPS[-1], "mean")
    assert figure(shown, "no head") == pytest.approx(whole, abs=0.006)
    assert figure(shown, "all 4, induction") == pytest.approx(zero["induction"], abs=0.006)
    assert zero["induction"] > whole + 1
    silence(shown, "all 4, induction")
    expect(shown.locator(".curves")).to_contain_text("silenced")
    expect(shown.locator(".curves")).to_contain_text(f"{zero['induction']:.2f}")
    expect(shown.locator(".stripes .end")).to_contain_text("induction heads silent")
    shown.wait_for_url(re.compile("silent=induction"))
    shown.get_by_role("button", name="mean").click()
    value = option(shown, "all 4, induction").locator(".value")
    expect(value).to_have_text(f"{mean['induction']:.2f}", timeout=60_000)
    shown.wait_for_url(re.compile("way=mean"))


@pytest.mark.parametrize("step", [0, 750, 880, 1060, STEPS[-1]])
def test_the_words_say_what_the_figures_of_the_checkpoint_say(shown: Page, step: int) -> None:
    heads, found, whole = induction_heads(at(STEPS[-1])[1]), at(step)[1], at(step)[1].copied
    costs = {head: without(step)[f"{head[0]}.{head[1]}"] - whole for head in heads}
    everyone, together = without(step)["induction"] - whole, sum(costs.values())
    go(shown, step)
    said, why = shown.locator(".costs"), shown.locator(".reasons")
    if max(found.induction[head] for head in heads) < CLEAR["induction"]:
        expect(said).to_contain_text("No induction head yet.")
        expect(why).to_contain_text("Little feeds them yet.")
        return
    for head, cost in costs.items():
        silence(shown, name_of(head))
        part = f"{name_of(head)} alone costs {100 * cost / everyone:.0f}% of what all four cost."
        expect(said).to_contain_text(f"{name_of(head)} alone barely shows." if cost < 0.1 else part)
        expect(said).to_contain_text(f"from {whole:.2f} to {whole + cost:.2f} without it")
        early = said.get_by_text("It is no induction head yet")
        expect(early).to_have_count(int(found.induction[head] < CLEAR["induction"]))
    expect(why).to_contain_text(f"the four single costs are {together:+.2f}")
    spare = "They stand in for one another." if together < 0.9 * everyone else "None to spare here."
    assert not 0.9 * everyone < together < 1.1 * everyone
    expect(why).to_contain_text(spare)


def test_the_words_say_where_in_the_run_one_head_alone_barely_shows(shown: Page) -> None:
    heads = induction_heads(at(STEPS[-1])[1])
    ripe = {
        (head, step): without(step)[f"{head[0]}.{head[1]}"] - at(step)[1].copied
        for step in STEPS
        for head in heads
        if at(step)[1].induction[head] >= CLEAR["induction"]
    }
    [(head, step)] = [place for place, cost in ripe.items() if cost < 0.1]
    expect(shown.locator(".costs")).to_contain_text(f"of {len(ripe)} times")
    shown.get_by_role("button", name=f"{name_of(head)} at step {step:,}").click()
    expect(shown.locator(".fact b")).to_have_text(f"{step:,}")
    expect(shown.locator(".costs")).to_contain_text(f"{name_of(head)} alone barely shows.")


def test_without_the_head_below_the_score_of_the_one_above_falls(shown: Page) -> None:
    silence(shown, "L0 H3")
    expect(shown.locator(".reasons")).to_contain_text("On the row below the score of L1 H1 goes from", timeout=60_000)
    said = re.search(r"goes from ([\d.]+) to ([\d.]+) with it silent", shown.locator(".reasons").inner_text())
    assert said
    assert float(said[2]) < 0.1 < 0.8 < float(said[1])


def test_a_click_on_a_head_silences_it_and_another_brings_it_back(shown: Page) -> None:
    tile = shown.locator(".tile").nth(1)
    tile.click()
    expect(tile).to_have_attribute("aria-pressed", "true")
    expect(shown.locator(".radio[aria-checked=true]")).to_contain_text("L0 H1")
    tile.click()
    expect(shown.locator(".radio[aria-checked=true]")).to_contain_text("no head")


def test_a_row_of_ones_own(shown: Page) -> None:
    field = shown.get_by_role("textbox", name="Your own row")
    field.fill("<b>qK7!<b>qK7!<b>qK7!")
    expect(shown.locator(".rowtext h2")).to_have_text("Your row")
    expect(shown.locator(".cell")).to_have_count(21)
    shown.wait_for_url(re.compile("row="))
    checkpoint, _ = at(STEPS[-1])
    ids = (checkpoint.tokenizer.special_tokens["<|endoftext|>"], *checkpoint.tokenizer.encode("<b>qK7!<b>qK7!<b>qK7!"))
    losses = moment_on_row(checkpoint, rows_for(checkpoint), ids).loss
    shown.locator(".cell").nth(12).hover()
    card = shown.locator(".card:popover-open .big")
    assert float(card.inner_text()) == pytest.approx(float(losses[12]), abs=0.006)
    field.fill("naïve")
    expect(shown.locator(".said")).to_contain_text("This model cannot read it")
    expect(shown.locator(".rowtext h2")).to_have_text("A held-out row")
    shown.get_by_role("button", name="the held-out row").click()
    expect(shown.locator(".said")).to_be_empty()


def test_the_csv_and_the_table_hold_the_curves(shown: Page) -> None:
    silence(shown, "all 4, induction")
    with shown.expect_download() as download:
        shown.get_by_role("button", name="CSV", exact=True).click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert [int(row["step"]) for row in rows] == STEPS
    _, last = at(STEPS[-1])
    assert float(rows[-1]["loss, repeated tokens"]) == pytest.approx(last.copied, rel=1e-4)
    scores = [float(rows[-1][f"induction L{i} H{j}"]) for i, j in np.ndindex(last.induction.shape)]
    assert scores == pytest.approx(last.induction.ravel(), rel=1e-4)
    assert any("silenced (zero)" in name for name in rows[0])
    shown.get_by_text("In words and as a table").click()
    expect(shown.locator(".twin tr")).to_have_count(len(STEPS) + 1)


def test_a_phone_in_the_dark_without_motion(open_page: Maker, url: str) -> None:
    page = open_page(width=390, height=844, color_scheme="dark", reduced_motion="reduce")
    opened(page, url, row="<script>alert(1)</script> <script>")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert page.locator(".picture script").count() == 0
    expect(page.locator(".tile")).to_have_count(at(0)[1].induction.size)
