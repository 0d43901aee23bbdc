"""What the picture of Home is sent: true numbers, exact enough to be read, in a bounded number of bytes."""

import json

import numpy as np
import pytest
import torch

from explorer import display
from explorer.analysis.forward_pass import ForwardPass, forward_pass, row
from explorer.display import Token
from explorer.widgets import flow
from explorer.widgets.component import pack
from explorer.widgets.flow import payload
from explorer.widgets.focus import Focus
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.trace import Trace, hook_name, trace

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
    for name, exact in (("post", passed.post), ("q", passed.q)):
        assert exact is not None
        assert arrays[name].dtype == np.int16
        seen = arrays[name] * header["steps"][name]
        np.testing.assert_allclose(seen, exact, atol=np.abs(exact).max() / 32767)
        np.testing.assert_array_equal(np.sign(seen), np.sign(exact))


def test_a_long_text_keeps_small_weights_and_scores() -> None:
    config = GPTConfig(d_vocab=61, n_ctx=220, n_layers=2, n_heads=4, n_kv_heads=4, d_model=32, d_mlp=48)
    model = GPT(config, seed=0).eval()
    with torch.no_grad():
        for block in model.blocks:  # sharp heads, as trained ones are: weights from 1 down to nothing
            block.attn.W_Q.weight *= 40
            block.attn.W_K.weight *= 40
    ids = [(7 * i * i + 3) % 61 for i in range(210)]
    seen = trace(model, ids, [b"x"] * 210)
    header, arrays = payload(forward_pass(seen, model), (display.token(b"x"),) * 210, WORDS, Focus(1, 2, 209))
    coded, log_total = arrays["pattern"].reshape(2, 4, -1), arrays["log_total"]
    assert coded.dtype == np.uint16
    assert log_total.dtype == np.float32
    rows, columns = np.tril_indices(210)
    logs = np.where(coded == 0, -np.inf, (coded.astype(float) - 65535) * header["steps"]["pattern"])
    exact, true = (
        np.stack([seen.activations[hook_name(short, layer)][0].numpy()[:, rows, columns] for layer in (0, 1)])
        for short in ("pattern", "attn_scores")
    )
    assert exact.min() < 1e-12
    assert exact.max() > 0.99
    np.testing.assert_allclose(np.exp(logs), exact, rtol=1e-3, atol=1e-9)
    shown = exact > np.exp(-32)
    assert shown.mean() > 0.2
    np.testing.assert_allclose((logs + log_total[:, :, rows])[shown], true[shown], atol=1e-3)


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
