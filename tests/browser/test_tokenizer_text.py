"""Own texts on the Tokenizer page in a browser: an upload, one that is stopped, one letter very often; share rows."""

import csv
import io
import random
import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser.test_tokenizer import handle, lit
from tests.browser.tiny_pages import Idle, address

pytestmark = pytest.mark.browser


def upload(page: Page, name: str, raw: bytes) -> None:
    page.get_by_role("button", name="Upload a text").click()
    page.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": raw}
    )


def test_a_short_text_is_uploaded_and_learned_from(page: Page, url: str, idle: Idle) -> None:
    page.goto(f"{url}/tokenizer")
    expect(handle(page)).to_be_visible()
    idle(page)
    upload(page, "bad.txt", b"\x89PNG\0")
    expect(page.get_by_role("alert").filter(has_text="got a PNG picture")).to_be_visible()
    page.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(
        {"name": "sea.txt", "mimeType": "text/plain", "buffer": b"the sea, the sea, the sun"}
    )
    expect(page.get_by_label("Learn from")).to_have_value("sea.txt")
    expect(handle(page)).to_have_attribute("aria-valuetext", re.compile("to “·the”"))
    expect(page.get_by_text("got a PNG picture")).to_have_count(0)
    idle(page)
    assert set(lit(page)) == {"·the"}
    page.wait_for_url(re.compile("learn=upload"))


def test_a_long_training_is_stopped_and_begun_again(page: Page, url: str, idle: Idle) -> None:
    page.goto(f"{url}/tokenizer?merges=4000")
    expect(handle(page)).to_be_visible()
    idle(page)
    letters = random.Random(0)
    words = [" ".join("".join(letters.choices("abcdefghij", k=9)) for _ in range(10)) for _ in range(60_000)]
    upload(page, "long.txt", "\n".join(words).encode())
    expect(page.get_by_role("status").filter(has_text=re.compile("words|Merge|pairs"))).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="You stopped it.")).to_be_visible()
    page.get_by_role("button", name="Learn again").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("You stopped it.")).to_be_visible()
    page.get_by_label("Learn from").click()
    page.get_by_role("option", name="Example: stories").click()
    expect(handle(page)).to_be_visible()
    expect(page.get_by_text("You stopped it.")).to_have_count(0)
    idle(page)


def test_one_letter_very_often(page: Page, url: str, idle: Idle) -> None:
    page.goto(f"{url}/tokenizer")
    expect(handle(page)).to_be_visible()
    idle(page)
    upload(page, "a.txt", b"a" * 2_000_000)
    expect(page.get_by_label("Learn from")).to_have_value("a.txt")
    said = re.compile("joined “a{12}…a{11} \\(512 bytes\\)” and .* to “a{12}…a{11} \\(1,024 bytes\\)”")
    expect(handle(page)).to_have_attribute("aria-valuetext", said)
    expect(page.get_by_text("every pair that occurs twice would be longer than 1,024 bytes")).to_be_visible()
    expect(page.get_by_text("1 word of more than 4,096 characters is learned from in pieces")).to_be_visible()
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)  # what was uploaded is on show, and nothing over it
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_text("Copied; it opens your upload on this machine only")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^The tree .* a{12}…a{11} \\(1,024 bytes\\)$"))).to_be_visible()
    idle(page)
    assert len(page.locator(".vitrine-lead").inner_text()) < 300


def test_a_share_row_saves_its_own_picture(page: Page, url: str, idle: Idle) -> None:
    page.goto(address(url, "tokenizer"))
    expect(page.locator(".st-key-vocabulary .grid")).to_be_visible()
    idle(page)
    saved: list[Download] = []
    page.on("download", lambda file: saved.append(file))
    for row, name in (
        ("share", "merges"),
        ("share_word", "word"),
        ("share_cut", "cut"),
        ("share_cost", "vocabulary-cost"),
    ):
        for kind in ("CSV", "PNG"):
            before = len(saved)
            with page.expect_download():
                page.locator(f".st-key-{row}").get_by_role("button", name=kind).click()
            expect(page.locator(f".st-key-{row} output")).to_have_text("Saved")
            assert [file.suggested_filename.split(".")[0].rstrip("0123456789-") for file in saved[before:]] == [
                f"vitrine-{name}"
            ]
    expect(page.locator(".st-key-share_vocabulary").get_by_role("button")).to_have_count(3)
    rows = list(csv.reader(io.StringIO(saved[2].path().read_text("utf-8-sig"))))
    assert rows[0][:2] == ["tokenizer", "step"]


def test_a_link_holds_the_longest_text_that_can_be_typed(page: Page, url: str, idle: Idle) -> None:
    text = "漢字仮名" * 5_000
    page.goto(f"{url}/tokenizer?{urlencode({'learn': 'typed', 'typed': text})}")
    expect(handle(page)).to_be_visible()
    idle(page)
    page.reload()
    expect(page.get_by_label("Your text")).to_have_value(text)
    idle(page)
