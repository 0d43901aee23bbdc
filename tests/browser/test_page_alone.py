"""What runs again on a step or a click: the page, and not the sidebar, which follows a run by itself."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocket, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from llm.runs.directory import RunDirectory
from llm.runs.process import start_of
from tests.browser.tiny_pages import Idle, address
from tests.tiny_run import tiny_run

pytestmark = pytest.mark.browser


@pytest.fixture
def run(tiny_home: Path, tmp_path: Path) -> Iterator[RunDirectory]:
    """A run that is over; put away after the test, so that no other test finds it live."""
    made = tiny_run(tiny_home / "runs" / "20260101-000000-alone")
    yield made
    made.path.rename(tmp_path / made.id)


def heard(page: Page) -> list[ForwardMsg]:
    """What the server says to the page from now on, as it comes; the page is not yet open."""
    said: list[ForwardMsg] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: said.append(ForwardMsg.FromString(frame)))

    page.on("websocket", listen)
    return said


def test_a_step_and_a_click_run_the_page_and_not_the_sidebar(
    page: Page, url: str, idle: Idle, run: RunDirectory
) -> None:
    said = heard(page)
    page.goto(address(url, "attention", model=run.id, step="0", prompt="12+34=46"))
    foot, slider = page.locator(".vitrine-foot"), page.get_by_role("slider", name="Checkpoint")
    expect(slider).to_be_visible()
    idle(page)
    for act, words in (
        (lambda: slider.press("ArrowRight"), "step 100 "),
        (lambda: page.locator(".bar .chip").nth(1).click(), "token 1 "),
    ):
        said.clear()
        act()
        expect(foot).to_contain_text(words)
        idle(page)
        started = [message for message in said if message.WhichOneof("type") == "new_session"]
        assert started
        assert all(message.metadata.run.fragment_ids for message in started)
        elements = [m.delta.new_element.WhichOneof("type") for m in said if m.delta.HasField("new_element")]
        assert "text_area" not in elements
        assert "selectbox" not in elements
        assert "bidi_component" in elements


def test_the_sidebar_follows_a_run_that_nobody_looks_at(page: Page, url: str, idle: Idle, run: RunDirectory) -> None:
    ended = run.status()
    run.write_status(replace(ended, state="running", step=150, pid=os.getpid(), process_started=start_of(os.getpid())))
    page.goto(address(url, "attention"))
    now = page.locator(".st-key-foot").get_by_text("Training now")
    expect(now).to_be_visible()
    idle(page)
    run.write_status(ended)
    expect(now).to_have_count(0)
    page.locator('[data-testid="stSidebar"] [data-testid="stSelectbox"]').first.click()
    expect(page.get_by_role("option", name="run finished").first).to_be_visible()
    expect(page.get_by_role("option", name="run running")).to_have_count(0)
