"""The probe is what the model really does on a text it never learned from; a head has not moved from itself."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from explorer.analysis.attention import pattern
from explorer.analysis.head_roles import text_roles
from explorer.analysis.probe import HELD_OUT_CHARS, LENGTH, Probe, change, earlier, held_out, probe, probe_ids
from llm.checkpoint import Checkpoint
from llm.corpora.catalog import documents
from llm.data import split
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.runs.config import RunConfig
from llm.tokenizers.base import END_OF_TEXT
from llm.tokenizers.char import CharTokenizer
from llm.trace import trace

Made = Callable[..., Checkpoint]
IDS = tuple((7 * i * i + 3) % 61 for i in range(16))


@pytest.fixture
def checkpoint() -> Made:
    def made(seed: int = 0, **shape: int | str) -> Checkpoint:
        tokenizer = CharTokenizer([chr(65 + i) for i in range(58)])
        values = {"n_ctx": 24, "n_layers": 2, "n_heads": 4, "n_kv_heads": 2, "d_model": 32, "d_mlp": 48, **shape}
        model = GPT(GPTConfig(d_vocab=61, **values), seed=seed).eval()  # type: ignore[arg-type]
        return Checkpoint(Path("none"), model, tokenizer, {})

    return made


@pytest.mark.parametrize("shape", [{}, {"mlp": "none"}, {"n_heads": 1, "n_kv_heads": 1}, {"n_layers": 9}], ids=str)
def test_it_is_the_models_own_pass(checkpoint: Made, shape: dict[str, int | str]) -> None:
    made = checkpoint(**shape)
    found, seen = probe(made, IDS), trace(made.model, IDS)
    expected = F.cross_entropy(seen.logits[:-1].double(), seen.ids[1:], reduction="none")
    assert found.loss == pytest.approx(expected.numpy(), rel=1e-9)
    assert np.exp(-found.loss) == pytest.approx(found.next.told, rel=1e-9)
    assert found.mean_loss == pytest.approx(float(expected.mean()))
    for layer in range(made.model.config.n_layers):
        assert np.array_equal(found.pattern[layer], pattern(seen, layer))
        assert np.array_equal(found.heads.tiles.cells[layer], np.rint(pattern(seen, layer) * 65_535))
    for role, scores in text_roles(seen).items():
        assert np.array_equal(found.heads.roles[role], scores, equal_nan=True)


def test_nothing_moves_from_itself_and_all_of_it_can_move(checkpoint: Made) -> None:
    one, other = probe(checkpoint(0), IDS), probe(checkpoint(1), IDS)
    assert np.array_equal(change(one, one), np.zeros((2, 4)))  # type: ignore[arg-type]
    moved, back = change(one, other), change(other, one)
    assert moved is not None
    assert np.array_equal(moved, back)  # type: ignore[arg-type]
    assert ((moved > 0) & (moved < 1)).all()
    first, itself = np.zeros_like(one.pattern), np.zeros_like(one.pattern)
    first[..., 0], itself[:] = 1, np.eye(len(IDS))
    moved = change(_with(one, first), _with(one, itself))
    assert moved == pytest.approx(np.ones((2, 4)))


def _with(made: Probe, weights: np.ndarray) -> Probe:
    return Probe(made.ids, made.tokenizer, made.heads, weights, made.loss, made.next)


def test_unlike_models_are_not_compared(checkpoint: Made) -> None:
    assert change(probe(checkpoint(), IDS), probe(checkpoint(n_layers=1), IDS)) is None
    assert change(probe(checkpoint(), IDS), probe(checkpoint(), IDS[:5])) is None


def test_a_single_token_has_nothing_to_predict(checkpoint: Made) -> None:
    found = probe(checkpoint(), (9,))
    assert found.mean_loss is None
    assert np.array_equal(change(found, found), np.zeros((2, 4)))  # type: ignore[arg-type]


def test_a_diverged_model_is_refused(checkpoint: Made) -> None:
    made = checkpoint()
    with torch.no_grad():
        made.model.embed.weight.fill_(3e38)
    with pytest.raises(ValueError, match="diverged"):
        probe(made, IDS)


@pytest.mark.parametrize("kind", ["stories", "sums", "brackets", "repeats"])
def test_the_text_is_held_out(kind: str, tmp_path: Path) -> None:
    config = RunConfig(corpus=kind, corpus_chars=30_000)  # type: ignore[arg-type]
    texts = held_out(config, tmp_path)
    training, _ = split(documents(config.corpus, 0, 30_000), config.validation_fraction, config.training.seed)
    assert texts
    assert not set(texts) & {text[:HELD_OUT_CHARS] for text in training}
    assert texts == held_out(config, tmp_path)
    tokenizer = CharTokenizer.train(documents(config.corpus, 0, 30_000))
    ids = probe_ids(texts, tokenizer, 64)
    assert 1 < len(ids) <= (64 if kind == "repeats" else LENGTH)
    said = tokenizer.decode(ids).split(END_OF_TEXT)
    assert said[0] == ""
    if kind == "repeats":
        assert len(said) == 2
        n = len(said[1]) - len(set(said[1]))
        assert n > 1
        assert said[1][-n:] == said[1][-2 * n : -n], "two sayings of one list"
    if kind == "sums":
        assert len(said) > 2
        assert all(text.endswith("\n") for text in said[1:]), "whole sums"


def test_a_file_lies_in_the_run(tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text("".join(f"line {n} of the text\n" for n in range(200)))
    config = RunConfig(corpus="file", corpus_file=Path("corpus.txt"))
    assert held_out(config, tmp_path)[0].startswith("line 1")
    with pytest.raises(ValueError, match="expected a readable text file"):
        held_out(config, tmp_path / "elsewhere")


def test_the_probe_fits_a_short_context_and_a_tokenizer_without_specials() -> None:
    tokenizer = CharTokenizer("abc", special_tokens=())
    assert probe_ids(["abcabcabcabc" * 9], tokenizer, 4) == (0, 1, 2, 0)
    assert len(probe_ids(["acb" + "abc" * 30], tokenizer, 1000)) == LENGTH


def test_the_earlier_step_is_about_a_hundred_ago() -> None:
    assert earlier([0, 100, 200, 300], 300) == 200
    assert earlier([0, 1, 2, 4, 8, 16, 32, 64, 128], 128) == 32
    assert earlier([0, 50, 150, 200], 200) == 150, "of two as near the later"
    assert earlier([0, 1000], 1000) == 0
    assert earlier([0], 0) is None
