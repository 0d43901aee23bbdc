"""Vocabularies: parents join to the token, counts are of the text, and only what was never learned is flagged."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer.analysis.vocabulary import NOWHERE, counts, parents, training_texts, undertrained
from llm.corpora.catalog import documents
from llm.data import split
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.char import CharTokenizer
from llm.tokenizers.tiktoken_backed import TiktokenTokenizer

TEXT = "the cat and the hat and the mat. " * 20
BPE = BPETokenizer.train(TEXT, 280)


def test_a_tokens_parents_are_its_bytes() -> None:
    found = parents(BPE)
    assert (found[:256] == -1).all()
    for id in range(256, 256 + len(BPE.merges)):
        left, right = found[id]
        assert BPE.token_bytes(int(left)) + BPE.token_bytes(int(right)) == BPE.token_bytes(id)
    assert (found[list(BPE.special_tokens.values())] == -1).all()
    assert (parents(CharTokenizer.train("abc")) == -1).all()


def test_counts_are_of_the_text() -> None:
    found = counts(BPE, [TEXT, "zz"])
    assert found.sum() == len(BPE.encode(TEXT)) + 2
    assert found[ord("z")] == 2
    assert found[0xFF] == 0
    assert counts(BPE, []).tolist() == [0] * BPE.n_vocab


def test_a_long_text_is_counted_in_parts_and_can_be_stopped() -> None:
    long = "It's the cat, the  hat;\r\n\n and 12345 mats! " * 9_000
    said: list[str] = []
    found = counts(BPE, [long], said.append)
    assert found.tolist() == np.bincount(BPE.encode(long), minlength=BPE.n_vocab).tolist()
    assert len(said) >= 5

    def stop(words: str) -> None:
        raise ValueError(words)

    with pytest.raises(ValueError, match="Counted"):
        counts(BPE, [long], stop)


def provenance(**options: Any) -> dict[str, Any]:
    usual = {"corpus": "sums", "corpus_seed": 1, "corpus_chars": 5_000, "validation_fraction": 0.1}
    return {"options": {**usual, "training": {"seed": 3}, **options}}


def test_the_training_text_again() -> None:
    found = training_texts(provenance(), None)
    assert found
    assert found[0] == "5,000 characters of sums"
    assert found[1]() == list(split(documents("sums", 1, 5_000), 0.1, 3)[0])


def test_a_text_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text(TEXT)
    options = provenance(corpus="file", corpus_file="corpus.txt")
    found = training_texts(options, tmp_path)
    assert found
    assert set("".join(found[1]())) <= set(TEXT)
    assert training_texts(options, None) is None
    assert training_texts(options, tmp_path / "gone") is None


@pytest.mark.parametrize("damaged", [{}, {"options": 3}, {"options": {"corpus": "sums"}}, provenance(corpus_seed="x")])
def test_what_cannot_be_had_again(damaged: dict[str, Any]) -> None:
    assert training_texts(damaged, None) is None


@pytest.mark.parametrize("named", ["/{}/secret.txt", "../secret.txt"])
def test_an_imported_run_names_no_file_outside_it(tmp_path: Path, named: str) -> None:
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    (tmp_path / "run").mkdir()
    options = provenance(corpus="file", corpus_file=named.format(tmp_path))
    assert training_texts(options, tmp_path / "run") is None


def test_rows_that_never_were_a_target_are_flagged_and_no_others() -> None:
    config = GPTConfig(d_vocab=BPE.n_vocab, n_ctx=16, n_layers=1, n_heads=2, n_kv_heads=2, d_model=32, d_mlp=32)
    model, unseen = GPT(config, seed=0), [*NOWHERE, 200, 270]
    with torch.no_grad():
        pushed = torch.randn(32, generator=torch.Generator().manual_seed(1))
        model.unembed.weight[unseen] = pushed + 0.01 * model.unembed.weight[unseen]
    found = undertrained(model, BPE)
    assert found
    assert np.flatnonzero(found.flagged).tolist() == sorted(unseen)


def test_a_model_that_learned_nothing_has_no_candidates() -> None:
    config = GPTConfig(d_vocab=BPE.n_vocab, n_ctx=16, n_layers=1, n_heads=2, n_kv_heads=2, d_model=64, d_mlp=32)
    found = undertrained(GPT(config, seed=0), BPE)
    assert found
    assert not found.flagged.any()


def test_ids_between_the_tokens_are_in_nobodys_way() -> None:
    gapped = TiktokenTokenizer({bytes([byte]): byte for byte in range(256)}, {"<|x|>": 300})
    config = GPTConfig(d_vocab=301, n_ctx=16, n_layers=1, n_heads=2, n_kv_heads=2, d_model=32, d_mlp=32)
    found = undertrained(GPT(config, seed=0), gapped)
    assert found
    assert len(found.distance) == len(counts(gapped, [TEXT])) == len(parents(gapped)) == 301


def test_without_bytes_there_is_no_measure() -> None:
    characters = CharTokenizer.train("abc")
    config = GPTConfig(d_vocab=characters.n_vocab, n_ctx=16, n_layers=1, n_heads=2, n_kv_heads=2, d_model=32, d_mlp=32)
    assert undertrained(GPT(config, seed=0), characters) is None


def test_a_pattern_of_ones_own_that_looks_around_is_counted_as_it_encodes() -> None:
    tokenizer = BPETokenizer.train("abab cdcd " * 90, 300, pattern=r"^[a-z]+|(?<=abab )c|.")
    text = "abab cdcd " * 5_000  # more words than are cut at once
    assert (
        counts(tokenizer, [text]).tolist() == np.bincount(tokenizer.encode(text), minlength=tokenizer.n_vocab).tolist()
    )
