"""What a vocabulary costs: more merges never make more tokens, and the tables are what the model's size says."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.analysis.vocabulary_cost import SIZES, WIDTHS, bits_per_byte, cost, parameters
from llm.corpora.catalog import documents
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.tokenizers.bpe import BPETokenizer

TEXT = "\n".join(documents("stories", 0, 30_000))


def test_each_size_is_what_a_tokenizer_of_that_size_makes() -> None:
    said = list[str]()
    found = cost(TEXT, say=said.append)
    assert found.n_vocab[:2] == SIZES[:2]
    assert found.tokens[0] == found.n_bytes == len(TEXT.encode())
    assert found.tokens[1] == len(BPETokenizer.train(TEXT, 512, ()).encode(TEXT))
    assert sorted(found.tokens, reverse=True) == list(found.tokens)
    assert found.short
    assert said


@pytest.mark.parametrize("text", ["", "a", "ab\ud800"])
def test_texts_without_pairs(text: str) -> None:
    found = cost(text)
    assert found.n_vocab == (256,)
    assert found.tokens == (found.n_bytes,)


@pytest.mark.parametrize("tied", [True, False])
def test_parameters_are_the_models(tied: bool) -> None:
    config = GPTConfig(d_vocab=300, n_ctx=16, n_layers=2, n_heads=2, n_kv_heads=2, d_model=64, d_mlp=256, tied=tied)
    tables, whole = parameters(config, (256, 300))
    i = WIDTHS.index(64)
    model = GPT(config, seed=0)
    assert whole[i, 1] == sum(p.numel() for p in model.parameters())
    assert tables[i, 1] == 300 * 64 * (1 if tied else 2)
    assert (tables < whole).all()


def test_every_width_fits_any_model() -> None:
    odd = GPTConfig(d_vocab=300, n_ctx=16, n_layers=1, n_heads=3, n_kv_heads=3, d_model=36, d_mlp=36)
    tables, whole = parameters(replace(odd, mlp="none"), (256,))
    assert np.isfinite(tables).all()
    assert (np.diff(whole[:, 0]) > 0).all()


def test_bits_per_byte_of_a_manifest() -> None:
    assert bits_per_byte({"bits_per_byte": 0.5}) == 0.5
    assert bits_per_byte({}) is bits_per_byte({"bits_per_byte": "x"}) is bits_per_byte({"bits_per_byte": True}) is None
