"""Ticks, figures and names of events as curves write them, in the browser that runs them."""

from itertools import pairwise

import pytest
from playwright.sync_api import Page

from explorer.widgets import component

pytestmark = pytest.mark.browser

SCRIPT = "\n".join(
    (component.COMPONENTS / name).read_text("utf-8")
    for name in (*component.KIT_JS, "curves/axes.js", "curves/smooth.js", "curves/panel.js", "curves/events.js")
)


@pytest.fixture
def parts(page: Page) -> Page:
    page.goto("about:blank")
    page.add_script_tag(content=SCRIPT)
    return page


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0, 50_000, 100_000], ["0", "50 k", "100 k"]),
        ([0, 5_000, 10_000], ["0", "5,000", "10,000"]),
        ([0, 5e5, 1e6], ["0", "0.5 M", "1.0 M"]),
        ([1, 1.5, 2], ["1.0", "1.5", "2.0"]),
        ([0, 1e-4, 2e-4], ["0", "1e−4", "2e−4"]),
    ],
)
def test_an_axis_has_one_manner(parts: Page, values: list[float], texts: list[str]) -> None:
    assert parts.evaluate("v => tickTexts(v)", values) == texts


def test_a_log_axis_has_one_manner(parts: Page) -> None:
    said = parts.evaluate("() => [[1, 10, 100, 1000], [1e3, 1e5, 1e6]].map(v => tickTexts(v, { log: true }))")
    assert said == [["1", "10", "100", "1,000"], ["1 k", "100 k", "1 M"]]


def test_thousands_have_a_comma(parts: Page) -> None:
    said = parts.evaluate("() => [figure(1234.5), figure(1234.5, true), figure(-9999), figure(12345.6, true)]")
    assert said == ["1,235", "1,234.50", "−9,999", "12,345.6"]


def test_times_of_an_axis_share_a_unit(parts: Page) -> None:
    assert parts.evaluate("() => clock([0, 60, 120])") == ["0", "60 s", "120 s"]
    assert parts.evaluate("() => clock([0, 150, 300])") == ["0", "2.5 min", "5 min"]


def test_names_of_events_keep_clear_of_each_other(parts: Page) -> None:
    found = parts.evaluate(
        """() => {
          const events = [10, 11, 11, 30, 60, 61, 95, 99].map((value, i) => ({ value, name: `rate × ${i}` }));
          return eventLabels(events, { x: scale(0, 100, 30, 230), right: 316 });
        }"""
    )
    assert found[0]["text"] == "rate × 0, rate × 1 +1", "side by side they share a name"
    for row in (0, 1):
        ends = [(one["from"], one["from"] + 5.9 * len(one["text"])) for one in found if one["row"] == row]
        assert all(a[1] < b[0] for a, b in pairwise(ends))
        assert all(start >= 0 and end <= 316 for start, end in ends)
    assert parts.evaluate("() => eventsNear([{ value: 10, name: 'paused' }], 10.5, scale(0, 100, 30, 230))") == "paused"
