"""The mined places against a plain search: every row read on its own, every value looked at."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import nn

from explorer.analysis.snippets import (
    AFTER,
    BEFORE,
    DRAWN,
    KEPT,
    SAME,
    Mined,
    Source,
    budget,
    cut_rows,
    mine,
    snippets,
    training_source,
)
from llm.corpora.catalog import documents
from llm.model.gpt import GPT
from llm.tokenizers.char import CharTokenizer
from llm.trace import hook_name, trace
from tests.explorer.analysis.variants import build

TEXTS = documents("stories", 3, 2_500)
TOKENIZER = CharTokenizer.train(TEXTS)
N = 600


def model(**variant: Any) -> GPT:
    return build(d_vocab=TOKENIZER.n_vocab, n_layers=2, **variant)


def mined(which: GPT) -> Mined:
    return mine(which, TOKENIZER, Source("some stories", lambda: TEXTS), lambda words: None, N)


@pytest.mark.parametrize(
    "variant", [{}, {"mlp": "swiglu"}, {"block": "post_norm", "mlp": "relu", "positions": "learned"}], ids=str
)
def test_the_highest_places_are_the_highest(variant: dict[str, Any]) -> None:
    which = model(**variant)
    found = mined(which)
    assert found.n_tokens == N == sum(map(len, found.rows))
    for layer in range(2):
        traces = [trace(which, row.tolist()) for row in found.rows]
        posts = [one.activations[hook_name("post", layer)][0].numpy() for one in traces]
        pres = [one.activations[hook_name("pre", layer)][0] for one in traces]
        assert found.active[layer].tolist() == sum((pre > 0).sum(dim=0) for pre in pres).tolist()  # type: ignore[union-attr]
        tops = np.stack([post.max(axis=0) for post in posts])  # S M
        for m in (0, 7, 47):
            best = np.sort(tops[:, m])[::-1][:KEPT]
            assert found.highest.value[layer, m][: len(best)] == pytest.approx(best, abs=1e-5)
            kept = found.highest
            for value, row, at in zip(kept.value[layer, m], kept.row[layer, m], kept.position[layer, m], strict=True):
                if row >= 0:
                    assert posts[row][at, m] == pytest.approx(value, abs=1e-5)


def test_drawn_places_are_active_ones_of_different_rows() -> None:
    which = model()
    found = mined(which)
    for m in range(0, 48, 9):
        rows = [row for row in found.drawn.row[1, m].tolist() if row >= 0]
        assert len(rows) == len(set(rows)) <= DRAWN
        for row, at in zip(rows, found.drawn.position[1, m], strict=False):
            pre = trace(which, found.rows[row].tolist()).activations[hook_name("pre", 1)][0, at, m]
            assert pre > 0


def test_a_dead_and_an_always_active_neuron_are_counted() -> None:
    which = model(bias=True)
    with torch.no_grad():
        W_in = cast(nn.Linear, which.blocks[0].mlp.W_in)
        W_in.weight[:2] = 0
        W_in.bias[0], W_in.bias[1] = -1, 1
    found = mined(which)
    assert (found.active[0, 0], found.active[0, 1]) == (0, N)
    assert found.never(0) >= 1
    assert found.always(0) >= 1
    assert (found.drawn.row[0, 0] == -1).all()
    assert snippets(which, found, found.drawn, 0, 0, 6) == []


def test_a_snippet_has_the_values_of_its_own_tokens() -> None:
    which = model(mlp="swiglu")
    found = mined(which)
    cut = snippets(which, found, found.highest, 1, 5, 4)
    assert 1 <= len(cut) <= 4
    assert sum(one.alike for one in cut) <= KEPT
    first = cut[0]
    row, at = int(found.highest.row[1, 5, 0]), int(found.highest.position[1, 5, 0])
    whole = trace(which, found.rows[row].tolist()).activations[hook_name("post", 1)][0, :, 5].numpy()
    start = max(0, at - BEFORE)
    assert first.values == pytest.approx(whole[start : at + 1 + AFTER], abs=1e-5)
    assert first.values[first.at] == pytest.approx(found.highest.value[1, 5, 0], abs=1e-5)
    assert len({one.ids[: one.at + 1][-SAME:].tobytes() for one in cut}) == len(cut), "the same words are shown once"


def test_rows_are_the_documents_in_pieces() -> None:
    rows = cut_rows(TOKENIZER, iter(TEXTS), 24, N)
    assert [len(row) <= 24 for row in rows] == [True] * len(rows)
    ids = TOKENIZER.encode(TEXTS[0])
    separator = TOKENIZER.special_tokens.get("<|endoftext|>")
    expected = ([] if separator is None else [separator]) + ids
    assert np.concatenate(rows)[: len(expected)].tolist() == expected[:N]


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="no neurons"):
        mined(model(mlp="none"))
    with pytest.raises(ValueError, match="nothing to read"):
        mine(model(), TOKENIZER, Source("nothing", list), lambda words: None)


def test_progress_is_told_and_may_stop_it() -> None:
    said: list[str] = []

    def say(words: str) -> None:
        said.append(words)
        if len(said) == 2:
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        mine(model(), TOKENIZER, Source("some stories", lambda: TEXTS), say, N)
    assert said[0] == "Reading some stories"
    assert "of 600 tokens, about" in said[1]


def test_the_corpus_of_a_model_is_read_from_its_start(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "corpus": "stories",
        "corpus_seed": 3,
        "corpus_chars": 2_500,
        "corpus_file": None,
        "validation_fraction": 0.05,
        "training": {"seed": 0},
    }
    found = training_source({"options": options}, None, N)
    assert found is not None
    assert found.words == "its training corpus (stories)"
    assert list(found.read()) == TEXTS
    assert training_source({}, None, N) is None
    (tmp_path / "text.txt").write_text("Some words of mine.\n" * 40)
    options |= {"corpus": "file", "corpus_file": "corpus/text.txt", "corpus_chars": 10_000}
    own = training_source({"options": options}, tmp_path, N)
    assert own is not None
    assert "".join(own.read()).startswith("Some words of mine.")
    assert training_source({"options": options}, None, N) is None


def test_a_large_model_reads_less() -> None:
    assert budget(model()) == 100_000
    assert 2048 <= budget(build(d_vocab=400_000, d_model=64)) < 100_000
