"""How long until a page stands? `python -m tests.benchmarks.pages [rounds]`.

A real browser on the shipped model and a prompt of about 64 tokens: from a click on a page's link and from Ctrl+Enter
under a new prompt to the frame after which nothing moves; from a click on a token to the frame in which it is drawn.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from llm.checkpoint import load_checkpoint
from tests.benchmarks.timeline import READY, ROOT, served
from tests.benchmarks.timing import machine

PAGES = [path.stem for path in sorted((ROOT / "pages").glob("*.py")) if "model_picker.chosen()" in path.read_text()]
TEXT = "Ben asked Anna for a lamp. Anna gave Ben the lamp. Ben asked Jack for a kite. Jack gave Ben the kite. "
GOALS = {"page switch": 400, "new prompt": 500, "focus": 100}  # ms
QUIET = 120  # ms in which nothing is sent or drawn: pictures are at rest, and the clock stopped where that began
PATIENCE = 20_000  # ms
WATCH = """([quiet, patience]) => {
  const app = document.querySelector('[data-testid="stApp"]'), start = performance.now();
  const rests = () => app.dataset.testScriptState === "notRunning";
  const data = () => [...(globalThis.vitrinePictures?.values() ?? [])].map(one => one.view.arrays);
  window.settles = new Promise((done, failed) => {
    let last = start, before = data(), moved = false;
    const look = now => {
      const here = data(), same = here.length === before.length && here.every((arrays, i) => arrays === before[i]);
      if (!same || !rests() || !here.length) { last = now; moved = true; }
      before = here;
      if (moved && now - last > quiet) return done(last - start);
      if (now - start > patience) return failed(new Error("the page did not move"));
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}"""


def settled(page: Page, act: Callable[[], object]) -> float:
    """Milliseconds from before an act to the frame after which the page stands."""
    page.evaluate(WATCH, [QUIET, PATIENCE])
    act()
    return float(page.evaluate("() => window.settles"))


def switches(page: Page, name: str, others: list[str], rounds: int) -> list[float]:
    """From another page to this one."""
    taken = []
    for i in range(rounds):
        for place in (others[i % len(others)], name):
            link = page.locator(f'[data-testid="stSidebarNavLink"][href$="/{"" if place == "home" else place}"]')
            taken.append(settled(page, partial(link.evaluate, "link => link.click()")))
    return taken[1::2]


def prompts(page: Page, texts: list[str]) -> list[float]:
    taken = []
    for text in texts:
        field = page.get_by_label("Prompt", exact=True)
        field.fill(text)
        taken.append(settled(page, partial(field.press, "Control+Enter")))
    return taken


def focuses(page: Page, rounds: int) -> list[float]:
    """From a click on a token to the frame in which the picture has moved there: the server answers later."""
    return [
        float(
            page.evaluate(
                """n => new Promise(done => {
                  const pictures = [...vitrinePictures.values()].map(one => one.view.root);
                  const chips = pictures.flatMap(root => [...root.querySelectorAll(".bar .chip")]);
                  const chip = chips[(7 * n + 3) % chips.length];
                  const start = performance.now();
                  chip.click();
                  requestAnimationFrame(() => {
                    const { port1, port2 } = new MessageChannel();
                    port1.onmessage = () => done(performance.now() - start);
                    port2.postMessage(null);
                  });
                })""",
                n,
            )
        )
        for n in range(rounds)
    ]


def row(name: str, what: str, taken: list[float]) -> str:
    """p50 and p95 of milliseconds."""
    p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    return f"| {name} | {what} | {GOALS[what]} | {p50:.0f} | {p95:.0f} | {len(taken)} |"


def main(argv: list[str]) -> None:
    """Print the table."""
    rounds = int(argv[0]) if argv else 10
    tokenizer = load_checkpoint(ROOT / "assets" / "stories").tokenizer
    texts = [tokenizer.decode(tokenizer.encode(TEXT * 2)[i : i + 64]) for i in range(rounds)]
    print(machine())
    print("\n| page | what | goal, ms | p50 | p95 | times |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, served(Path(home)) as url:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{url}/?prompt={texts[0]}")
        page.locator(READY).wait_for()
        page.wait_for_timeout(1000)
        for name in PAGES:
            others = [other for other in PAGES if other != name]
            print(row(name, "page switch", switches(page, name, others, rounds)), flush=True)
            print(row(name, "new prompt", prompts(page, texts)), flush=True)
            page.wait_for_timeout(500)
            print(row(name, "focus", focuses(page, rounds)), flush=True)
            page.wait_for_timeout(1000)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
