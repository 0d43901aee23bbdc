"""numbers.js and parts.js against their Python twins, in the browser that runs them."""

import math
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from explorer import display
from explorer.widgets import component

pytestmark = pytest.mark.browser

KIT = "\n".join((component.COMPONENTS / name).read_text("utf-8") for name in component.KIT_JS)
VALUES = sorted(
    {
        *(
            sign * m * 10.0**e
            for sign in (1, -1)
            for m in (0.5, 0.995, 1, 1.25, 1.5, 2.345, 9.949, 9.95)
            for e in range(-6, 10)
        ),
        *(n / 1000 for n in range(1000)),
        *(n / 8 for n in range(-24, 24)),
        *(
            99_999.49,
            99_999.5,
            999_499.0,
            999_500.0,
            99_950_000.0,
            59.94,
            59.95,
            59.96,
            0.0995,
            0.00995,
            0.9995,
            3599.6,
        ),
    }
)


@pytest.fixture
def kit(page: Page) -> Page:
    """A bare page in which the kit's functions are global."""
    page.goto("about:blank")
    page.add_script_tag(content=KIT)
    return page


@pytest.mark.parametrize("name", ["pct", "weight", "signed", "count", "loss", "rate", "duration"])
def test_numbers_are_written_the_same(kit: Page, name: str) -> None:
    made: list[str] = kit.evaluate(f"values => values.map(value => {name}(value))", VALUES)
    expected = [getattr(display, name)(value) for value in VALUES]
    assert dict(zip(VALUES, made, strict=True)) == dict(zip(VALUES, expected, strict=True))


def test_options_are_the_same(kit: Page) -> None:
    values = [-1.005, -0.004, 0.0, 0.3, 0.999, 1.0]
    made = kit.evaluate("xs => xs.map(x => [weight(x, true), signed(x, 1, true)])", values)
    assert made == [[display.weight(x, cell=True), display.signed(x, 1, plus=True)] for x in values]


def test_no_number_is_written_the_same(kit: Page) -> None:
    made = kit.evaluate("() => [NaN, Infinity, -Infinity].map(x => [pct(x), count(x), rate(x), duration(x), loss(x)])")
    names = ("pct", "count", "rate", "duration", "loss")
    assert made == [[getattr(display, n)(x) for n in names] for x in (math.nan, math.inf, -math.inf)]


HOSTILE = ["<img src=x onerror=alert(1)>", "</script><script>a()</script>", "&lt;b&gt;", "שלום", "{q:x}_{y}", "\u202e"]


@pytest.mark.parametrize("make", ["tokenSpan", "tokenLabel", "chip"])
@pytest.mark.parametrize("text", HOSTILE)
def test_tokens_are_text_only(kit: Page, make: str, text: str) -> None:
    token = display.token(text.encode())
    shown: dict[str, Any] = kit.evaluate(
        f"token => {{ const made = {make}(token, {{}}, Infinity); document.body.replaceChildren(made);"
        " const inside = [...made.querySelectorAll('*')];"
        " return { text: made.textContent, tags: inside.map(node => node.tagName.toLowerCase()) }; }",
        token.wire(),
    )
    assert shown["text"] == token.text
    assert set(shown["tags"]) <= {"i", "tspan"}


def test_token_is_cut_by_characters(kit: Page) -> None:
    token = display.token("a 👩 bcdef".encode()).wire()
    assert kit.evaluate("token => tokenText(token, 5)", token) == "a·👩·…"
    assert kit.evaluate("token => tokenSpan(token, {}, 5).textContent", token) == "a·👩·…"
    assert kit.evaluate("token => tokenSpan(token, {}, 9).textContent", token) == "a·👩·bcdef"


def test_csv_is_safe_and_exact(kit: Page) -> None:
    rows = [["token", "p"], ["=1+1", 0.5], ["+a", -1.5], ["-b", 0], ["@c", None], ['say "hi", you', 1e-7], ["a\nb", 3]]
    text = kit.evaluate("rows => csvText(rows)", rows)
    assert text.removeprefix("\ufeff").split("\r\n")[1:5] == ["'=1+1,0.5", "'+a,-1.5", "'-b,0", "'@c,"]
    assert '"say ""hi"", you",1e-7' in text
    assert '"a\nb",3' in text


def test_formula_has_no_markup_of_its_own(kit: Page) -> None:
    made = kit.evaluate(
        "() => { const f = formula('{q:q}_5 · {k:k}_1 / √32 = e^{5.31} <b>'); return [f.textContent, f.innerHTML]; }"
    )
    assert made[0] == "q5 · k1 / √32 = e5.31 <b>"
    assert "<sub>5</sub>" in made[1]
    assert "&lt;<i>b</i>&gt;" in made[1]


def test_payload_comes_back(kit: Page) -> None:
    payload = component.pack({"a": ["é"]}, x=np.arange(6, dtype=np.float32).reshape(2, 3), y=np.array([7], np.uint8))
    made = kit.evaluate(
        "bytes => { const moved = new Uint8Array(bytes.length + 3); moved.set(bytes, 3);"
        " const got = unpack(moved.subarray(3));"
        " return { a: got.header.a, x: [...got.arrays.x], shape: got.arrays.x.shape, y: [...got.arrays.y] }; }",
        list(payload),
    )
    assert made == {"a": ["é"], "x": [0, 1, 2, 3, 4, 5], "shape": [2, 3], "y": [7]}
