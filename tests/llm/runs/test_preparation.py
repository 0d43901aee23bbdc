"""From a run's directory to a model ready to train: bad texts, edited recipes, branches, the cache of prepared text."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from llm.checkpoint import load_checkpoint, thin
from llm.runs.config import RunConfig, TokenizerOptions
from llm.runs.corpus import prepared_data
from llm.runs.directory import RunDirectory
from llm.runs.loop import train_run
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.load import fingerprint, saved_files
from tests.llm.runs.tiny_run import CONFIG, create, rows, weights

FILE: dict[str, Any] = {"corpus": "file", "corpus_file": Path("corpus.txt"), "corpus_chars": 3_000_000}
BPE = TokenizerOptions(n_vocab=270)


def on_text(path: Path, text: str | bytes, **changes: Any) -> RunDirectory:
    run = create(path, **FILE, **changes)
    (run.path / "corpus.txt").write_bytes(text.encode() if isinstance(text, str) else text)
    return run


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    run = on_text(tmp_path_factory.mktemp("runs") / "parent", "the cat sat on the mat.\n" * 40, timeline=(0, 4))
    assert train_run(run).state == "finished"
    return run


def copied(run: RunDirectory, to: Path) -> RunDirectory:
    return RunDirectory(Path(shutil.copytree(run.path, to / "copy")))


@pytest.mark.parametrize("tokenizer", [TokenizerOptions("char"), BPE], ids=["char", "bpe"])
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty file"),
        (" \n\t\r\n ", "empty file"),
        ("a", "at least 17 tokens"),
        ("shorter than it reads", "at least 17 tokens"),
        (b"\xff\xfe\xff", "text"),
        (b"\x7fELF\x00\x01", "NUL"),
    ],
    ids=["empty", "whitespace", "one", "short", "broken", "binary"],
)
def test_a_text_that_cannot_be_learned_from_ends_in_a_sentence(
    text: str | bytes, reason: str, tokenizer: TokenizerOptions, tmp_path: Path
) -> None:
    run = on_text(tmp_path / "run", text, tokenizer=tokenizer)
    status = train_run(run)
    assert status.state == "failed"
    assert reason in status.message
    assert status.message.endswith(".")
    assert "\n" not in status.message
    assert status == run.status()


@pytest.mark.parametrize("tokenizer", [TokenizerOptions("char"), BPE], ids=["char", "bpe"])
@pytest.mark.parametrize("text", ["a" * 50_000, "one line " * 5_000], ids=["one character", "one line"])
def test_a_dull_text_is_learned_from_all_the_same(text: str, tokenizer: TokenizerOptions, tmp_path: Path) -> None:
    run = on_text(tmp_path / "run", text, tokenizer=tokenizer)
    status = train_run(run)
    if status.state == "failed":  # so well compressed that too few tokens are left
        assert status.message.startswith("The validation text needs at least 17 tokens")
    else:
        assert run.record()["corpus"]["documents"] == 1


def test_fewer_tokens_than_asked_for_are_explained(tmp_path: Path) -> None:
    said: list[str] = []
    config = replace(CONFIG, **FILE, tokenizer=TokenizerOptions(n_vocab=400))
    (tmp_path / "corpus.txt").write_text("abab " * 200)
    prepared_data(config, tmp_path, None, said.append)
    assert any("tokens only, of 400 asked for" in words for words in said)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model": replace(CONFIG.model, n_layers=2)}, "The model is not the one"),
        ({"validation_fraction": 0.5}, "validate on text already trained on"),
        ({"tokenizer": BPE}, "The tokenizer was characters"),
        ({"device": "cuda:99"}, "cannot be used"),
    ],
    ids=["model", "split", "tokenizer", "device"],
)
def test_a_recipe_edited_so_that_it_no_longer_fits_is_refused(
    changes: dict[str, Any], reason: str, finished: RunDirectory, tmp_path: Path
) -> None:
    run = copied(finished, tmp_path)
    run.write_record(replace(run.config(), **changes))
    status = train_run(run, resume=True)
    assert status.state == "failed"
    assert reason in status.message
    assert rows(run.metrics) == rows(finished.metrics)
    assert list(run.steps()) == list(finished.steps())


def test_a_tokenizer_that_is_called_otherwise_is_the_same_and_another_of_its_name_is_not(tmp_path: Path) -> None:
    def saved(n_vocab: int) -> TokenizerOptions:
        directory = tmp_path / str(n_vocab)
        directory.mkdir()
        BPETokenizer.train("12+30=42; 345-567=-222 " * 9, n_vocab).save(directory)
        return TokenizerOptions(directory=directory, name="two  blanks", sha256=fingerprint(saved_files(directory)))

    first, second = saved(262), saved(264)
    run = create(tmp_path / "run", tokenizer=first)
    train_run(run)
    longer = replace(run.config(), training=replace(run.config().training, steps=16))
    run.write_record(replace(longer, tokenizer=replace(first, name="two blanks", n_vocab=262)))
    assert train_run(run, resume=True).state == "finished"
    run.write_record(replace(longer, tokenizer=second, training=replace(longer.training, steps=20)))
    status = train_run(run, resume=True)
    assert "The tokenizer was two blanks in" in status.message


def test_an_edited_text_is_refused_and_a_damaged_recipe_too(finished: RunDirectory, tmp_path: Path) -> None:
    run = copied(finished, tmp_path)
    text = (run.path / "corpus.txt").read_text()
    (run.path / "corpus.txt").write_text(text.replace("cat", "dog"))
    assert "The corpus is not the one" in train_run(run, resume=True).message
    (run.path / "corpus.txt").write_text(text)
    (run.path / "run.json").write_text("{")
    status = train_run(run, resume=True)
    assert (status.state, "run.json is damaged" in status.message) == ("failed", True)


def test_another_learning_rate_in_run_json_is_told_and_taken(finished: RunDirectory, tmp_path: Path) -> None:
    run = copied(finished, tmp_path)
    training = replace(run.config().training, steps=14, lr=0.001)
    run.write_record(replace(run.config(), training=training))
    assert train_run(run, resume=True).state == "finished"
    message = rows(run.events)[-2]["message"]
    assert "lr was 0.005, is 0.001" in message
    assert "steps was 12, is 14" in message


def branched(parent: RunDirectory, step: int, path: Path, **changes: Any) -> RunDirectory:
    """As `explorer.runs` does: the checkpoint is copied, and so is the text."""
    config = replace(parent.config(), **changes)
    run = RunDirectory.create(path, config, parent={"id": parent.id, "step": step})
    shutil.copytree(parent.steps()[step], run.start)
    shutil.copy(parent.path / "corpus.txt", run.path)
    return run


def test_a_branch_off_a_full_checkpoint_repeats_what_its_parent_did(finished: RunDirectory, tmp_path: Path) -> None:
    run = branched(finished, 8, tmp_path / "branch")
    assert train_run(run).state == "finished"
    assert rows(run.metrics) == [row | {"is_best": True} if row["step"] == 12 else row
                                 for row in rows(finished.metrics)[8:]]  # fmt: skip
    assert weights(run, 12) == weights(finished, 12)
    assert "with the optimizer's memory" in rows(run.events)[0]["message"]
    assert load_checkpoint(run.steps()[12]).provenance["parent"] == {"id": "parent", "step": 8}


def test_a_branch_off_bare_weights_begins_there_and_can_be_resumed(finished: RunDirectory, tmp_path: Path) -> None:
    run = branched(finished, 4, tmp_path / "branch", timeline=(4, 6), checkpoint_every=3)
    run.ask(want="stop")
    train_run(run)
    started = load_checkpoint(run.start).model
    assert train_run(run, resume=True).state == "finished"
    assert rows(run.metrics)[0]["step"] == 5
    assert list(run.steps()) == [4, 6, 9, 12]
    first = load_checkpoint(run.steps()[4]).model
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), started.parameters(), strict=True))


def test_a_branch_may_change_what_leaves_the_weights_as_they_are(finished: RunDirectory, tmp_path: Path) -> None:
    model = replace(finished.config().model, dropout=0.0, n_ctx=12)
    assert train_run(branched(finished, 8, tmp_path / "a", model=model)).state == "finished"
    wider = replace(finished.config().model, d_mlp=64)
    assert "The model is not the one" in train_run(branched(finished, 8, tmp_path / "b", model=wider)).message
    late = train_run(branched(finished, 12, tmp_path / "c"))
    assert late.message == "The branch begins at step 12 and is to train up to step 12; ask for more steps."


def test_a_thinned_start_has_no_memory(finished: RunDirectory, tmp_path: Path) -> None:
    run = branched(finished, 8, tmp_path / "branch")
    thin(run.start)
    assert train_run(run).state == "finished"
    assert "remembers nothing" in rows(run.events)[0]["message"]


def prepared(config: RunConfig, tmp_path: Path) -> tuple[list[str], Any]:
    said: list[str] = []
    return said, prepared_data(config, tmp_path, tmp_path / "cache", said.append)


@pytest.mark.parametrize("windows", ["anywhere", "documents"])
def test_the_second_time_prepared_text_comes_from_the_cache(windows: Any, tmp_path: Path) -> None:
    config = replace(CONFIG, tokenizer=BPE, windows=windows)
    said, first = prepared(config, tmp_path)
    assert said
    said, second = prepared(config, tmp_path)
    assert said == []
    assert np.array_equal(first.data.train, second.data.train)
    assert np.array_equal(first.data.validation, second.data.validation)
    assert (first.data.train_starts is None) == (second.data.train_starts is None) == (windows == "anywhere")
    assert first.facts == second.facts
    assert first.tokenizer.encode("12+30=42") == second.tokenizer.encode("12+30=42")
    assert prepared(replace(config, corpus_seed=1), tmp_path)[0]
    assert prepared(replace(config, validation_fraction=0.1), tmp_path)[0]
    assert prepared(replace(config, tokenizer=TokenizerOptions(n_vocab=271)), tmp_path)[0]


@pytest.mark.parametrize("name", ["train.npy", "facts.json", "tokenizer.json", "MANIFEST.json"])
def test_a_damaged_cache_is_made_anew(name: str, tmp_path: Path) -> None:
    _, first = prepared(CONFIG, tmp_path)
    (file,) = (tmp_path / "cache").glob(f"*/{name}")
    file.write_bytes(file.read_bytes()[:-2])
    said, second = prepared(CONFIG, tmp_path)
    assert said
    assert np.array_equal(first.data.train, second.data.train)
    assert not prepared(CONFIG, tmp_path)[0]


def test_a_cache_that_cannot_be_written_is_gone_without(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    assert len(prepared(CONFIG, tmp_path)[1].data.train) > 0


def test_an_edited_file_is_not_answered_from_the_cache(tmp_path: Path) -> None:
    config = replace(CONFIG, **FILE)
    (tmp_path / "corpus.txt").write_text("one text " * 50)
    before = prepared(config, tmp_path)[1].facts["sha256"]
    (tmp_path / "corpus.txt").write_text("two text " * 50)
    assert prepared(config, tmp_path)[1].facts["sha256"] != before


def test_a_run_with_and_without_the_cache_is_the_same_run(tmp_path: Path) -> None:
    runs = [create(tmp_path / name, tokenizer=BPE) for name in ("a", "b", "c")]
    for run, cache in zip(runs, (None, tmp_path / "cache", tmp_path / "cache"), strict=True):
        assert train_run(run, cache=cache).state == "finished"
    assert rows(runs[0].metrics) == rows(runs[1].metrics) == rows(runs[2].metrics)
    assert json.dumps(runs[0].record()["corpus"]) == json.dumps(runs[2].record()["corpus"])
