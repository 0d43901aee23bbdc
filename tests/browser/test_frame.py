"""What all pages share, in a real browser: the address, the share row, the theme, the phone, the keyboard."""

import csv
import io
import re
import struct
import xml.etree.ElementTree as ET
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser.tiny_pages import PROMPT, Idle, Maker, address, too_wide

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["" if path.stem == "home" else path.stem for path in sorted((ROOT / "pages").glob("*.py"))]

OF_RUNS = (
    "train",
    "runs",
    "induction",
    "tokenizer",
)  # pages without a prompt bar or a token in focus: runs, a text of their own
OF_MODELS = [name for name in PAGES if name not in OF_RUNS]

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "![](http://evil.example/x)",
    "[x](javascript:alert(1))",
    "$\\href{javascript:1}{x}$",
    "\0\ufeff",
)

THEMES = "[...vitrinePictures.keys()].map(host => host.dataset.theme)"

every_page = pytest.mark.parametrize("name", PAGES, ids=[name or "home" for name in PAGES])
every_model_page = pytest.mark.parametrize("name", OF_MODELS, ids=[name or "home" for name in OF_MODELS])


def stands(page: Page, name: str) -> None:
    """The page's picture is drawn: on a page of models the prompt bar, on others what the share row would save."""
    if name in OF_RUNS:
        drawn = "[...(globalThis.vitrinePictures?.values() ?? [])].some(({ view, made }) => made.csv && view.width)"
        page.wait_for_function(f"() => {drawn}")
    else:
        expect(page.locator(".bar .chip").first).to_be_visible()


def has_names(page: Page) -> None:
    """Every picture, and every column of a table."""
    assert page.locator('svg[role="img"]:not([aria-label]), canvas[role="img"]:not([aria-label])').count() == 0
    assert page.locator("th").filter(has_text=re.compile(r"^\s*$")).count() == 0


def asked(page: Page) -> dict[str, str]:
    return {key: values[-1] for key, values in parse_qs(urlsplit(page.url).query).items()}


def selected(page: Page) -> str | None:
    return page.locator(".bar .chip.on").get_attribute("aria-label")


@every_model_page
def test_arrow_keys_move_the_focus_and_a_reload_keeps_it(page: Page, url: str, idle: Idle, name: str) -> None:
    page.goto(address(url, name))
    page.locator(".bar .chip").nth(1).click()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".bar .chip").nth(2)).to_be_focused()
    page.wait_for_url(re.compile(r"[?&]token=2\b"))
    idle(page)
    before, said = asked(page), page.locator(".vitrine-foot").inner_text()
    assert before["prompt"] == PROMPT
    page.reload()
    expect(page.locator(".bar .chip.on")).to_have_attribute("aria-label", re.compile(r"^token 2:"))
    idle(page)
    assert asked(page) == before
    assert page.locator(".vitrine-foot").inner_text() == said


def test_pages_keep_prompt_and_focus(page: Page, url: str, idle: Idle) -> None:
    page.goto(address(url, "", layer="1", head="2", token="1"))
    idle(page)
    said, chosen = page.locator(".vitrine-foot").inner_text(), selected(page)
    assert "Block 1 · head 2" in said
    for link in page.locator('[data-testid="stSidebarNavLink"]').all():
        name = urlsplit(link.get_attribute("href") or "").path.rpartition("/")[2]
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        page.wait_for_url(lambda there, name=name: urlsplit(there).path == f"/{name}")  # type: ignore[misc]
        if name in OF_RUNS:
            idle(page)
            continue
        expect(page.locator(".bar .chip.on")).to_have_attribute("aria-label", chosen or "")
        idle(page)
        foot = page.locator(".vitrine-foot").inner_text()
        assert foot == (said.replace("Block 1 · head 2\n", "Next token\nafter ") if name == "sampling" else said)
        assert {"prompt": PROMPT, "layer": "1", "head": "2", "token": "1"}.items() <= asked(page).items()


def test_back_leads_to_the_page_before(page: Page, url: str, idle: Idle) -> None:
    page.goto(address(url, ""))
    stands(page, "")
    idle(page)
    for name, title in (("attention", "Attention"), ("sampling", "Sampling")):
        page.get_by_role("link", name=title, exact=True).first.click()
        page.wait_for_url(re.compile(rf"/{name}\?"))
        for token in ("1", "2"):
            page.locator(".bar .chip").nth(int(token)).click()
            page.wait_for_url(re.compile(rf"[?&]token={token}\b"))
            idle(page)
    page.go_back()
    page.wait_for_url(re.compile(r"/attention\?.*token=2\b"))
    expect(page.locator("h1")).to_contain_text("Where does each head look?")
    idle(page)
    page.go_back()
    page.wait_for_url(lambda there: urlsplit(there).path == "/")
    expect(page.locator("h1")).to_contain_text("next word?")
    idle(page)


def test_a_page_is_one_place_of_the_history_from_its_first_moment(open_page: Maker, url: str, idle: Idle) -> None:
    page = open_page(locale="en-GB")  # of its own kind, so that no other test has filled its history, which holds 50
    before = page.evaluate("history.length")
    page.goto(f"{url}/tokenizer")
    stands(page, "tokenizer")
    idle(page)
    assert asked(page)
    assert page.evaluate("history.length") == before + 1
    page.get_by_role("link", name="Train", exact=True).first.click()
    page.wait_for_url(re.compile(r"/train\?"))
    idle(page)
    assert page.evaluate("history.length") == before + 2
    page.go_back()
    page.wait_for_url(re.compile(r"/tokenizer"))
    expect(page.locator("h1")).to_contain_text("tokens")
    idle(page)


def _is_of(kind: str, file: Download) -> bool:
    """A page's row saves one of each kind for each picture that has no row of its own, one after another."""
    return file.suggested_filename.endswith(f".{kind.lower()}")


@every_page
def test_opens_on_a_picture_that_can_be_shared_follows_the_menu_and_has_depths(
    page: Page, url: str, idle: Idle, name: str
) -> None:
    page.goto(f"{url}/{name}")
    expect(page.locator("h1")).to_contain_text("?")
    stands(page, name)
    idle(page)
    has_names(page)
    _can_be_shared(page)

    page.wait_for_function(f"() => {THEMES}.every(theme => theme === 'light')")
    page.locator('[data-testid="stMainMenuButton"]').click()
    page.locator('[data-testid="stMainMenuItem-theme-Dark"]').click()
    page.wait_for_function(f"() => {THEMES}.every(theme => theme === 'dark')")
    page.keyboard.press("Escape")

    page.evaluate(
        "() => { globalThis.leads = new Set(); new MutationObserver(() => "
        "leads.add(document.querySelectorAll('.vitrine-lead').length)).observe(document.body, "
        "{ childList: true, subtree: true }); }"
    )
    page.locator(".st-key-depth").get_by_text("Shapes", exact=True).click()
    page.wait_for_url(re.compile("depth=Shapes"))
    stands(page, name)
    idle(page)
    assert name in OF_RUNS or not page.evaluate("leads.has(0)")  # the lead stands until the next one is there
    has_names(page)


def _can_be_shared(page: Page) -> None:
    """The share row: the link, and what is drawn as a picture of each kind and as numbers."""
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    saved = {}
    for kind in ("SVG", "PNG", "CSV"):
        with page.expect_download(partial(_is_of, kind)) as download:
            page.locator(".st-key-share").get_by_role("button", name=kind, exact=True).click()
        assert re.fullmatch(rf"vitrine-[\w.-]+\.{kind.lower()}", download.value.suggested_filename)
        saved[kind] = download.value.path().read_bytes()
    drawing = ET.fromstring(saved["SVG"])
    assert len(list(drawing.iter())) > 20
    assert not re.search(rb"var\(|color-mix|oklab|oklch|light-dark|blob:|<script", saved["SVG"])
    assert saved["PNG"].startswith(b"\x89PNG")
    width, height = struct.unpack(">II", saved["PNG"][16:24])
    assert (width, height) == (2 * float(drawing.get("width", 0)) // 1, 2 * float(drawing.get("height", 0)) // 1)
    rows = list(csv.reader(io.StringIO(saved["CSV"].decode("utf-8-sig"))))
    assert len(rows) > 1
    assert len({len(row) for row in rows}) == 1


@every_page
def test_phone(open_page: Maker, url: str, idle: Idle, name: str) -> None:
    page = open_page(width=390, height=844, reduced_motion="reduce")
    page.goto(address(url, name, prompt=PROMPT * 4))
    stands(page, name)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_function(f"() => {THEMES}.every(theme => theme === '{scheme}')")
        idle(page)
        assert too_wide(page) <= 0
    if name not in OF_RUNS:
        _shows_whole_rows_of_a_long_prompt_and_says_which(page)
    expect(page.locator('[data-testid="stSidebar"]')).not_to_be_in_viewport()
    page.locator('[data-testid="stExpandSidebarButton"]').click()
    expect(page.get_by_label("Prompt", exact=True)).to_be_in_viewport()


def _shows_whole_rows_of_a_long_prompt_and_says_which(page: Page) -> None:
    bar, last = page.locator(".bar .chips"), page.locator(".bar .chips .chip").count() - 1
    for key, said in (("Home", "tokens 0 to "), ("End", f" to {last} of {last + 1}, scroll for the others")):
        page.locator(".bar .chip.on").focus()
        page.keyboard.press(key)
        expect(page.locator(".bar .range")).to_contain_text(said)
        cut = bar.evaluate(
            """bar => { const box = bar.getBoundingClientRect();
            return [...bar.children].map(chip => chip.getBoundingClientRect())
              .filter(chip => chip.bottom > box.top + 0.5 && chip.top < box.bottom - 0.5)
              .filter(chip => chip.top < box.top - 0.5 || chip.bottom > box.bottom + 0.5).length }"""
        )
        assert cut == 0


@every_model_page
def test_hostile_text_and_a_junk_address(page: Page, url: str, idle: Idle, name: str) -> None:
    page.goto(address(url, name, model="stories", prompt=" ".join(HOSTILE)))
    expect(page.locator(".bar .chip").first).to_be_visible()
    idle(page)
    bar = "".join(page.locator(".bar .chip").all_inner_texts())
    assert all(text.replace(" ", "·") in bar for text in HOSTILE[:-1])

    junk = "layer=1&layer=99&head=-1&token=1e9&depth=__proto__&prompt=%ff%ED%A0%80&model=..%2F.."
    page.goto(f"{url}/{name}?{junk}")
    expect(page.get_by_text("The link asked for a place that is not here")).to_be_visible()
    expect(page.locator(".bar .chip").first).to_be_visible()
    idle(page)
