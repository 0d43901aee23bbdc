"""The Residual stream page on models that are wired otherwise, and with every word that its address can say."""

from pathlib import Path
from typing import Any

import pytest

from llm.checkpoint import load_checkpoint, save_checkpoint
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from tests.pages.opened import fine, opened, words
from tests.tiny_home import NAME

WIRINGS: list[dict[str, Any]] = [
    {"block": "post_norm", "bias": True},
    {"mlp": "none", "n_layers": 1},
    {"mlp": "none", "block": "post_norm"},
    {"norm": "rmsnorm", "tied": False, "positions": "learned"},
]


@pytest.mark.parametrize("wiring", WIRINGS, ids=lambda wiring: " ".join(map(str, wiring.values())))
def test_any_wiring(tiny_home: Path, home: Path, wiring: dict[str, Any]) -> None:
    tokenizer = load_checkpoint(tiny_home / "models" / NAME).tokenizer
    shape = {"d_vocab": tokenizer.n_vocab, "n_ctx": 48, "n_layers": 2, "n_heads": 4, "n_kv_heads": 2}
    config = GPTConfig(**{**shape, "d_model": 32, "d_mlp": 48, **wiring})
    save_checkpoint(home / "models" / "other", GPT(config, seed=0), tokenizer, {})
    app = fine(opened("residual", model="other", prompt="Ben and Jack. Ben and"))
    assert "a length of" in words(app)
    assert ("normed at once" in words(app)) == (wiring.get("block") == "post_norm")
    assert len(app.get("bidi_component")) == 3, "the share row and two pictures"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"norm": "final", "token": "0"}, "The final norm divides it by"),
        ({"norm": "ln2", "layer": "1", "how": "mean"}, "let it divide every token by"),
        ({"how": "token", "like": "999999999"}, "let it divide every token by"),
        ({"norm": "none", "how": "<b>", "like": "-1", "dim": "1e9", "cells": "constructor"}, "leave it out"),
    ],
    ids=["final", "mean", "token", "junk"],
)
def test_any_choice(tiny_checkpoint: Path, query: dict[str, str], said: str) -> None:
    app = fine(opened("residual", model=NAME, prompt="Ben and Jack. Ben and", **query))
    assert said in words(app)
    assert len(app.get("bidi_component")) == 3
