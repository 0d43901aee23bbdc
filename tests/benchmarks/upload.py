"""How long from an upload to its merges? `python -m tests.benchmarks.upload [megabytes [merges]]`.

A person's way on the Tokenizer page in a real browser, for stories and for Python code: from the file that is chosen to
the picture with all its merges, by the clock. Before it the same learning in this process, in seconds of processor
time, and after it a drag of the handle over all merges, as in `scrubber`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from explorer.analysis.merging import learn
from explorer.widgets.merging import payload
from explorer.widgets.merging_text import Lesson
from llm.corpora.catalog import CorpusKind, documents
from llm.tokenizers.base import N_BYTES, SPECIAL_TOKENS
from tests.benchmarks.scrubber import dragged, frames_of, opened, table
from tests.benchmarks.timeline import READY, served
from tests.benchmarks.timing import machine

MERGES = 8_192 - N_BYTES - len(SPECIAL_TOKENS)
KINDS: tuple[CorpusKind, ...] = ("stories", "standard_library")


def uploaded(page: Page, file: Path, merges: int) -> tuple[float, float]:
    """Seconds from the file to the picture with this many merges, and until the page is at rest too."""
    page.get_by_role("button", name="Upload a text").click()
    chooser = page.locator('[data-testid="stFileUploaderDropzoneInput"]')
    chooser.wait_for(state="attached")
    start = time.perf_counter()
    chooser.set_input_files(file)
    handle = page.get_by_role("slider", name="Merges applied")
    expect(handle).to_have_attribute("aria-valuemax", str(merges), timeout=120_000)
    shown = time.perf_counter() - start
    page.locator(".st-key-vocabulary .grid").wait_for(timeout=120_000)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0, timeout=120_000)
    page.locator(READY).wait_for()
    rest = time.perf_counter() - start
    page.keyboard.press("Escape")
    page.wait_for_timeout(2000)
    return shown, rest


def main(argv: list[str]) -> None:
    """Print the tables."""
    megabytes = float(argv[0]) if argv else 10.0
    merges = int(argv[1]) if len(argv) > 1 else MERGES
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    rows, drags = [], []
    for kind in KINDS:
        n = int(megabytes * 1e6)
        text = "\n".join(documents(kind, 0, n))[:n]
        start = time.thread_time()
        found = learn(text, merges)
        taken, k = time.thread_time() - start, len(found.merges)
        size = len(payload(Lesson(), found, "", k, "idea"))
        with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, served(Path(home)) as url:
            file = Path(home) / f"{kind}.txt"
            file.write_text(text, "utf-8")
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            page = opened(browser, url, merges)
            shown, rest = uploaded(page, file, k)
            drags.append(f"{kind}, {k:,} merges\n\n{table(frames_of(dragged(browser, page, 150)))}")
            browser.close()
        rows.append(f"| {kind} | {k:,} | {taken:.2f} | {shown:.1f} | {rest:.1f} | {size / 1e6:.2f} |")
    print(f"{machine()}; server and browser on the same cores, no graphics card; {megabytes:g} MB\n")
    print("| text | merges | learning, processor s | picture there, s | page at rest, s | payload, MB |")
    print("|---|---|---|---|---|---|", *rows, sep="\n")
    print("", *drags, sep="\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
