"""The Embeddings page on every position kind, on two matrices, on a large model, and with what its address can say."""

import time
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from explorer.analysis.embeddings import plane
from explorer.analysis.layout import Layout
from explorer.widgets import embedding_layout, embeddings
from llm.checkpoint import load_checkpoint, save_checkpoint
from llm.checkpoint_files import step_directory
from llm.model.config import GPTConfig, PositionKind
from llm.model.gpt import GPT
from llm.runs.config import RunConfig
from tests.pages.opened import fine, opened, words
from tests.tiny_home import NAME
from tests.tiny_run import STEPS, tiny_run

KINDS: list[dict[str, Any]] = [{"positions": kind, "tied": False} for kind in get_args(PositionKind)]
PICTURES = 7  # the share rows of the page and of two sections, the vectors, the map, the sum, the positions


@pytest.mark.parametrize(
    "wiring",
    [*KINDS, {"block": "post_norm"}, {"d_model": 15, "n_heads": 5, "n_kv_heads": 5, "positions": "none"}],
    ids=lambda wiring: " ".join(map(str, wiring.values())),
)
def test_any_wiring(tiny_home: Path, home: Path, wiring: dict[str, Any]) -> None:
    tokenizer = load_checkpoint(tiny_home / "models" / NAME).tokenizer
    shape = {"n_ctx": 48, "n_layers": 2, "n_heads": 4, "n_kv_heads": 2, "d_model": 32, "d_mlp": 48}
    config = GPTConfig(**{**shape, "d_vocab": tokenizer.n_vocab, **wiring})
    save_checkpoint(home / "models" / "other", GPT(config, seed=0), tokenizer, {})
    app = fine(opened("embeddings", model="other", prompt="Ben and Jack. Ben and"))
    assert "Nearest to" in words(app)
    assert len(app.get("bidi_component")) == PICTURES


@pytest.mark.parametrize(
    "query",
    [
        {"pick": "12", "shade": "length", "x": "3.9", "y": "40.41", "sum": "1.2.3"},
        {"pick": "99999", "side": "output", "x": "3.3", "sum": "1.2"},
    ],
    ids=["known", "junk"],
)
@pytest.mark.parametrize("sent", [embeddings.SENT, 0], ids=["in the browser", "in Python"])
def test_any_question(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch, query: dict[str, str], sent: int) -> None:
    monkeypatch.setattr(embeddings, "SENT", sent)
    app = fine(opened("embeddings", model=NAME, prompt="Ben and Jack. Ben and", **query))
    assert len(app.get("bidi_component")) == PICTURES
    kept = {name for name in query if app.query_params.get(name)}
    assert kept == (set(query) if query["pick"] == "12" else set())


def test_counts_are_said_to_be_missing_or_made_once_they_are_asked_for(tiny_home: Path, home: Path) -> None:
    tiny = load_checkpoint(tiny_home / "models" / NAME)
    save_checkpoint(home / "models" / "unknown", tiny.model, tiny.tokenizer, {})
    options = RunConfig(corpus="stories", corpus_chars=20_000, model=tiny.model.config).to_dict()
    save_checkpoint(home / "models" / "known", tiny.model, tiny.tokenizer, {"options": options})
    app = opened("embeddings", model="unknown", prompt="Ben", shade="count")
    assert b"cannot be had again here" in _map(app)
    app = opened("embeddings", model="known", prompt="Ben", shade="count")
    for _ in range(200):
        if b'"counts"' in _map(app):
            break
        fine(app.run())
    assert b'"counts"' in _map(app)
    assert b"in what it was trained on of 20,000 characters of stories" in _map(app)
    app = opened("embeddings", model="known", prompt="Ben")
    assert b'"counts"' not in _map(app)


def test_the_map_follows_the_checkpoint(home: Path) -> None:
    run = tiny_run(home / "runs" / "20260101-000000-time")
    shown = {}
    for step in STEPS:
        app = fine(opened("embeddings", model=run.id, prompt="12+34=46", step=str(step)))
        points = plane(load_checkpoint(step_directory(run.checkpoints, step)).model, "input").points
        shown[step] = points.astype("<f4").tobytes()
        assert shown[step] in _map(app)
        assert sum(other in _map(app) for other in shown.values()) == 1


def test_tsne_waits_for_its_button_and_is_then_there_for_everybody(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding_layout, "lay_out", lambda layout, vectors, say: vectors[:, :2] + 3)
    query = {"model": NAME, "prompt": "Ben and Jack. Ben and", "map": "tsne", "scale": "15", "mapseed": "3"}
    app = fine(opened("embeddings", **query))
    assert b'"laid"' not in _map(app)
    assert "Two principal components keep" in words(app)
    fine(app.button(key="layout_begin").click().run())
    for _ in range(200):
        if b'"laid"' in _map(app):
            break
        time.sleep(0.2)
        fine(app.run())
    drawn = b'"laid": {"method": "tsne", "scale": 15, "seed": 3, "side": "input"'
    assert drawn in _map(app)
    assert drawn in _map(fine(opened("embeddings", **query))), "nobody has to ask again"
    assert b'"laid"' not in _map(fine(opened("embeddings", **{**query, "mapseed": "4"})))


def test_umap_that_is_not_installed_is_said_and_that_is_drawn_once_it_is(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding_layout, "installed", lambda method: False)
    app = fine(opened("embeddings", model=NAME, prompt="Ben", map="umap"))
    assert ".venv/bin/pip install umap-learn==0.5.12" in words(app)
    assert not [button for button in app.button if button.key == "layout_begin"]
    monkeypatch.setattr(embedding_layout, "installed", lambda method: True)
    points = np.arange(2 * load_checkpoint(tiny_checkpoint).model.config.d_vocab, dtype=np.float32).reshape(-1, 2)
    asked: list[Layout] = []

    def lay_out(layout: Layout, vectors: np.ndarray, say: object) -> np.ndarray:
        asked.append(layout)
        return points

    monkeypatch.setattr(embedding_layout, "lay_out", lay_out)
    app = fine(opened("embeddings", model=NAME, prompt="Ben", map="umap"))
    fine(app.button(key="layout_begin").click().run())
    for _ in range(50):
        if points.tobytes() in _map(app):
            break
        time.sleep(0.1)
        fine(app.run())
    assert points.tobytes() in _map(app)
    assert asked == [Layout("umap", 15, 0)]


def _map(app: Any) -> bytes:
    return b"".join(picture.proto.SerializeToString() for picture in app.get("bidi_component"))
