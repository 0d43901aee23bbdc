"""The Logit lens page on models that are wired otherwise, and with every word that its address can say."""

from pathlib import Path
from typing import Any

import pytest

from llm.checkpoint import load_checkpoint, save_checkpoint
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from tests.pages.opened import fine, opened, words
from tests.tiny_home import NAME

WIRINGS: list[dict[str, Any]] = [
    {"block": "post_norm"},
    {"mlp": "none", "n_layers": 1},
    {"norm": "rmsnorm", "bias": True, "tied": False},
]


@pytest.mark.parametrize("wiring", WIRINGS, ids=lambda wiring: " ".join(map(str, wiring.values())))
def test_any_wiring(tiny_home: Path, home: Path, wiring: dict[str, Any]) -> None:
    tokenizer = load_checkpoint(tiny_home / "models" / NAME).tokenizer
    shape = {
        "d_vocab": tokenizer.n_vocab,
        "n_ctx": 48,
        "n_layers": 2,
        "n_heads": 4,
        "n_kv_heads": 2,
        "d_model": 32,
        "d_mlp": 48,
    }
    save_checkpoint(home / "models" / "other", GPT(GPTConfig(**{**shape, **wiring}), seed=0), tokenizer, {})
    app = fine(opened("lens", model="other", prompt="Ben and Jack. Ben and"))
    assert "the whole model gives" in words(app)
    pictures = app.get("bidi_component")
    assert len(pictures) == 3, "the share row, the grid, the parts"
    refused = [picture for picture in pictures if b"no logit can be split" in picture.proto.SerializeToString()]
    assert len(refused) == (wiring.get("block") == "post_norm")


@pytest.mark.parametrize(
    "query",
    [
        {"answer": "follows", "token": "0"},
        {"answer": "follows"},
        {"answer": "7", "against": "7"},
        {"answer": "9999999999", "against": "-1"},
        {"answer": "319", "against": "12", "places": "blocks", "shade": "kl", "order": "size", "parts": "few"},
    ],
    ids=lambda query: " ".join(f"{name}={value}" for name, value in query.items()),
)
def test_any_question(tiny_checkpoint: Path, query: dict[str, str]) -> None:
    app = fine(opened("lens", model=NAME, prompt="Ben and Jack. Ben and", **query))
    assert len(app.get("bidi_component")) == 3
    known = {"9999999999": None, "-1": None}
    for name in ("answer", "against"):
        asked = query.get(name)
        said = app.query_params.get(name)
        assert (said[-1] if isinstance(said, list) else said) == known.get(asked or "", asked)
