"""What the picture of Home is sent: true numbers, exact enough to be read, in a bounded number of bytes."""

import json

import numpy as np
import pytest

from explorer import display
from explorer.analysis.forward_pass import ForwardPass, forward_pass, row
from explorer.display import Token
from explorer.widgets import flow
from explorer.widgets.component import pack
from explorer.widgets.flow import payload
from explorer.widgets.focus import Focus
from llm.model.gpt import GPT
from llm.trace import Trace

AT = Focus(layer=1, head=2, token=15)


@pytest.fixture(scope="module")
def passed(tiny_trace: Trace, tiny_model: GPT) -> ForwardPass:
    return forward_pass(tiny_trace, tiny_model)


@pytest.fixture(scope="module")
def tokens(tiny_trace: Trace) -> tuple[Token, ...]:
    return tuple(display.token(raw) for raw in tiny_trace.tokens)


WORDS = {i: display.token(b"%d" % i) for i in range(61)}


def test_header_is_strict_json_and_names_every_word(passed: ForwardPass, tokens: tuple[Token, ...]) -> None:
    header, arrays = payload(passed, tokens, WORDS, AT)
    json.dumps(header, allow_nan=False)
    assert set(header["words"]) == set(arrays["next_ids"].ravel().tolist())
    assert header["tokens"] == [token.wire() for token in tokens]
    assert "focus" not in header, "the focus is added by flow(): without it the same bytes serve every focus"
    other, same = payload(passed, tokens, WORDS, Focus(0, 0, 3))
    assert pack(header, **arrays) == pack(other, **same)


def test_short_arrays_travel_exactly(passed: ForwardPass, tokens: tuple[Token, ...]) -> None:
    header, arrays = payload(passed, tokens, WORDS, AT)
    assert header["steps"] == {}
    n = header["heads"].index([1, 2])
    np.testing.assert_array_equal(arrays["pattern"][n, 15 * 16 // 2 :], row(passed, 1, 2, 15))
    np.testing.assert_array_equal(arrays["post"], passed.post)


def test_long_arrays_travel_in_steps_that_keep_what_is_shown(
    passed: ForwardPass, tokens: tuple[Token, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "EXACT_BYTES", 0)
    header, arrays = payload(passed, tokens, WORDS, AT)
    for name, exact in (("pattern", passed.pattern.reshape(8, -1)), ("post", passed.post), ("q", passed.q)):
        assert exact is not None
        assert arrays[name].dtype == np.int16
        seen = arrays[name] * header["steps"][name]
        np.testing.assert_allclose(seen, exact, atol=np.abs(exact).max() / 32767)
        np.testing.assert_array_equal(np.sign(seen), np.sign(exact))


def test_beyond_the_bound_only_what_is_drawn_travels(
    passed: ForwardPass, tokens: tuple[Token, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "PAYLOAD_BYTES", 1)
    header, arrays = payload(passed, tokens, WORDS, AT)
    assert header["layers"] == [1]
    assert header["heads"][:4] == [[1, 0], [1, 1], [1, 2], [1, 3]]
    strongest = int(passed.lengths.heads[0, :, AT.token].argmax())
    assert header["heads"][4:] == [[0, strongest]]
    assert len(arrays["q"]) == len(arrays["post"]) == 1
    np.testing.assert_array_equal(arrays["pattern"][4], passed.pattern[0, strongest])
    np.testing.assert_array_equal(arrays["post"][0], passed.post[1])  # type: ignore[index]
