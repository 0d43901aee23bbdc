"""The Neurons page on models that are wired otherwise, with every word that its address can say, and the reading of a
text for a neuron's places."""

import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer.widgets import snippets
from explorer.widgets.background import Background
from llm.checkpoint import load_checkpoint, save_checkpoint
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from tests.pages.opened import button, fine, opened, words
from tests.tiny_home import NAME

PROMPT = "Ben and Jack. Ben and"
SHAPE = {"n_ctx": 48, "n_layers": 2, "n_heads": 4, "n_kv_heads": 2, "d_model": 32, "d_mlp": 48}
WIRINGS: list[dict[str, Any]] = [
    {"block": "post_norm", "mlp": "relu"},
    {"mlp": "swiglu", "norm": "rmsnorm", "bias": True, "tied": False},
    {"mlp": "gelu_tanh", "n_kv_heads": 4, "positions": "learned"},
]


@pytest.fixture(autouse=True)
def nothing_read_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snippets, "_MINING", Background(most=6))


def saved(tiny_home: Path, home: Path, provenance: dict[str, Any], **wiring: Any) -> None:
    tokenizer = load_checkpoint(tiny_home / "models" / NAME).tokenizer
    config = GPTConfig(**{**SHAPE, "d_vocab": tokenizer.n_vocab, **wiring})
    save_checkpoint(home / "models" / "other", GPT(config, seed=0), tokenizer, provenance)


def read_out(app: AppTest) -> AppTest:
    """Until what is read beside the page is there."""
    until = time.monotonic() + 30
    while any(b.key == "mining_stop" for b in app.button):
        assert time.monotonic() < until
        time.sleep(0.1)
        fine(app.run())
    return app


@pytest.mark.parametrize("wiring", WIRINGS, ids=lambda wiring: " ".join(map(str, wiring.values())))
def test_any_wiring(tiny_home: Path, home: Path, wiring: dict[str, Any]) -> None:
    saved(tiny_home, home, {}, **wiring)
    app = opened("neurons", model="other", prompt=PROMPT, depth="code")
    assert "Neuron " in words(app)
    assert ("to the logit" in words(app)) == (wiring.get("block") != "post_norm")
    assert len(app.get("bidi_component")) == 3, "two share rows and the picture"
    assert any("class" in code.value for code in app.code)


def test_a_model_of_attention_alone_has_none_and_the_page_offers_one_that_has(tiny_home: Path, home: Path) -> None:
    saved(tiny_home, home, {}, mlp="none")
    app = opened("neurons", model="other", prompt=PROMPT)
    assert "no MLP" in words(app)
    button(app, "offer").click()
    assert "gives" in words(fine(app.run()))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"neuron": "1.7"}, "Neuron 1.7 gives"),
        ({"neuron": "9.9", "shade": "constructor"}, "Neuron "),
        ({"neuron": "<b>", "token": "0"}, "Neuron "),
    ],
    ids=["one", "none such", "junk"],
)
def test_any_choice(tiny_checkpoint: Path, query: dict[str, str], said: str) -> None:
    app = opened("neurons", model=NAME, prompt=PROMPT, **query)
    assert said in words(app)
    kept = app.query_params.get("neuron")
    assert kept in ((["1.7"], "1.7") if query["neuron"] == "1.7" else (None,))


def test_other_texts_are_read_where_the_corpus_is_gone(tiny_checkpoint: Path) -> None:
    app = opened("neurons", model=NAME, prompt=PROMPT, neuron="1.7")
    assert "cannot be had again" in words(app)
    assert "reads the prompt once" in words(app)
    button(app, "mine").click()
    app = read_out(fine(app.run()))
    assert len(app.get("bidi_component")) == 4, "the places too"
    app.session_state["mining_which"] = "A text of mine"
    assert "Type or paste" in words(fine(app.run()))
    next(area for area in app.text_area if area.key == "mining_typed").set_value("Ben was cold. So was Jack.")
    assert any(b.key == "mine" for b in fine(app.run()).button), "another text is read when it is asked for"
    button(app, "mine").click()
    assert len(read_out(fine(app.run())).get("bidi_component")) == 4


def test_the_corpus_is_read_once_for_all_neurons_and_sessions(tiny_home: Path, home: Path) -> None:
    options = {
        "corpus": "stories",
        "corpus_seed": 1,
        "corpus_chars": 20_000,
        "corpus_file": None,
        "validation_fraction": 0.05,
        "training": {"seed": 0},
    }
    saved(tiny_home, home, {"options": options})
    app = opened("neurons", model="other", prompt=PROMPT, neuron="0.3")
    assert "its training corpus (stories)" in words(app)
    button(app, "mine").click()
    app = read_out(fine(app.run()))
    assert len(app.get("bidi_component")) == 4
    app.query_params["neuron"] = "1.40"
    assert len(fine(app.run()).get("bidi_component")) == 4
    other = opened("neurons", model="other", prompt=PROMPT, neuron="0.9")
    assert len(other.get("bidi_component")) == 4, "another session shares it"
    edited = opened("neurons", model="other", prompt=PROMPT, neuron="0.9", edits="0.1x0")
    assert len(edited.get("bidi_component")) == 3, "an edited model has not been read"
