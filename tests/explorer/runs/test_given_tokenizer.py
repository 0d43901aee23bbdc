"""A run that is given a tokenizer: it has its own copy, keeps it in branches and zips, and learns with its ids."""

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.analysis.curves import MetricsTable
from explorer.analysis.ledger import differences, facts
from explorer.runs.archive import export_zip, import_zip
from explorer.runs.draft import Draft, kept
from explorer.runs.store import Runs
from explorer.runs.submission import Submission
from explorer.tokenizers import KeptTokenizers
from explorer.widgets.run_words import tokenizer_words, word
from llm.runs.config import RunConfig, RunError, TokenizerOptions
from llm.runs.corpus import prepared_data
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.load import fingerprint, load_tokenizer, saved_files
from tests.explorer.runs.conftest import recipe

BPE = BPETokenizer.train("12+34=46; 7+8=15. " * 30, 280)
TEXT = "12+34=46; 99"
SUMS = " ".join(f"{a}+{7 * a}={8 * a}" for a in range(300))


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
    with pytest.raises(RunError, match=r"^The tokenizer Sums 280 is gone; choose another, or save one under that name"):
        runs.submit(given)
    assert runs.own() == []


def test_one_that_is_damaged_is_a_sentence_and_no_run(runs: Runs, given: RunConfig, tmp_path: Path) -> None:
    (tmp_path / "tokenizers" / "Sums 280" / "tokenizer.json").write_text("{")
    with pytest.raises(RunError, match=r"^The tokenizer Sums 280 cannot be used: .*expected JSON"):
        runs.submit(given)
    assert runs.own() == []


def test_the_recipe_says_which_it_is(runs: Runs, given: RunConfig, tmp_path: Path) -> None:
    run = runs.get(runs.submit(given))
    chosen = run.config().tokenizer
    assert (chosen.name, chosen.n_vocab) == ("Sums 280", BPE.n_vocab)
    assert chosen.sha256 == fingerprint(saved_files(tmp_path / "tokenizers" / "Sums 280"))
    assert word(str(Draft.of(run.config()).values["tokenizer"])) == "Sums 280"
    again = import_zip(io.BytesIO(export_zip(run)), runs)
    assert runs.get(again).config().tokenizer == chosen


def test_another_than_the_one_that_was_meant_is_refused(runs: Runs, given: RunConfig, tmp_path: Path) -> None:
    run = runs.get(runs.submit(given))
    prepared_data(run.config(), run.path, tmp_path / "cache", lambda words: None)
    BPETokenizer.train(SUMS, 270).save(run.path / "tokenizer")
    for _ in range(2):  # whether its streams lie in the cache or not
        with pytest.raises(RunError, match="The tokenizer Sums 280 is another one now"):
            prepared_data(run.config(), run.path, tmp_path / "cache", lambda words: None)
        anyway = replace(run.config().tokenizer, sha256="")
        prepared_data(replace(run.config(), tokenizer=anyway), run.path, tmp_path / "cache", lambda words: None)


def test_a_run_of_before_is_read(runs: Runs, given: RunConfig) -> None:
    run = runs.get(runs.submit(given))
    record = json.loads((run.path / "run.json").read_text())
    for name in ("name", "sha256"):
        del record["config"]["tokenizer"][name]
    (run.path / "run.json").write_text(json.dumps(record))
    old = run.config()
    assert (old.tokenizer.name, old.tokenizer.sha256) == ("", "")
    assert word(str(Draft.of(old).values["tokenizer"])) == "given"
    branched = Submission.of(
        replace(old, tokenizer=replace(old.tokenizer, directory=run.path / "tokenizer")), "", None, None
    )
    assert branched.config.tokenizer.sha256


def test_the_ledger_tells_tokenizers_apart(runs: Runs, given: RunConfig, tmp_path: Path) -> None:
    kept = KeptTokenizers(tmp_path / "tokenizers")
    other = kept.add("Other", BPETokenizer.train(SUMS, 270))
    ids = [runs.submit(given), runs.submit(replace(given, tokenizer=TokenizerOptions(directory=other)))]
    kept.remove("Sums 280")
    kept.add("Sums 280", BPETokenizer.train(SUMS, 275))
    ids.append(runs.submit(given))
    found = [facts(runs.get(id), MetricsTable().metrics()) for id in ids]
    assert len({one.tokens for one in found}) == 3
    apart = differences(found[1].recipe, found[0].recipe)
    assert [value.partition(" · ")[0] for value in apart["tokenizer"]] == ["Other", "Sums 280"]
    assert apart["vocabulary"] == (270, BPE.n_vocab)
    assert list(differences(found[2].recipe, found[0].recipe)) == ["tokenizer", "vocabulary"]
    assert not differences(facts(runs.get(ids[0]), MetricsTable().metrics()).recipe, found[0].recipe)


def test_what_the_form_calls_it() -> None:
    assert tokenizer_words({"tokenizer": kept("Sums 280", Path("/home/tokenizers/Sums 280"))}, 280) == "Sums 280, 280"
    assert tokenizer_words({"tokenizer": kept("", Path("tokenizer"))}) == "given"


def test_it_is_read_once_so_that_what_was_checked_is_what_is_copied(
    runs: Runs, given: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_and_gone(directory: Path) -> dict[str, bytes]:
        files = saved_files(directory)
        shutil.rmtree(directory)
        return files

    monkeypatch.setattr("llm.runs.given.saved_files", read_and_gone)
    run = runs.get(runs.submit(given))
    assert load_tokenizer(run.path / "tokenizer").encode(TEXT) == BPE.encode(TEXT)
    assert run.config().tokenizer.sha256 == fingerprint(saved_files(run.path / "tokenizer"))


def test_one_that_goes_while_it_is_read_is_a_sentence_and_no_run(
    runs: Runs, given: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(directory: Path) -> dict[str, bytes]:
        shutil.rmtree(directory)
        return saved_files(directory)

    monkeypatch.setattr("llm.runs.given.saved_files", gone)
    with pytest.raises(RunError, match=r"^The tokenizer Sums 280 cannot be used: expected a tokenizer at"):
        runs.submit(given)
    assert runs.own() == []
