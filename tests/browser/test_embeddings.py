"""The Embeddings page in a real browser: the numbers are Python's; the map, its search, axes, sums and positions."""

import csv
import io
import re
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from explorer import display
from explorer.analysis.embeddings import along, combined, cosines, nearest, plane, procrustes, rows
from explorer.analysis.position_lab import position_lab
from llm.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from llm.checkpoint_files import step_directory
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.trace import trace
from tests.browser.tiny_pages import PROMPT, Idle, Maker, address, card, number, too_wide
from tests.tiny_home import NAME
from tests.tiny_run import STEPS, tiny_run

pytestmark = pytest.mark.browser


def opened(page: Page, url: str, idle: Idle, **query: str) -> Page:
    page.goto(address(url, "embeddings", **query))
    expect(page.locator(".near .line").first).to_be_visible()
    expect(page.locator(".others .chart").first).to_be_visible()
    idle(page)
    return page


def model(home: Path, name: str = NAME) -> Checkpoint:
    checkpoint = load_checkpoint(home / "models" / name)
    checkpoint.model.eval().requires_grad_(False)
    return checkpoint


def lines(page: Page, where: str = ".st-key-embeddings .near") -> list[tuple[int, float]]:
    """(id, cosine) of a list of neighbours."""
    found = page.locator(f"{where} .line").evaluate_all(
        "all => all.map(line => [line.dataset.id, line.querySelector('.num').textContent])"
    )
    return [(int(id), number(text)) for id, text in found]


def same(shown: list[tuple[int, float]], cosine: np.ndarray, ids: np.ndarray) -> None:
    assert [id for id, _ in shown] == ids.tolist()
    assert [value for _, value in shown] == pytest.approx(cosine[ids].tolist(), abs=0.00501)


def test_neighbours_and_hovered_numbers_are_pythons(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    asked: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: asked.append(frame)))
    opened(page, url, idle)
    tiny = model(tiny_home)
    matrix, flat, id = rows(tiny.model, "input"), plane(tiny.model, "input"), tiny.tokenizer.encode(PROMPT)[-1]
    cosine = cosines(matrix, matrix[id])
    near = nearest(cosine, 12, (id,))
    same(lines(page), cosine, near)
    asked.clear()
    page.locator(".st-key-embeddings .near .line").nth(2).hover()
    other = int(near[2])
    expect(card(page)).to_contain_text(f"embed.weight [{other},:]")
    expect(card(page).locator(".big")).to_have_text(display.signed(float(cosine[other]), 3))
    x, y = (display.signed(float(value), 3) for value in flat.points[other, :2])
    expect(card(page)).to_contain_text(f"x {x} · y {y}")
    expect(page.locator(".st-key-embeddings .maths")).to_contain_text(display.signed(float(cosine[other]), 3))
    page.wait_for_timeout(300)
    assert not asked, "hovering asks nobody"


def test_a_search_chooses_a_token_and_the_prompt_takes_the_choice_back(
    page: Page, url: str, idle: Idle, tiny_home: Path
) -> None:
    opened(page, url, idle)
    tiny = model(tiny_home)
    (id,) = tiny.tokenizer.encode(" was")
    field = page.get_by_role("combobox", name="Find a token")
    field.fill("was")
    expect(page.get_by_role("option", name="·was").first).to_be_visible()
    field.press("Enter")
    page.wait_for_url(re.compile(rf"pick={id}\b"))
    expect(page.locator(".near h2")).to_have_text("Nearest to ·was")
    matrix = rows(tiny.model, "input")
    cosine = cosines(matrix, matrix[id])
    same(lines(page), cosine, nearest(cosine, 12, (id,)))
    page.reload()
    expect(page.locator(".near h2")).to_have_text("Nearest to ·was")
    idle(page)
    field.fill("zzzz")
    expect(page.get_by_text("No token holds this text.")).to_be_visible()
    field.press("Escape")
    page.locator(".bar .chip").first.click()
    page.wait_for_url(lambda there: "pick=" not in there and "token=0" in there)
    expect(page.locator(".near h2")).to_have_text("Nearest to B")


def test_another_model_lets_go_of_what_was_picked_by_id(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, pick="300", sum="260.270.280")
    expect(page.locator(".near h2")).not_to_have_text("Nearest to ·and")
    page.locator(".st-key-model_choice input").click()
    page.get_by_role("option", name="stories", exact=True).click()
    page.wait_for_url(lambda there: "model=stories" in there and "pick=" not in there and "sum=" not in there)
    expect(page.locator(".near h2")).to_have_text("Nearest to ·and")
    expect(page.locator(".st-key-embeddings .near .line").first).to_contain_text("0.")
    expect(page.locator(".answer .chip")).to_have_text("·her")
    idle(page)


def test_keys_walk_the_map_and_choose(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    page.locator(".map").focus()
    page.keyboard.press("ArrowRight")
    expect(card(page)).to_contain_text("embed.weight")
    place = card(page).locator(".place").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator(".near h2")).to_have_text(f"Nearest to {place}")
    before = page.locator(".map .net").inner_html()
    page.keyboard.press("+")
    expect(page.locator(".plot .outside")).to_contain_text("lie outside")
    assert page.locator(".map .net").inner_html() != before
    page.keyboard.press("0")
    expect(page.locator(".plot .outside")).to_be_empty()
    idle(page)


def test_dragging_moves_the_map_and_a_click_chooses_what_is_there(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    spot = page.locator(".map .spot.near").first
    box = spot.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40, y + 30, steps=4)
    page.mouse.up()
    page.wait_for_function(
        "([x, y]) => [...document.querySelectorAll('.st-key-embeddings *')].map(e => e.shadowRoot).filter(Boolean)"
        ".flatMap(r => [...r.querySelectorAll('.spot.near')]).some(s => { const b = s.getBoundingClientRect();"
        " return Math.hypot(b.x + b.width / 2 - x, b.y + b.height / 2 - y) < 2 })",
        arg=[x - 40, y + 30],
    )
    before = page.locator(".near h2").inner_text()
    page.mouse.click(x - 40, y + 30)
    expect(page.locator(".near h2")).not_to_have_text(before)
    idle(page)


def test_axes_of_ones_own_place_their_ends_at_0_and_1(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle)
    tiny = model(tiny_home)
    a, b = (tiny.tokenizer.encode(text)[0] for text in (" was", " and"))
    for end, text in (("from", "was"), ("to", "and")):
        field = page.get_by_role("combobox", name=f"Axis x, {end}")
        field.fill(text)
        field.press("Enter")
    page.wait_for_url(re.compile(rf"x={a}\.{b}\b"))
    expect(page.locator(".axis-name.across")).to_contain_text("from ·was at 0 to ·and at 1")
    at = along(rows(tiny.model, "input"), a, b)
    id = lines(page)[0][0]
    page.locator(".st-key-embeddings .near .line").first.hover()
    expect(card(page)).to_contain_text(f"x {display.signed(float(at[id]), 3)} ·")
    page.get_by_role("button", name="back to component 1").click()
    expect(page.locator(".axis-name.across")).to_contain_text("component 1")
    idle(page)


def test_a_sum_is_pythons_and_says_what_is_left_out(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    tiny = model(tiny_home)
    matrix, terms = rows(tiny.model, "input"), (260, 270, 280)
    opened(page, url, idle, sum=".".join(map(str, terms)))
    cosine = cosines(matrix, combined(matrix, *terms))
    same(lines(page, ".st-key-analogy .near"), cosine, nearest(cosine, 8, terms))
    first = int(nearest(cosine, 1)[0])
    expect(page.locator(".near + .sub")).to_contain_text(display.signed(float(cosine[first])))
    field = page.get_by_role("combobox", name="Token b")
    field.fill("was")
    field.press("Enter")
    (was,) = tiny.tokenizer.encode(" was")
    page.wait_for_url(re.compile(rf"sum=260\.{was}\.280"))
    terms = (260, was, 280)
    cosine = cosines(matrix, combined(matrix, *terms))
    same(lines(page, ".st-key-analogy .near"), cosine, nearest(cosine, 8, terms))
    idle(page)


def test_the_lab_holds_the_models_own_score(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle, layer="1", head="2", token="5")
    tiny = model(tiny_home)
    lab = position_lab(trace(tiny.model, tiny.tokenizer.encode(PROMPT)), tiny.model, 1, 2, 5)
    assert lab.rope is not None
    keys = page.locator(".keys .key")
    assert keys.count() == 6
    keys.nth(1).click()
    expect(keys.nth(1)).to_have_attribute("aria-selected", "true")
    maths = page.locator(".st-key-positions .maths")
    expect(maths).to_contain_text(f"[0, 2, 5, 1] = {display.signed(float(lab.scores[1]), 3)}")
    expect(maths.locator("b")).to_have_text(display.signed(float(lab.rope.parts[1].sum()), 3))
    page.keyboard.press("ArrowRight")
    expect(maths).to_contain_text(f"[0, 2, 5, 2] = {display.signed(float(lab.scores[2]), 3)}")
    expect(page.locator(".st-key-positions")).to_contain_text("there is nothing true to show")
    idle(page)


@pytest.mark.parametrize("kind", ["learned", "sinusoidal", "alibi", "none"])
def test_every_kind_on_two_matrices(page: Page, url: str, idle: Idle, tiny_home: Path, kind: str) -> None:
    name, tokenizer = f"of-{kind}", model(tiny_home).tokenizer
    shape = {"n_ctx": 48, "n_layers": 2, "n_heads": 4, "n_kv_heads": 2, "d_model": 32, "d_mlp": 48}
    config = GPTConfig(d_vocab=tokenizer.n_vocab, tied=False, positions=kind, **shape)  # type: ignore[arg-type]
    save_checkpoint(tiny_home / "models" / name, GPT(config, seed=1), tokenizer, {}, overwrite=True)
    opened(page, url, idle, model=name)
    other = model(tiny_home, name)
    id = other.tokenizer.encode(PROMPT)[-1]
    for side in ("input", "output"):
        matrix = rows(other.model, side)
        cosine = cosines(matrix, matrix[id])
        same(lines(page, f".near .lines[data-side={side}]"), cosine, nearest(cosine, 8, (id,)))
    page.get_by_role("button", name="Output", exact=True).click()
    page.wait_for_url(re.compile("side=output"))
    expect(page.locator(".st-key-embeddings .maths")).to_contain_text("unembed.weight")
    lab = page.locator(".st-key-positions")
    expect(lab.locator("h2").first).to_have_text(
        {"learned": "Learned", "sinusoidal": "Sinusoidal", "alibi": "ALiBi"}.get(kind, "No positions")
        + ("" if kind == "none" else ": what this model has")
    )
    assert (lab.locator(".large svg").count() == 0) == (kind == "none")
    idle(page)


def test_pictures_save_all_their_numbers(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle)
    tiny = model(tiny_home)
    id, flat = tiny.tokenizer.encode(PROMPT)[-1], plane(tiny.model, "input")
    cosine = cosines(rows(tiny.model, "input"), rows(tiny.model, "input")[id])
    saved = {}
    for row in (".st-key-share", ".st-key-share_analogy", ".st-key-share_positions"):
        with page.expect_download() as download:
            page.locator(row).get_by_role("button", name="CSV", exact=True).click()
        text = download.value.path().read_text("utf-8-sig")
        saved[row] = list(csv.reader(io.StringIO(text)))
    head, *table = saved[".st-key-share"]
    assert len(table) == tiny.tokenizer.n_vocab
    assert [float(row[3]) for row in table] == pytest.approx(flat.points[:, 0].tolist(), rel=1e-5, abs=1e-6)
    assert [float(row[6]) for row in table] == pytest.approx(cosine.tolist(), abs=1e-5)
    assert head[6].startswith("cosine_to_")
    assert len(saved[".st-key-share_analogy"]) == 101
    assert {row[0] for row in saved[".st-key-share_positions"]} == {"of", "key", "distance"}


def test_three_components_turn_and_tsne_is_worked_out_on_request(
    page: Page, url: str, idle: Idle, tiny_home: Path
) -> None:
    opened(page, url, idle, map="3d")
    tiny = model(tiny_home)
    flat = plane(tiny.model, "input")
    page.locator(".st-key-embeddings .near .line").nth(1).hover()
    x, y, z = (display.signed(float(value), 3) for value in flat.points[lines(page)[1][0]])
    expect(card(page)).to_contain_text(f"x {x} · y {y} · z {z}")
    spot = page.locator(".map .spot.chosen")
    before = spot.get_attribute("cx")
    page.locator(".map").focus()
    page.keyboard.press("ArrowRight")
    expect(spot).not_to_have_attribute("cx", before or "")
    with page.expect_download() as download:
        page.locator(".st-key-share").get_by_role("button", name="CSV", exact=True).click()
    head, *table = csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig")))
    assert head[3:6] == ["component 1", "component 2", "component 3"]
    assert [float(row[5]) for row in table] == pytest.approx(flat.points[:, 2].tolist(), rel=1e-5, abs=1e-6)
    page.get_by_role("button", name="t-SNE", exact=True).click()
    page.wait_for_url(re.compile("map=tsne"))
    page.get_by_role("button", name="Work out t-SNE").click()
    expect(page.locator(".turned")).to_contain_text("Distances on this map are not comparable", timeout=60_000)
    expect(page.locator(".axis-name.across")).to_have_text("t-SNE, perplexity 30, seed 0")
    idle(page)


def test_along_a_run_points_move_onto_the_map_of_the_last_checkpoint(
    page: Page, url: str, idle: Idle, tiny_home: Path
) -> None:
    run = tiny_run(tiny_home / "runs" / "20260101-000000-turned")
    page.goto(f"{url}/embeddings?{urlencode({'model': run.id, 'step': STEPS[0], 'prompt': '12+34=46'})}")
    expect(page.locator(".turned")).to_contain_text(f"step {STEPS[-1]}")
    idle(page)
    here, there = (
        plane(load_checkpoint(step_directory(run.checkpoints, step)).model, "input").points[:, :2]
        for step in (STEPS[0], STEPS[-1])
    )
    page.locator(".st-key-embeddings .near .line").first.hover()
    id = lines(page)[0][0]
    x, y = (display.signed(float(value), 3) for value in (here @ procrustes(here, there))[id])
    expect(card(page)).to_contain_text(f"x {x} · y {y} ·")


def test_a_phone(open_page: Maker, url: str, idle: Idle) -> None:
    page = opened(open_page(width=390, height=844, color_scheme="dark", has_touch=True), url, idle)
    assert too_wide(page) <= 0
    spot = page.locator(".map .spot.near").first
    spot.scroll_into_view_if_needed()
    box = spot.bounding_box()
    assert box
    before = page.locator(".near h2").inner_text()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".near h2")).not_to_have_text(before)
    for summary in page.get_by_text("In words and as a table").all():
        summary.click()
    assert too_wide(page) <= 0
    idle(page)
