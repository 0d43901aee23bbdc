"""Home in a real browser: the reader looks around without the server, the model writes on, and every number is true."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from explorer.analysis.attention import pattern
from explorer.analysis.next_token import next_tokens
from explorer.display import pct, weight
from llm.checkpoint import load_checkpoint
from llm.corpora.catalog import documents
from llm.trace import Trace, hook_name, trace
from tests.tiny_home import N_CTX, NAME

pytestmark = pytest.mark.browser

PROMPT = "Ben and Jack. Ben and"
STORY = documents("stories", 4, 2_000)[0]
Idle = Callable[[Page], None]
Maker = Callable[..., Page]


def opened(page: Page, url: str, idle: Idle, **query: str) -> Page:
    page.goto(f"{url}/?{urlencode({'model': NAME, 'prompt': PROMPT, **query})}")
    expect(page.locator(".sheet svg")).to_be_visible()
    expect(page.locator(".reveal")).to_have_count(0)
    idle(page)
    return page


def read(home: Path, text: str = PROMPT) -> Trace:
    checkpoint = load_checkpoint(home / "models" / NAME)
    return trace(checkpoint.model, checkpoint.tokenizer.encode(text))


def mark(page: Page, *place: object) -> Locator:
    return page.locator(f'[data-mark="{".".join(str(part) for part in place)}"]')


def point(page: Page, shape: Locator, n: int, of: int) -> None:
    """Put the pointer on the n-th of so many cells."""
    box = shape.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * (n + 0.5) / of, box["y"] + box["height"] / 2)


def checked(page: Page) -> str | None:
    return page.locator('[role="radio"][aria-checked="true"][data-key]').get_attribute("data-key")


def test_the_list_is_the_models_own_distribution(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle)
    seen = read(tiny_home)
    found, last = next_tokens(seen, 8), len(seen.ids) - 1
    assert page.locator(".next .p").all_inner_texts() == [pct(p) for p in (*found.probs[last], found.rest[last])]
    expect(page.locator(".next .others")).to_contain_text(f"{found.n_rest} others")
    expect(page.locator(".bar .end")).to_have_text(f"{last + 1} of {N_CTX} tokens · 1 forward pass")
    expect(page.locator(".sheet svg")).to_have_attribute("aria-label", re.compile("The most likely token after"))


def test_the_head_of_the_list_stands_beside_rows_that_scroll(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, prompt=STORY[:60])
    expect(page.locator(".scroller.many")).to_be_visible()
    title, box = (
        page.locator(".sheet text", has_text="Next token").bounding_box(),
        page.locator(".scroller").bounding_box(),
    )
    assert title
    assert box
    assert title["x"] + title["width"] <= box["x"] + box["width"]


def test_a_click_on_a_head_repaints_before_the_server_answers(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, layer="0", head="0")
    page.locator('[data-key="head1.2"]').click()
    assert checked(page) == "head1.2"
    page.wait_for_url(re.compile("layer=1"))
    expect(page.locator(".vitrine-lead")).to_contain_text("In block 1, head 2")
    expect(page.locator(".vitrine-note").first).to_contain_text("Without block 1 head 2")
    idle(page)
    page.reload()
    expect(page.locator('[data-key="head1.2"]')).to_have_attribute("aria-checked", "true")


def test_a_token_in_focus_shows_what_follows_it(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle)
    seen = read(tiny_home)
    box = mark(page, "row", 2).bounding_box()
    assert box
    page.mouse.click(box["x"] + 20, box["y"] + box["height"] - 6)
    expect(page.locator(".bar .chip.on")).to_have_attribute("aria-label", re.compile("^token 2:"))
    found = next_tokens(seen, 8)
    assert page.locator(".next .p").all_inner_texts() == [pct(p) for p in (*found.probs[2], found.rest[2])]
    came = page.locator(".came, .told:not(:empty)")
    expect(came.first).to_contain_text(re.compile("in the text", re.IGNORECASE))
    page.wait_for_url(re.compile("token=2"))


def test_cards_tell_the_true_numbers(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle, layer="1", head="2")
    seen, card = read(tiny_home), page.locator(".card:popover-open")
    last = len(seen.ids) - 1
    point(page, mark(page, "cell", 1, 2, last), 3, last + 1)
    expect(card.locator(".big")).to_have_text(weight(float(pattern(seen, 1)[2, last, 3])))
    expect(card).to_contain_text(f"blocks.1.attn.hook_pattern [0,2,{last},3]")
    expect(card).to_contain_text(f"B H q k = 1 4 {last + 1} {last + 1}")
    point(page, mark(page, "embed", last), 5, 16)
    value = float(seen.activations["hook_embed"][0, last, 5])
    expect(card.locator(".big")).to_have_text(f"{value:.3f}".replace("-", "−"))
    point(page, mark(page, "qkv", "k", 1, 2, last), 1, 8)
    key = float(seen.activations[hook_name("k", 1)][0, last, 1, 1])
    assert float(card.locator(".big").inner_text().replace("−", "-")) == pytest.approx(key, abs=0.006)
    expect(card).to_contain_text("shared by 2 heads, before its position turns it")
    point(page, mark(page, "attention", 1, 2, last), 0, 1)
    length = float(seen.activations[hook_name("attn_out", 1)][0, last].norm())
    assert float(card.locator(".big").inner_text()) == pytest.approx(length, abs=0.006)
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_the_keyboard_reaches_everything(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, layer="0", head="0")
    card = page.locator(".card:popover-open")
    page.locator('[data-key="block1"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator('[role="radio"][aria-checked="true"][data-key^="head1"]')).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".bar .chip.on")).not_to_have_attribute("aria-label", re.compile("^token 0:"))
    page.locator('[data-key="block0"]').focus()
    seen: list[str] = []
    for _ in range(14):
        page.keyboard.press("Shift+ArrowRight")
        seen.append(card.locator(".hook").first.inner_text())
    words = " ".join(seen)
    for hook in (
        "hook_embed",
        "hook_q ",
        "hook_k ",
        "hook_v ",
        "hook_rot_q",
        "hook_pattern",
        "hook_attn_out",
        "hook_post",
        "hook_mlp_out",
    ):
        assert hook in words, seen
    assert "ln_final.hook_scale" in words
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_the_model_writes_and_it_can_be_taken_back(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle)
    tokens = page.locator(".bar .chip").count()
    page.get_by_role("button", name="Next token").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    longer = page.get_by_label("Prompt", exact=True).input_value()
    assert longer.startswith(PROMPT)
    assert len(longer) > len(PROMPT)
    expect(page.locator(".said")).to_have_text(re.compile(r"^\d tokens? drawn: temperature .*seed \d+\.$"))
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(PROMPT)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    page.get_by_role("button", name="20 more").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert page.locator(".bar .chip").count() > tokens + 5
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(PROMPT)


def test_a_word_of_the_list_can_be_written(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    words = page.locator(".word:not(:disabled)")
    word = words.first.locator(".token").inner_text()
    words.first.click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(PROMPT + word.replace("·", " ").replace("↵", "\n"))


def test_a_full_context_says_so(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    tokenizer = load_checkpoint(tiny_home / "models" / NAME).tokenizer
    text = next(
        cut
        for n in range(N_CTX, 0, -1)
        if len(tokenizer.encode(cut := tokenizer.decode(tokenizer.encode(STORY)[:n]))) == N_CTX
    )
    opened(page, url, idle, prompt=text)
    button = page.get_by_role("button", name="Next token")
    expect(button).to_be_disabled()
    expect(button).to_have_attribute("title", re.compile("context is full"))


def test_stage_names_lead_to_their_pages(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, layer="0", head="0")
    page.locator('[data-key="head1.3"]').click()
    page.locator('[data-key="page-attention"]').click()
    expect(page.locator("h1")).to_have_text("Where does each head look?")
    page.wait_for_url(re.compile(r"/attention\?.*layer=1"))
    idle(page)
    page.get_by_role("link", name="Home").click()
    expect(page.locator('[data-key="head1.3"]')).to_have_attribute("aria-checked", "true")


def test_csv_holds_what_is_drawn(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle, layer="1", head="3")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    seen = read(tiny_home)
    weights = pattern(seen, 1)[3]
    drawn = [row for row in rows if row["mark"] == "attention weight" and row["block"] == "1"]
    T = len(seen.ids)
    assert len(drawn) == T * (T + 1) // 2
    for row in drawn:
        assert float(row["value"]) == pytest.approx(float(weights[int(row["token"]), int(row["of"])]), rel=1e-6)
    for row in rows:
        if row["mark"] == "neuron":
            value = seen.activations[hook_name("post", 1)][0, int(row["token"]), int(row["of"])]
            assert float(row["value"]) == pytest.approx(float(value), rel=1e-5, abs=1e-9)
    assert sum(float(row["value"]) for row in rows if row["mark"] == "next token") == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_pictures_open_elsewhere(open_page: Maker, url: str, idle: Idle, width: int, height: int) -> None:
    page = opened(open_page(width=width, height=height), url, idle)
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG", exact=True).click()
    drawn = ElementTree.fromstring(download.value.path().read_text("utf-8"))
    kinds = [node.tag.rpartition("}")[2] for node in drawn.iter()]
    assert kinds.count("rect") > 200, "strips and tiles are vectors"
    assert "image" not in kinds
    assert "color-mix" not in download.value.path().read_text("utf-8")
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG", exact=True).click()
    raw = download.value.path().read_bytes()
    assert raw[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(raw[16:20]) > 1.8 * (width - 300)


def test_a_long_prompt_scrolls_under_its_head(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle, prompt=STORY[:60])
    tokens = page.locator(".bar .chip").count()
    assert tokens > 18
    rows = page.locator('[data-mark^="row."]')
    expect(rows).to_have_count(15)
    expect(mark(page, "row", tokens - 1)).to_have_count(1)
    expect(mark(page, "row", 0)).to_have_count(0)
    page.locator('[data-key="above"]').click()
    page.mouse.move(500, 500)
    page.mouse.wheel(0, -2000)
    expect(mark(page, "row", 0)).to_have_count(1)
    expect(mark(page, "row", tokens - 1)).to_have_count(1)
    expect(page.locator('[data-key="below"]')).to_contain_text("below")


def test_a_change_of_focus_costs_few_bytes(page: Page, url: str, idle: Idle) -> None:
    received: list[int] = []

    def count(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: received.append(len(frame)))

    page.on("websocket", count)
    opened(page, url, idle, prompt=STORY[:60], layer="0", head="0")
    whole = sum(received)
    page.locator('[data-key="head0.1"]').click()
    page.wait_for_url(re.compile("head=1"))
    idle(page)
    received.clear()
    page.locator('[data-key="head1.2"]').click()
    page.wait_for_url(re.compile("layer=1"))
    expect(page.locator(".vitrine-lead")).to_contain_text("In block 1, head 2")
    idle(page)
    assert sum(received) < whole / 3


@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 800, "dark"), (390, 844, "light"), (820, 1000, "dark")])
def test_nothing_sticks_out(open_page: Maker, url: str, idle: Idle, width: int, height: int, scheme: str) -> None:
    page = open_page(width=width, height=height, color_scheme=scheme, reduced_motion="reduce")
    for prompt in ("B", PROMPT, STORY[:60], "<script>a</script>", "שלום 👩‍👧\n\u202ea"):
        opened(page, url, idle, prompt=prompt)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0
        assert page.locator(".picture script").count() == 0
        expect(page.locator(".next li")).to_have_count(9)


def test_every_depth_adds_its_part(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    opened(page, url, idle, depth="Shapes")
    T = len(read(tiny_home).ids)
    expect(page.locator(".sheet svg")).to_contain_text(f"pattern 1×4×{T}×{T}")
    expect(page.get_by_text("Every value of block 0")).to_be_visible()
    expect(page.locator('[data-testid="stDataFrame"]').first).to_be_visible()
    opened(page, url, idle, depth="Code")
    expect(page.locator("code").first).to_contain_text("def forward(self, ids: Tensor")


def test_the_table_twin(page: Page, url: str, idle: Idle) -> None:
    opened(page, url, idle)
    page.get_by_text("In words and as a table").click()
    expect(page.get_by_text("tokens through 2 blocks of 4 heads.")).to_be_visible()
    expect(page.locator('[data-testid="stDataFrame"]')).to_have_count(2)
