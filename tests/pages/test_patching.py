"""The Patching page under AppTest: every wiring, every word of its address, prompts that do not fit, long sweeps."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer.analysis import patching
from explorer.opening import opening
from explorer.widgets import patching_sweep
from llm.checkpoint import load_checkpoint, save_checkpoint
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from tests.pages.opened import button, fine, opened, words
from tests.tiny_home import NAME

PROMPT = "Ben and Jack. Ben and"
WIRINGS: list[dict[str, Any]] = [
    {"block": "post_norm", "positions": "learned"},
    {"mlp": "none", "n_layers": 1, "positions": "alibi"},
    {"norm": "rmsnorm", "bias": True, "tied": False},
]


def picture(app: AppTest) -> bytes:
    """What the browser is sent for it."""
    sent = [one.proto.SerializeToString() for one in app.get("bidi_component")]
    return next(one for one in sent if b'"corrupted"' in one)


def said(app: AppTest, name: str) -> str | None:
    found = app.query_params.get(name)
    return found[-1] if isinstance(found, list) else found


@pytest.mark.parametrize("wiring", WIRINGS, ids=lambda wiring: " ".join(map(str, wiring.values())))
def test_any_wiring(tiny_home: Path, home: Path, wiring: dict[str, Any]) -> None:
    tokenizer = load_checkpoint(tiny_home / "models" / NAME).tokenizer
    shape = {"d_vocab": tokenizer.n_vocab, "n_ctx": 48, "n_layers": 2, "n_heads": 4, "n_kv_heads": 2}
    shape |= {"d_model": 32, "d_mlp": 48}
    save_checkpoint(home / "models" / "other", GPT(GPTConfig(**{**shape, **wiring}), seed=0), tokenizer, {})
    app = opened("patching", model="other", prompt=PROMPT)
    assert "The clean run prefers" in words(app)
    assert b'"logits"' in picture(app)
    assert app.text_input(key="corrupted_field").value != PROMPT, "the page's own second prompt"


@pytest.mark.parametrize(
    "query",
    [
        {"way": "noise", "cell": "1.2"},
        {"way": "zero", "cell": "r1@3", "shade": "prob"},
        {"way": "mean", "cell": "m0@2", "right": "5", "wrong": "9"},
        {"cell": "r1@3<r0@1", "right": "5", "wrong": "5"},
        {"way": "evil", "cell": "r9@99", "right": "999999999", "wrong": "x"},
        {"corrupted": PROMPT},
    ],
    ids=lambda query: " ".join(query.values()),
)
def test_any_question(tiny_checkpoint: Path, query: dict[str, str]) -> None:
    app = opened("patching", model=NAME, prompt=PROMPT, **query)
    assert b'"hand_logits"' in picture(app)
    assert (said(app, "cell") or "") == query.get("cell", "")


def test_prompts_that_do_not_fit_are_said_and_nothing_is_lost(tiny_checkpoint: Path) -> None:
    app = opened("patching", model=NAME, prompt=PROMPT, corrupted="Ben and Jacky Jack. Ben and")
    assert "needs as many in both" in words(app)
    assert b'"logits"' not in picture(app)
    assert b'"hand_logits"' in picture(app), "a patch by hand goes from any place to any"
    fine(button(app, "patching_line_up").click().run())
    assert "needs as many in both" not in words(app)
    assert b'"logits"' in picture(app)
    fine(app.text_input(key="corrupted_field").set_value("Ben " * 200).run())
    assert "The corrupted prompt is" in words(app)
    assert str(app.text_input(key="corrupted_field").value).startswith("Ben Ben")
    fine(button(app, "offer").click().run())
    assert b'"logits"' in picture(app)
    assert said(app, "corrupted") is None
    fine(opened("patching", model=NAME, prompt="B"))


def test_a_long_sweep_is_asked_for(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patching_sweep, "QUICK", 0.0)
    monkeypatch.setattr(patching_sweep, "AT_ONCE", 0.0)
    app = opened("patching", model=NAME, prompt="Anna asked Ben. Ben asked")
    n = len(patching.cells(load_checkpoint(tiny_checkpoint).model.config, 0))
    assert n > 0
    assert "The whole grid is" in words(app)
    assert b'"logits"' not in picture(app)
    fine(button(app, "patching_run").click().run())
    while b'"logits"' not in picture(app):
        fine(app.run())
    assert "The whole grid is" not in words(app)


def test_pairs_of_the_shipped_model_are_offered() -> None:
    app = opened("patching", model="stories")
    pair = opening("stories").pairs[0]
    assert app.text_input(key="corrupted_field").value == pair.corrupted
    assert "The clean run prefers" in words(app)
    assert "Put head 3.3 of the clean run into the corrupted one" in words(app)
