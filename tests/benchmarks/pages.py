"""How long until a page stands? `python -m tests.benchmarks.pages [rounds] [gpt2]`.

A real browser on the shipped model, or on random weights of GPT-2 small's shape, and a prompt of about 64 tokens: from
a click on a page's link and from Ctrl+Enter under a new prompt to the frame after which nothing moves; from a click on
a token to the frame in which it is drawn.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, Playwright, sync_playwright

from llm.checkpoint import load_checkpoint, save_checkpoint
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.tokenizers.bpe import BPETokenizer
from tests.benchmarks.timeline import READY, ROOT, served
from tests.benchmarks.timing import machine

PAGES = [path.stem for path in sorted((ROOT / "pages").glob("*.py")) if "model_picker.chosen()" in path.read_text()]
TEXT = "Ben asked Anna for a lamp. Anna gave Ben the lamp. Ben asked Jack for a kite. Jack gave Ben the kite. "
GOALS = {"page switch": 400, "new prompt": 500, "focus": 100}  # ms
LARGE_GOALS = {"page switch": None, "new prompt": 1500, "focus": None}
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


def row(name: str, what: str, goal: int | None, taken: list[float]) -> str:
    """p50 and p95 of milliseconds."""
    p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    return f"| {name} | {what} | {goal or ''} | {p50:.0f} | {p95:.0f} | {len(taken)} |"


def large(path: Path) -> Path:
    """A checkpoint of GPT-2 small's shape: random weights, and as many tokens of the standard library."""
    sources = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("**/*.py"))
    text = "".join(source.read_text("utf-8", "replace") for source in sources)[:12_000_000]
    tokenizer = BPETokenizer.train(text, 50_257)
    config = GPTConfig(
        d_vocab=tokenizer.n_vocab,
        n_ctx=1024,
        n_layers=12,
        n_heads=12,
        n_kv_heads=12,
        d_model=768,
        d_mlp=3072,
        positions="learned",
        bias=True,
    )
    save_checkpoint(path, GPT(config, seed=0), tokenizer, {"note": "random weights, for a benchmark"})
    return path


def main(argv: list[str]) -> None:
    """Print the table."""
    rounds = next((int(one) for one in argv if one.isdecimal()), 10)
    goals: Mapping[str, int | None] = LARGE_GOALS if "gpt2" in argv else GOALS
    print(machine())
    print("\n| page | what | goal, ms | p50 | p95 | times |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        shown = large(Path(home) / "models" / "gpt2") if "gpt2" in argv else ROOT / "assets" / "stories"
        tokenizer = load_checkpoint(shown).tokenizer
        texts = [tokenizer.decode(tokenizer.encode(TEXT * 4)[i : i + 64]) for i in range(rounds)]
        with served(Path(home)) as url:
            measure(playwright, f"{url}/?model={shown.name}&prompt={texts[-1]}", texts, goals)


def measure(playwright: Playwright, address: str, texts: list[str], goals: Mapping[str, int | None]) -> None:
    """Each page in turn."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address)
    page.locator(READY).wait_for(timeout=120_000)
    page.wait_for_timeout(1000)
    for name in PAGES:
        others, n = [other for other in PAGES if other != name], len(texts)
        print(row(name, "page switch", goals["page switch"], switches(page, name, others, n)), flush=True)
        print(row(name, "new prompt", goals["new prompt"], prompts(page, texts)), flush=True)
        page.wait_for_timeout(500)
        print(row(name, "focus", goals["focus"], focuses(page, n)), flush=True)
        page.wait_for_timeout(1000)
    browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
