"""A run that is given a tokenizer: it has its own copy, keeps it in branches and zips, and learns with its ids."""

import io
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.runs.archive import export_zip, import_zip
from explorer.runs.store import Runs
from explorer.tokenizers import KeptTokenizers
from explorer.widgets.run_words import tokenizer_words
from llm.runs.config import RunConfig, RunError, TokenizerOptions
from llm.runs.corpus import prepared_data
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.load import load_tokenizer
from tests.explorer.runs.conftest import recipe

BPE = BPETokenizer.train("12+34=46; 7+8=15. " * 30, 280)
TEXT = "12+34=46; 99"


@pytest.fixture
def given(tmp_path: Path) -> RunConfig:
    path = KeptTokenizers(tmp_path / "tokenizers").add("Sums 280", BPE)
    return replace(recipe(), tokenizer=TokenizerOptions(directory=path))


def test_it_is_copied_and_used(runs: Runs, given: RunConfig, tmp_path: Path) -> None:
    run = runs.get(runs.submit(given))
    assert run.config().tokenizer.directory == Path("tokenizer")
    shutil.rmtree(tmp_path / "tokenizers")
    assert load_tokenizer(run.path / "tokenizer").encode(TEXT) == BPE.encode(TEXT)
    said = list[str]()
    prepared = prepared_data(run.config(), run.path, tmp_path / "cache", said.append)
    assert prepared.tokenizer.encode(TEXT) == BPE.encode(TEXT)
    assert not any("Learning" in words for words in said)


def test_it_travels_in_a_zip(runs: Runs, given: RunConfig) -> None:
    run = runs.get(runs.submit(given))
    again = runs.get(import_zip(io.BytesIO(export_zip(run)), runs))
    assert again.config().tokenizer.directory == Path("tokenizer")
    assert load_tokenizer(again.path / "tokenizer").encode(TEXT) == BPE.encode(TEXT)


def test_a_strangers_zip_reads_no_tokenizer_of_this_machine(runs: Runs, given: RunConfig) -> None:
    run = runs.get(runs.submit(given))
    run.write_record(given)
    assert run.config().tokenizer.directory == given.tokenizer.directory
    again = runs.get(import_zip(io.BytesIO(export_zip(run)), runs))
    assert again.config().tokenizer.directory == Path("tokenizer")


def test_one_that_is_gone_is_a_sentence_and_no_run(runs: Runs, given: RunConfig, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "tokenizers")
    with pytest.raises(RunError, match="No such file"):
        runs.submit(given)
    assert runs.own() == []


def test_what_the_form_calls_it() -> None:
    assert tokenizer_words({"tokenizer": "kept:/home/tokenizers/Sums 280"}, 280) == "Sums 280, 280"
    assert tokenizer_words({"tokenizer": "kept:tokenizer"}) == "given"
