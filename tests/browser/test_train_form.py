"""The form of a new run in a real browser: what is typed in it stays, however late the server's answers come."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from explorer.runs.store import Runs
from tests.browser.line import Line
from tests.browser.tiny_pages import Idle
from tests.browser.train_page import change, field, row, says, training

LATE = 0.5  # seconds until an answer is there: longer than from one field to the next
REDRAW = 500  # ms in which a picture follows what the browser has been told
PAUSE = 200  # ms between one field and the next

MODEL = {"n_layers": 1, "n_heads": 8, "heads_a_kv": 4, "d_model": 48, "mlp_ratio": 2, "n_ctx": 40, "dropout": 0.05}
TRAINING = {
    "steps": 4321,
    "batch_size": 3,
    "seed": 7,
    "grad_accumulation": 2,
    "muon_lr": 0.02,
    "lr": 0.004,
    "weight_decay": 0.02,
    "warmup_fraction": 0.2,
    "final_lr_fraction": 0.3,
    "clip_norm": 0.8,
    "checkpoint_every": 70,
    "eval_every": 60,
}
TEXT = {"corpus_chars": 90_000, "validation_fraction": 0.2}

WATCH = """() => {
  const seen = window.seen = [];
  (function look() {
    const curves = [...document.querySelectorAll(".st-key-run_curves *")].find(node => node.shadowRoot);
    const lines = curves?.shadowRoot.querySelectorAll("path.line[d^=M]").length;
    const { run } = document.querySelector(".vitrine-status")?.dataset ?? {};
    seen.push({ now: performance.now(), at: location.search, run, lines });
    requestAnimationFrame(look);
  })();
}"""

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


@pytest.fixture
def line(runs: Runs) -> Iterator[Line]:
    with training(runs.home) as url, Line(urlsplit(url).port or 0, LATE) as line:
        yield line


@pytest.fixture
def site(line: Line) -> str:
    return f"http://127.0.0.1:{line.port}"


def open_form(page: Page, site: str, idle: Idle) -> None:
    page.goto(f"{site}/train")
    expect(page.locator(".st-key-train_run button")).to_be_enabled()
    idle(page)


def type_all(page: Page, group: str, values: dict[str, float], by: str) -> None:
    """Each field of a group as a person does who knows what to write: select, type, on to the next."""
    change(page, group)
    type_open(page, values, by)


def type_open(page: Page, values: dict[str, float], by: str) -> None:
    """In a group that is open; while a new field is on its way there may be two, and the old one is typed in."""
    for name, value in values.items():
        here = field(page, name).first
        here.select_text()
        here.press_sequentially(str(value))
        here.press(by)
        page.wait_for_timeout(PAUSE)
    page.keyboard.press("Escape")


def test_all_that_is_typed_in_a_row_stays(site: str, page: Page, runs: Runs, idle: Idle) -> None:
    open_form(page, site, idle)
    type_all(page, "training", TRAINING, "Tab")
    type_all(page, "model", MODEL, "Enter")
    type_all(page, "text", TEXT, "Tab")
    expect(row(page, "Steps")).to_contain_text("4,321")
    expect(row(page, "Steps")).to_contain_text("2 × 3 × 40")
    for group, values in (("model", MODEL), ("training", TRAINING), ("text", TEXT)):
        change(page, group)
        for name, value in values.items():
            expect(field(page, name)).to_have_value(str(value))
        page.keyboard.press("Escape")
    page.locator(".st-key-train_run button").click()
    page.wait_for_url(re.compile(r"run=\d{8}-"))
    (run,) = runs.own()
    config, model = run.config(), run.config().model
    assert {name: getattr(config.training, name) for name in TRAINING if name != "checkpoint_every"} == {
        name: value for name, value in TRAINING.items() if name != "checkpoint_every"
    }
    assert (config.checkpoint_every, config.corpus_chars, config.validation_fraction) == (70, 90_000, 0.2)
    assert (model.n_heads, model.n_kv_heads, model.d_model, model.d_mlp, model.n_ctx) == (8, 2, 48, 96, 40)


def test_what_is_typed_while_a_preset_is_on_its_way_changes_the_preset(
    site: str, line: Line, page: Page, idle: Idle
) -> None:
    open_form(page, site, idle)
    field(page, "preset").click()
    page.get_by_role("option", name="Sums").click()
    change(page, "training")
    expect(field(page, "steps").first).to_be_visible()
    line.hold()
    page.wait_for_timeout(PAUSE)  # what had come through by then is drawn
    type_open(page, {"steps": 77}, "Enter")
    line.let()
    expect(page.locator(".st-key-form_preset")).to_contain_text("You have changed it.")
    expect(row(page, "Corpus")).to_contain_text("Sums")
    expect(row(page, "Steps")).to_contain_text("77")


def test_an_address_names_no_run_beside_the_picture_of_another(site: str, page: Page, runs: Runs, idle: Idle) -> None:
    open_form(page, site, idle)
    type_all(page, "model", {"n_layers": 1, "d_model": 32, "n_ctx": 32}, "Tab")
    type_all(page, "training", {"steps": 20, "batch_size": 2}, "Tab")
    expect(row(page, "Steps")).to_contain_text("2 × 32")
    expect(page.locator(".st-key-run_curves path.line").first).to_be_attached()
    page.evaluate(WATCH)
    page.locator(".st-key-train_run button").click()
    page.wait_for_url(re.compile(r"run=\d{8}-"))
    says(page, "Finished")
    (run,) = runs.own()
    frames = page.evaluate("() => window.seen")
    named = [frame for frame in frames if f"run={run.id}" in frame["at"]]
    assert frames[0]["lines"] > 0, "of the run before"
    assert {frame["run"] for frame in named} == {run.id}
    cleared = next(frame for frame in named if frame["lines"] == 0)  # it has not learned yet
    assert cleared["now"] - named[0]["now"] < REDRAW
    assert run.status().state == "finished"
