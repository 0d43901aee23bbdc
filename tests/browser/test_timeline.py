"""The line of checkpoints in a real browser: scrub, play, keyboard, touch, and a link that brings it all back."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from llm.runs.directory import RunDirectory
from tests.browser.line import Line
from tests.tiny_run import STEPS, tiny_run

pytestmark = pytest.mark.browser

Idle = Callable[[Page], None]
PROMPT = "12+34=46"


@pytest.fixture(scope="module")
def run(tiny_home: Path) -> RunDirectory:
    """A finished run with a checkpoint at each of STEPS, in the home that the server looks at."""
    path = tiny_home / "runs" / "20260101-000000-time"
    return RunDirectory(path) if path.exists() else tiny_run(path)


def address(url: str, run: RunDirectory, page: str = "attention", **query: str) -> str:
    asked = {"model": run.id, "prompt": PROMPT, "layer": "1", "head": "2", "token": "3", **query}
    return f"{url}/{page}?{urlencode(asked)}"


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Checkpoint")


def at(page: Page, step: int) -> None:
    """The line, the address and the foot say this step."""
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile(rf"^Step {step} of"))
    page.wait_for_url(re.compile(rf"[?&]step={step}\b"))
    expect(page.locator(".vitrine-foot")).to_contain_text(f"step {step} ")


def test_every_model_page_has_the_line_and_keeps_the_place(page: Page, url: str, idle: Idle, run: RunDirectory) -> None:
    for name in ("", "attention", "sampling"):
        page.goto(address(url, run, name, step="0"))
        at(page, 0)
        before = page.locator(".bar .chip.on").get_attribute("aria-label")
        slider(page).focus()
        page.keyboard.press("ArrowRight")
        at(page, STEPS[1])
        page.keyboard.press("End")
        at(page, STEPS[-1])
        idle(page)
        expect(page.locator(".bar .chip.on")).to_have_attribute("aria-label", before or "")
        assert {"layer=1", "head=2", "token=3"} <= set(page.url.split("?")[1].split("&"))
        page.keyboard.press("Home")
        at(page, 0)


def test_dragging_asks_on_the_way_and_ends_where_the_hand_is(
    page: Page, url: str, idle: Idle, run: RunDirectory
) -> None:
    page.goto(address(url, run, step="0"))
    at(page, 0)
    idle(page)
    box = slider(page).bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 7, middle)
    page.mouse.down()
    for share in (0.1, 0.3, 0.5, 0.7, 0.9, 1.0):
        page.mouse.move(box["x"] + share * (box["width"] - 7), middle)
    expect(slider(page)).to_have_attribute("aria-valuenow", str(len(STEPS) - 1))
    page.mouse.up()
    at(page, STEPS[-1])
    idle(page)


def test_play_goes_to_the_end_and_a_key_stops_it(page: Page, url: str, idle: Idle, run: RunDirectory) -> None:
    page.goto(address(url, run, step="0"))
    at(page, 0)
    page.get_by_role("button", name="Speed: 1 ").click()
    page.get_by_role("button", name="Speed: 2 ").click()
    page.get_by_role("button", name="Play the training").click()
    at(page, STEPS[-1])
    expect(page.get_by_role("button", name="Play the training")).to_be_visible()
    page.get_by_role("button", name="Play the training").click()
    expect(page.get_by_role("button", name="Pause the training")).to_be_visible()
    slider(page).focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("button", name="Play the training")).to_be_visible()
    at(page, 0)
    idle(page)


def test_a_link_and_a_reload_restore_the_step_and_one_that_is_not_there_is_said(
    page: Page, url: str, idle: Idle, run: RunDirectory
) -> None:
    page.goto(address(url, run, step="160"))
    at(page, 200)
    expect(page.get_by_text("There is no checkpoint of step 160; step 200 is the nearest.").first).to_be_visible()
    idle(page)
    page.goto(address(url, run, step=str(STEPS[1])))
    at(page, STEPS[1])
    idle(page)
    page.reload()
    at(page, STEPS[1])
    page.locator('[data-testid="stSidebarNavLink"]', has_text="Sampling").click()
    page.wait_for_url(re.compile("/sampling"))
    at(page, STEPS[1])
    idle(page)


def test_a_checkpoint_between_two_evaluations_says_the_nearest_loss(
    page: Page, url: str, idle: Idle, run: RunDirectory
) -> None:
    figures = {"loss": 3.5, "lr": 0.1, "grad_norm": 1.0, "tokens": 64, "seconds": 0.1}
    rows = [{**figures, "step": step, "validation_loss": loss} for step, loss in ((80, 3.0), (100, None), (190, 2.0))]
    run.metrics.write_text("".join(json.dumps(row) + "\n" for row in rows))
    page.goto(address(url, run, step="100"))
    at(page, 100)
    idle(page)
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile("validation loss 3.000* nats at step 80,"))
    expect(page.get_by_text("at 80")).to_be_visible()


def test_touch_on_a_phone(open_page: Callable[..., Page], url: str, idle: Idle, run: RunDirectory) -> None:
    page = open_page(width=390, height=844, has_touch=True, is_mobile=True)
    page.goto(address(url, run, step="0"))
    expect(slider(page)).to_be_visible()
    idle(page)
    box = slider(page).bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] - 7, box["y"] + box["height"] / 2)
    page.wait_for_url(re.compile(rf"[?&]step={STEPS[-1]}\b"))
    idle(page)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


SHOWN = (
    "() => [...vitrinePictures.values()].filter(one => one.view.header.moment).map(one => one.view.header.moment.step)"
)


def test_a_checkpoint_that_was_seen_is_shown_before_the_server_answers(
    page: Page, url: str, idle: Idle, run: RunDirectory
) -> None:
    with Line(urlsplit(url).port or 0) as line:
        page.goto(address(f"http://127.0.0.1:{line.port}", run, step="0"))
        at(page, 0)
        slider(page).focus()
        for step in STEPS[1:3]:
            page.keyboard.press("ArrowRight")
            at(page, step)
            idle(page)
        line.hold()
        page.keyboard.press("Home")
        page.wait_for_function(f"() => ({SHOWN})().every(step => step === 0)")
        page.keyboard.press("ArrowRight")
        page.wait_for_function(f"() => ({SHOWN})().every(step => step === {STEPS[1]})")
        assert f"step={STEPS[2]}" in page.url
        line.let()
        at(page, STEPS[1])
        idle(page)
        assert set(page.evaluate(SHOWN)) == {STEPS[1]}

        page.locator(".bar .chip").nth(1).click()  # another view: what was kept is of no use
        page.wait_for_url(re.compile(r"[?&]token=1\b"))
        idle(page)
        line.hold()
        slider(page).focus()
        page.keyboard.press("Home")
        page.wait_for_timeout(300)
        assert set(page.evaluate(SHOWN)) == {STEPS[1]}
        line.let()
        at(page, 0)
        idle(page)
        assert set(page.evaluate(SHOWN)) == {0}
        page.goto("about:blank")  # before its line goes: what it says to nobody is a fault
