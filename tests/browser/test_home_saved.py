"""Home's numbers outside the picture: files, tables, shapes and code."""

import csv
import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from explorer.analysis.attention import pattern
from llm.trace import hook_name
from tests.browser.tiny_pages import Idle, Maker, home, read

pytestmark = pytest.mark.browser


def test_csv_holds_what_is_drawn(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    home(page, url, idle, layer="1", head="3")
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
    page = home(open_page(width=width, height=height), url, idle)
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


def test_every_depth_adds_its_part(page: Page, url: str, idle: Idle, tiny_home: Path) -> None:
    home(page, url, idle, depth="Shapes")
    T = len(read(tiny_home).ids)
    expect(page.locator(".sheet svg")).to_contain_text(f"pattern 1×4×{T}×{T}")
    expect(page.get_by_text("Every value of block 0")).to_be_visible()
    expect(page.locator('[data-testid="stDataFrame"]').first).to_be_visible()
    home(page, url, idle, depth="Code")
    expect(page.locator("code").first).to_contain_text("def forward(self, ids: Tensor")


def test_the_table_twin(page: Page, url: str, idle: Idle) -> None:
    home(page, url, idle)
    page.get_by_text("In words and as a table").click()
    expect(page.get_by_text("tokens through 2 blocks of 4 heads.")).to_be_visible()
    expect(page.locator('[data-testid="stDataFrame"]')).to_have_count(2)
