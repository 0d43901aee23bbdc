"""Tokens and numbers as a reader sees them. tests/browser/test_kit.py holds numbers.js to the same results."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import display
from explorer.display import token


@pytest.mark.parametrize(
    ("raw", "text", "kind"),
    [
        (b" be", "·be", "text"),
        (b"  ", "··", "text"),
        (b"\n", "↵", "text"),
        (b"\t1", "→1", "text"),
        (b"\xe2", "\\xE2", "byte"),
        (b"\xe2\x80", "\\xE2\\x80", "byte"),
        (b" \xe2", "·\\xE2", "byte"),
        (b"a\x80", "a\\x80", "text"),
        (b"\x00", "\\x00", "text"),
        (b"\r\n", "\\x0D↵", "text"),
        ("\u200b".encode(), "\\u{200B}", "text"),
        ("\u202e".encode(), "\\u{202E}", "text"),
        ("\u00a0".encode(), "\\u{A0}", "text"),
        ("\u0301".encode(), "◌\u0301", "text"),
        ("e\u0301".encode(), "e\u0301", "text"),
        ("שלום".encode(), "שלום", "text"),
        (b"<script>", "<script>", "text"),
        (b"", "", "text"),
    ],
)
def test_token(raw: bytes, text: str, kind: str) -> None:
    shown = token(raw)
    assert (shown.text, shown.kind) == (text, kind)


def test_a_real_middle_dot_is_not_a_space() -> None:
    assert token("a·b".encode()).pieces == ("a·b",)
    assert token(b"a b").pieces == ("a", "·", "b")


@pytest.mark.parametrize(("raw", "text"), [(b"<|endoftext|>", "end of text"), (b"<|user|>", "user")])
def test_special_tokens_are_words(raw: bytes, text: str) -> None:
    assert token(raw, special=True).wire() == {"pieces": [text], "kind": "special"}


@given(st.binary(max_size=12))
def test_nothing_invisible_is_left(raw: bytes) -> None:
    shown = token(raw)
    assert all(c.isprintable() and not c.isspace() for c in shown.text)
    assert bool(shown.text) == bool(raw)
    shown.text.encode()


@given(st.text(max_size=8))
def test_plain_pieces_are_the_text_itself(text: str) -> None:
    raw = text.encode("utf-8", "replace")
    for plain in token(raw).pieces[::2]:
        assert plain.encode() in raw


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.61, "61%"),
        (0.084, "8.4%"),
        (0.0994, "9.9%"),
        (0.0995, "10%"),
        (0.001, "0.1%"),
        (0.00099, "<0.1%"),
        (0.0, "0"),
        (1.0, "100%"),
        (0.997, ">99%"),
        (math.nan, "not a number"),
    ],
)
def test_pct(value: float, text: str) -> None:
    assert display.pct(value) == text


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (display.weight(0.87), "0.87"),
        (display.weight(0.87, cell=True), ".87"),
        (display.weight(0.003, cell=True), ".00"),
        (display.weight(0.0), "0"),
        (display.weight(1.0, cell=True), "1.0"),
        (display.signed(-1.37), "−1.37"),
        (display.signed(0.46, plus=True), "+0.46"),
        (display.signed(-0.001), "0.00"),
        (display.signed(0.125), "0.13"),
        (display.signed(-math.inf), "−∞"),
        (display.count(4096), "4,096"),
        (display.count(338_123), "338 k"),
        (display.count(999_600), "1.0 M"),
        (display.count(1_100_000), "1.1 M"),
        (display.count(124_400_000), "124 M"),
        (display.count(1.5e9), "1.5 B"),
        (display.loss(1.871), "1.87"),
        (display.rate(3e-4), "3e−4"),
        (display.rate(2.5e-3), "2.5e−3"),
        (display.duration(0.0021), "2.1 ms"),
        (display.duration(0.042), "42 ms"),
        (display.duration(4.2), "4.2 s"),
        (display.duration(102), "1 min 42 s"),
        (display.duration(7500), "2 h 05 min"),
    ],
)
def test_number(made: str, text: str) -> None:
    assert made == text
