"""What does a step on the timeline cost? `python -m tests.benchmarks.timeline [steps]`.

A real browser moves the slider on the Attention page over 24 checkpoints of a model of the shipped shape (2 M
parameters). Three clocks run from the key: to the end of the frame in which every picture shows the new step, to that
in which what is shown is the server's answer, and to that in which Streamlit is at rest again too. Random weights do:
no number costs more or less time for being learned.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from llm.checkpoint import load_checkpoint, save_checkpoint
from llm.checkpoint_files import step_directory
from llm.model.gpt import GPT
from llm.runs.config import RunConfig
from llm.runs.directory import RunDirectory, Status
from llm.training.config import TrainingConfig
from tests.benchmarks.timing import machine

ROOT = Path(__file__).resolve().parents[2]
N = 24
EVERY = 50
PROMPT = "Ben asked Anna for a lamp. Anna gave Ben the lamp. Ben asked Jack for a kite. Jack gave Ben the"
READY = '[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'
MOVE = """key => new Promise(done => {
  const app = document.querySelector('[data-testid="stApp"]');
  const views = [...vitrinePictures.values()].map(one => one.view);
  const line = views.find(view => view.header.steps), slider = line.root.querySelector('[role="slider"]');
  const drawn = views.filter(view => view.header.moment);
  const step = line.header.step, start = performance.now();
  const asked = () => line.header.steps[+slider.getAttribute("aria-valuenow")];
  const shown = () => asked() !== step && drawn.every(view => view.header.moment.step === asked());
  const answered = () => line.header.step === asked() && shown();
  const rests = () => app.dataset.testScriptState === "notRunning";
  const painted = () => new Promise(then => requestAnimationFrame(() => {  // what is sent in this frame comes after it
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => then(performance.now() - start);
    port2.postMessage(null);
  }));
  const clocks = [];
  const look = () => {
    for (const stands of [shown, answered, rests].slice(clocks.length)) {
      if (!stands()) return setTimeout(look, 2);
      clocks.push(painted());
    }
    Promise.all(clocks).then(done);
  };
  slider.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  look();
})"""


def make_run(path: Path) -> None:
    """A finished run of the shipped shape, its weights drawn anew at each checkpoint."""
    shipped = load_checkpoint(ROOT / "assets" / "stories")
    config = RunConfig(model=shipped.model.config, training=TrainingConfig(steps=EVERY * (N - 1)))
    run = RunDirectory.create(path, config)
    for i in range(N):
        provenance = {**shipped.provenance, "step": i * EVERY, "validation_loss": 7 / (1 + i / 4)}
        model = GPT(shipped.model.config, seed=i)
        save_checkpoint(step_directory(run.checkpoints, i * EVERY), model, shipped.tokenizer, provenance)
    run.write_status(Status("finished", step=EVERY * (N - 1), steps=EVERY * (N - 1)))


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The address of an explorer of this home."""
    command = [sys.executable, "-m", "explorer", "--no-browser", "--port", "0", "--home", str(home)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().split()[4].rstrip(",")
    finally:
        process.terminate()
        process.wait(20)


def moved(page: Page, keys: list[str], pause: float) -> list[tuple[float, ...]]:
    """Milliseconds of each key by the three clocks, with a pause of so many milliseconds before it."""
    taken = []
    for key in keys:
        page.wait_for_timeout(pause)
        taken.append(tuple(map(float, page.evaluate(MOVE, key))))
    return taken


def main(argv: list[str]) -> None:
    """Print the table."""
    n = int(argv[0]) if argv else 20
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        make_run(Path(home) / "runs" / "shape")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        with served(Path(home)) as url:
            page = browser.new_page(viewport={"width": 1280, "height": 800})

            def opened(step: int, prompt: str) -> None:
                page.goto(f"{url}/attention?model=shape&step={step}&prompt={prompt}")
                page.locator(READY).wait_for()
                page.get_by_role("slider", name="Checkpoint").wait_for()
                page.wait_for_timeout(500)

            rows = []
            opened(0, PROMPT)
            rows.append(("played, 2 a second, every checkpoint new", moved(page, ["ArrowRight"] * n, 500)))
            opened(0, PROMPT[:60])
            rows.append(("new prompt, played as fast as it answers", moved(page, ["ArrowRight"] * n, 0)))
            opened(0, PROMPT[:50])
            rows.append(("new prompt, leaps to and fro", moved(page, ["PageUp", "End", "PageDown", "Home"] * 4, 100)))
            opened(0, PROMPT)
            rows.append(("cached, as fast as it answers", moved(page, ["ArrowRight"] * n, 0)))
            rows.append(("back over what this view has shown", moved(page, ["ArrowLeft"] * n, 100)))
        browser.close()
    print(f"{machine()}; server and browser on the same cores, {os.cpu_count()} of them\n")
    print("| a step on the timeline, 2 M parameters, Attention page | shown p50, p95 ms | answered | at rest | n |")
    print("|---|---|---|---|---|")
    for name, taken in rows:
        said = (
            f"{statistics.median(one):.0f}, {statistics.quantiles(one, n=20)[-1]:.0f}"
            for one in zip(*taken, strict=True)
        )
        print(f"| {name} | {' | '.join(said)} | {len(taken)} |")


if __name__ == "__main__":
    main(sys.argv[1:])
