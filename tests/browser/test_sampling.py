"""Sampling as a person uses it: sliders, keys, typing, presets, draws, append, links; numbers against Python's."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from explorer import display
from explorer.analysis.sampling import Funnel, funnel
from explorer.widgets.sampling_settings import OPENING
from llm.checkpoint import load_checkpoint
from llm.generation.filters import SamplingConfig
from llm.trace import trace
from tests.browser.tiny_pages import PROMPT, Idle, address
from tests.tiny_home import N_CTX, NAME

pytestmark = pytest.mark.browser


def asked(page: Page) -> dict[str, str]:
    return {key: values[-1] for key, values in parse_qs(urlsplit(page.url).query).items()}


def counts(page: Page) -> list[str]:
    """The large numbers over the funnel's posts."""
    return page.locator(".funnel text[font-size='18']").all_text_contents()


def range_of(page: Page, key: str) -> Locator:
    return page.locator(f"#slider-{key}")


def number(page: Page, name: str) -> Locator:
    return page.get_by_label(f"{name}, as a number")


@pytest.fixture
def true(tiny_home: Path) -> Callable[..., Funnel]:
    """What Python makes of the prompt under the given filters, after the token at a place."""
    checkpoint = load_checkpoint(tiny_home / "models" / NAME)
    ids = checkpoint.tokenizer.encode(PROMPT)
    logits = trace(checkpoint.model, ids).logits

    def compute(config: SamplingConfig = OPENING, at: int = len(ids) - 1) -> Funnel:
        return funnel(logits[at].numpy(), config, ids[: at + 1])

    return compute


def left(drawn: Funnel) -> list[str]:
    columns = [stage.kept for stage in drawn.stages if stage.name != "repetition_penalty" or stage.on]
    return [display.count(n) for n in (len(drawn.before), *columns, columns[-1])]


def test_counts_and_lead_are_the_true_ones(page: Page, url: str, idle: Idle, true: Callable[..., Funnel]) -> None:
    page.goto(address(url, "sampling"))
    expect(page.locator(".tokens svg")).to_be_visible()
    idle(page)
    assert counts(page) == left(true())
    expect(page.locator(".vitrine-lead")).to_contain_text(f"top-k leaves {true().stages[2].kept} of 320 tokens")
    entropy = [display.signed(nats) for nats in true().entropy]
    expect(page.locator(".entropy .num")).to_have_text(" → ".join(entropy))


def test_a_slider_repaints_on_the_next_frame_by_itself(page: Page, url: str, idle: Idle) -> None:
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.goto(address(url, "sampling"))
    expect(page.locator(".tokens svg")).to_be_visible()
    idle(page)
    sent.clear()
    texts = range_of(page, "top_k").evaluate(
        """async (range) => {
          const funnel = range.getRootNode().querySelector(".funnel svg"), seen = [funnel.textContent];
          for (const place of [300, 500, 200]) {
            range.value = place;
            range.dispatchEvent(new Event("input"));
            await new Promise(requestAnimationFrame);
            seen.push(funnel.textContent);
          }
          return seen;
        }"""
    )
    assert len(set(texts)) == 4
    assert len(sent) <= 1, "Python hears of it after a pause, once"


def test_dragging_is_exact_and_a_reload_keeps_it(page: Page, url: str, idle: Idle, true: Callable[..., Funnel]) -> None:
    page.goto(address(url, "sampling"))
    expect(page.locator(".tokens svg")).to_be_visible()
    idle(page)
    box = range_of(page, "temperature").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.55, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile("temperature="))
    chosen = float(asked(page)["temperature"])
    assert chosen == pytest.approx(0.36, abs=0.1)
    expected = left(true(SamplingConfig(chosen, OPENING.top_k, OPENING.top_p, OPENING.min_p)))
    assert counts(page) == expected
    page.reload()
    expect(number(page, "Temperature")).to_have_value(f"{chosen:.2f}")
    idle(page)
    assert counts(page) == expected
    expect(page.locator(".vitrine-lead")).to_contain_text("to draw from")


def test_keys_typing_and_presets(page: Page, url: str, idle: Idle, true: Callable[..., Funnel]) -> None:
    page.goto(address(url, "sampling"))
    range_of(page, "top_p").focus()
    box = number(page, "Top-p").bounding_box()
    assert box
    assert box["height"] >= 24, "large enough to be touched"
    page.keyboard.press("ArrowLeft")
    expect(number(page, "Top-p")).to_have_value("0.84")
    page.keyboard.press("Home")
    expect(number(page, "Top-p")).to_have_value("0")
    page.keyboard.press("End")
    expect(range_of(page, "top_p")).to_have_attribute("aria-valuetext", "1.00")
    number(page, "Top-k").fill("7")
    page.keyboard.press("Enter")
    number(page, "Min-p").fill("nonsense")
    number(page, "Repetition penalty").fill("1.25")
    page.keyboard.press("Enter")
    expect(number(page, "Min-p")).to_have_value("0.05")
    page.wait_for_url(re.compile(r"repetition_penalty=1\.25"))
    assert {"top_p": "1", "top_k": "7", "repetition_penalty": "1.25"}.items() <= asked(page).items()
    assert counts(page) == left(true(SamplingConfig(1.1, 7, 1.0, 0.05, 1.25)))
    page.get_by_role("button", name="Greedy").click()
    page.wait_for_url(re.compile(r"temperature=0\b"))
    expect(page.get_by_role("button", name="Greedy")).to_have_attribute("aria-pressed", "true")
    assert counts(page) == left(true(SamplingConfig(temperature=0)))
    page.get_by_role("button", name="Reset").click()
    page.wait_for_url(lambda at: not {"temperature", "top_k", "top_p"} & set(parse_qs(urlsplit(at).query)))
    expect(page.get_by_role("button", name="Balanced")).to_have_attribute("aria-pressed", "true")


def test_draws_are_counted_and_the_same_again(page: Page, url: str, idle: Idle, true: Callable[..., Funnel]) -> None:
    page.goto(address(url, "sampling"))
    page.get_by_role("button", name="1,000 draws").click()
    page.wait_for_url(re.compile("draws=1000"))
    expect(page.locator(".noise")).to_contain_text("1,000 draws:")
    idle(page)
    rows = page.get_by_role("option", name=re.compile("drawn"))
    said, word = rows.all_inner_texts(), page.locator(".slot").inner_text()
    times = [int(re.findall(r"drawn ([\d,]+) of", text)[0].replace(",", "")) for text in said]
    assert sum(times) == 1000
    drawn = true()
    listed = np.argsort(-drawn.before, kind="stable")[: len(times) - 1]
    chance = np.append(drawn.after[listed], 1 - drawn.after[listed].sum())
    assert (np.abs(np.array(times) / 1000 - chance) < 5 * np.sqrt(chance * (1 - chance) / 1000)).all()
    page.reload()
    expect(page.locator(".noise")).to_contain_text("1,000 draws:")
    assert rows.all_inner_texts() == said
    assert page.locator(".slot").inner_text() == word
    page.get_by_label("Seed").fill("7")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("seed=7"))
    assert rows.all_inner_texts() != said


def test_a_drawn_token_joins_the_prompt(page: Page, url: str, idle: Idle) -> None:
    page.goto(address(url, "sampling"))
    word, chips = page.locator(".slot"), page.locator(".bar .chips .chip")
    expect(word).to_have_text("?")
    page.get_by_role("button", name="Draw one").click()
    expect(word).not_to_have_text("?")
    for _ in range(30):  # the tiny model often draws half a character, which no text can take
        if page.get_by_role("button", name="Append").is_visible():
            break
        page.get_by_role("button", name="Draw one").click()
        page.evaluate("() => new Promise(requestAnimationFrame)")
    drawn = word.inner_text()
    page.get_by_role("button", name="Append").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(re.compile(f"^{re.escape(PROMPT)}."))
    expect(word).to_have_text("?")
    idle(page)
    assert "".join(chips.all_inner_texts()).endswith(drawn)
    expect(chips.last).to_have_attribute("aria-selected", "true")


def test_what_the_text_went_on_with(
    page: Page, url: str, idle: Idle, tiny_home: Path, true: Callable[..., Funnel]
) -> None:
    page.goto(address(url, "sampling", token="1"))
    expect(page.locator(".went")).to_be_visible()
    idle(page)
    drawn, following = true(at=1), load_checkpoint(tiny_home / "models" / NAME).tokenizer.encode(PROMPT)[2]
    rank = 1 + int((drawn.before > drawn.before[following]).sum())
    expect(page.locator(".went")).to_contain_text(f"rank {rank} of 320, {display.pct(drawn.before[following])}")
    assert counts(page) == left(drawn)
    page.locator(".bar .chips .chip").last.click()
    expect(page.locator(".went")).to_be_hidden()


def test_a_full_context_takes_no_more(page: Page, url: str, idle: Idle) -> None:
    page.goto(address(url, "sampling", prompt="1" * N_CTX))
    expect(page.locator(".tokens svg")).to_be_visible()
    expect(page.locator(".bar .chips .chip")).to_have_count(N_CTX)
    page.get_by_role("button", name="Draw one").click()
    expect(page.get_by_text("the context is full")).to_be_visible()
    expect(page.get_by_role("button", name="Append")).to_be_hidden()


def test_settings_outlast_a_visit_to_another_page(page: Page, url: str, idle: Idle) -> None:
    page.goto(address(url, "sampling"))
    page.get_by_role("button", name="Wild").click()
    page.wait_for_url(re.compile(r"temperature=1\.8"))
    idle(page)
    links = page.locator('[data-testid="stSidebarNavLink"]')
    links.filter(has_text="Attention").click()
    expect(page.locator("h1")).not_to_contain_text("scores")
    idle(page)
    links.filter(has_text="Sampling").click()
    expect(number(page, "Temperature")).to_have_value("1.80")
    page.wait_for_url(re.compile(r"temperature=1\.8"))
    expect(page.get_by_role("button", name="Wild")).to_have_attribute("aria-pressed", "true")


def test_the_card_and_the_table_say_the_numbers(page: Page, url: str, idle: Idle, true: Callable[..., Funnel]) -> None:
    page.goto(address(url, "sampling", temperature="1", top_k="0", top_p="1", min_p="0"))
    rows = page.locator(".tokens")
    expect(rows).to_be_visible()
    idle(page)
    best = display.pct(true(SamplingConfig()).after.max())
    rows.locator("svg").hover(position={"x": 200, "y": 34})
    card = page.locator(".card:popover-open")
    expect(card.locator(".big")).to_have_text(best)
    expect(card.locator(".formula")).to_contain_text(f"= {best}")
    expect(card).to_contain_text("logits [")
    rows.focus()
    page.keyboard.press("ArrowDown")
    expect(rows.locator("[aria-selected=true]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    page.get_by_text("In words and as a table").click()
    expect(page.locator(".numbers tbody tr")).to_have_count(16)
