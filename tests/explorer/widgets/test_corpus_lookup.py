"""What is known of a text and its tokenizer is asked anew where a file was replaced under the same name."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from explorer import paths
from explorer.tokenizers import KeptTokenizers
from explorer.widgets.background import Answer
from explorer.widgets.corpus_lookup import facts_of
from llm.runs.config import RunConfig, TokenizerOptions
from llm.tokenizers.bpe import BPETokenizer
from tests.explorer.runs.conftest import recipe

SUMS = " ".join(f"{a}+{7 * a}={8 * a}" for a in range(300))


def looked_up(config: RunConfig, base: Path) -> Answer:
    while (answer := facts_of(config, base)).pending:
        time.sleep(0.01)
    return answer


def test_a_kept_tokenizer_that_was_replaced_or_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.VARIABLE, str(tmp_path))
    kept = KeptTokenizers(paths.tokenizers())
    options = TokenizerOptions(directory=kept.add("Sums", BPETokenizer.train(SUMS, 270)), name="Sums")
    config = replace(recipe(), tokenizer=options)
    assert looked_up(config, tmp_path).value.n_vocab == 270
    kept.remove("Sums")
    assert looked_up(config, tmp_path).error.startswith("The tokenizer Sums is gone; choose another, or save one")
    kept.add("Sums", BPETokenizer.train(SUMS, 275))
    assert looked_up(config, tmp_path).value.n_vocab == 275
