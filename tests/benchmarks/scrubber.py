"""What does a frame cost while the merges are dragged? `python -m tests.benchmarks.scrubber [merges [frames]]`.

A real browser drags the handle of the Tokenizer page over all merges, in a text of 2,000 characters: the mouse button
is down, and each frame begins with one move. Chromium's own trace says how long its main thread was busy from one frame
to the next, and with what.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.timeline import READY, served
from tests.benchmarks.timing import machine

TASK, FRAME = "RunTask", "FireAnimationFrame"
PARTS = {  # of a task, by what the trace calls them
    "script": ("FunctionCall",),
    "style": ("UpdateLayoutTree",),
    "layout": ("Layout",),
    "paint": ("PrePaint", "Paint", "Layerize", "Commit"),
}
DRAG = """([from, width, frames]) => new Promise(done => {
  const slider = [...vitrinePictures.values()].map(one => one.view.root.querySelector('.track')).find(Boolean);
  let i = 0;
  const move = () => {
    if (++i > frames) return done();
    const at = { pointerId: 1, clientX: from + width * i / frames, bubbles: true };
    slider.dispatchEvent(new PointerEvent("pointermove", at));  // of the mouse that is down
    requestAnimationFrame(move);
  };
  requestAnimationFrame(move);
})"""
WIDE = {"width": 1280, "height": 800}


def opened(browser: Browser, url: str, merges: int) -> Page:
    """The page, drawn, its handle at the first merge."""
    page = browser.new_page(viewport=WIDE)  # type: ignore[arg-type]
    page.goto(f"{url}/tokenizer?merges={merges}&merge=1")
    page.locator(READY).wait_for()
    page.locator(".letters span").first.wait_for()
    page.wait_for_timeout(2000)
    return page


def dragged(browser: Browser, page: Page, frames: int) -> list[dict[str, Any]]:
    """Events of Chromium's trace while the handle goes from one end to the other."""
    box = page.get_by_role("slider", name="Merges applied").bounding_box()
    assert box
    middle = box["y"] + 60
    page.mouse.move(box["x"] + 8, middle)
    page.mouse.down()
    browser.start_tracing(page=page, categories=["devtools.timeline", "disabled-by-default-devtools.timeline"])
    page.evaluate(DRAG, [box["x"] + 8, box["width"] - 16, frames])
    events = json.loads(browser.stop_tracing())["traceEvents"]
    page.mouse.up()
    return [event for event in events if event.get("ph") == "X" or event["name"] == "thread_name"]


def frames_of(events: Sequence[dict[str, Any]]) -> dict[str, list[float]]:
    """Milliseconds of each frame: of all tasks, of each part of them, and from its start to the next one's."""
    drawing = [event for event in events if event["name"] == FRAME]
    main = statistics.mode((event["pid"], event["tid"]) for event in drawing)
    own = [event for event in events if (event["pid"], event.get("tid")) == main]
    tasks = sorted((event["ts"], event["dur"]) for event in own if event["name"] == TASK)
    begins = [start for start, _ in tasks]
    starts = sorted({begins[bisect_right(begins, event["ts"]) - 1] for event in own if event["name"] == FRAME})
    n = len(starts) - 1
    found = {name: [0.0] * n for name in ("main thread", *PARTS)}
    named = [("main thread", TASK), *((part, name) for part, names in PARTS.items() for name in names)]
    for part, name in named:
        for event in own:
            frame = bisect_right(starts, event["ts"]) - 1
            if event["name"] == name and 0 <= frame < n:
                found[part][frame] += event.get("tdur", event["dur"]) / 1000
    return {**found, "to the next frame": [(b - a) / 1000 for a, b in pairwise(starts)]}


def table(found: dict[str, list[float]]) -> str:
    """Markdown."""
    rows = ["| a frame of the drag | p50 ms | p95 ms | n |", "|---|---|---|---|"]
    for name, taken in found.items():
        p95 = statistics.quantiles(taken, n=20)[-1]
        rows.append(f"| {name} | {statistics.median(taken):.1f} | {p95:.1f} | {len(taken)} |")
    return "\n".join(rows)


def main(argv: list[str]) -> None:
    """Print the table."""
    merges, frames = (int(argv[i]) if len(argv) > i else usual for i, usual in enumerate((1000, 300)))
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, served(Path(home)) as url:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        events = dragged(browser, opened(browser, url, merges), frames)
        browser.close()
    print(f"{machine()}; server and browser on the same cores, no graphics card; {merges:,} merges\n")
    print(table(frames_of(events)))


if __name__ == "__main__":
    main(sys.argv[1:])
