"""Whatever an address says, the focus is a place that exists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.widgets.focus import NAMES, Focus, parse, resolve

JUNK = ["", "-1", "1e9", "NaN", "Infinity", "__proto__", "1.5", " 1", "１", "0x1", "9" * 40, "constructor", "null"]


@pytest.mark.parametrize("value", [*JUNK, None, True, -1, 1.5, float("nan"), float("inf"), [], {}])
def test_junk_is_no_number(value: object) -> None:
    assert parse(value) is None


@pytest.mark.parametrize(("value", "number"), [("0", 0), ("12", 12), ("007", 7), (3, 3), (3.0, 3)])
def test_numbers(value: object, number: int) -> None:
    assert parse(value) == number


def test_nothing_asked_for_is_the_opening_and_the_last_token() -> None:
    assert resolve({}, 4, 4, 9, first=(2, 1)) == Focus(2, 1, 8)


def test_an_opening_of_another_model_is_held_within_this_one() -> None:
    assert resolve({}, 1, 2, 1, first=(2, 5)) == Focus(0, 1, 0)


@given(
    st.dictionaries(st.sampled_from(NAMES), st.integers(0, 10**9)),
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(1, 256),
)
def test_always_inside(asked: dict[str, int], n_layers: int, n_heads: int, n_tokens: int) -> None:
    focus = resolve(asked, n_layers, n_heads, n_tokens, first=(2, 1))
    for name, n in zip(NAMES, (n_layers, n_heads, n_tokens), strict=True):
        at = getattr(focus, name)
        assert 0 <= at < n
        if name in asked and asked[name] < n:
            assert at == asked[name]
