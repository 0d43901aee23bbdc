"""The command line as a person uses it: what it refuses, how it helps, and all that is not training."""

import subprocess
import sys
from pathlib import Path

import pytest

from llm.__main__ import main
from llm.checkpoint import load_checkpoint
from llm.tokenizers.load import load_tokenizer
from tests.llm.tiny_command import ROOT, TINY, tiny
from tests.llm.tiny_command import trained as trained


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--out", "{trained}", *TINY], "already holds a run"),
        (["train", "--out", "{tmp}/none", "--resume"], "no run to resume"),
        (["train", "--out", "{trained}", "--resume", "--model.n-layers", "2"], "leave out the --model options"),
        (["train", "--out", "{trained}", "--resume", "--corpus-seed", "1"], "corpus is not the one"),
        (["train", "--out", "{trained}", "--resume", "--validation-fraction", "0.5"], "validate on text already"),
        (["train", "--out", "{tmp}/a", "--corpus", "file", "--corpus-file", "{tmp}/none.txt"], "No such file"),
        (["train", "--out", "{tmp}/a", *TINY, "--corpus-chars", "40"], "tokens for a context of 16"),
        (["train", "--out", "{tmp}/a", *TINY, "--device", "cuda:99"], "--device cpu"),
        (["train", "--out", "{tmp}/a", *TINY, "--export", "{trained}"], "no part of a checkpoint|already exists"),
        (["train", "--out", "{tmp}/file/x", *TINY], "cannot be written to"),
        (["info", "{tmp}/none"], "got nothing"),
        (["info", "{tmp}"], "MANIFEST.json is missing"),
        (["sample", "{trained}", "--prompt", "1" * 99], "99 tokens|100 tokens"),
        (["sample", "{trained}", "--prompt", "\u00e9"], "characters this tokenizer was trained on"),
        (
            ["tokenizer", "train", "--corpus", "sums", "--corpus-chars", "99", "--n-vocab", "9", "--out", "{tmp}/t"],
            "n_vocab",
        ),
        (
            ["tokenizer", "train", "--corpus", "sums", "--pattern", "(((", "--out", "{tmp}/t"],
            "a regular expression, got",
        ),
        (["tokenizer", "train", "--corpus", "sums", "--pattern", "(a|aa|a?)+$", "--out", "{tmp}/t"], "took more than"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence_with_exit_code_2(
    arguments: list[str], message: str, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main([a.format(trained=trained, tmp=tmp_path) for a in arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert any(part in error for part in message.split("|"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "train, sample, tokenizer, info"),
        (["nonsense"], "nonsense"),
        (["train"], "--out"),
        (["train", "--out", "x", "--training.lr", "-1"], "lr must be"),
        (["train", "--out", "x", "--training.optimizer", "sgd"], "sgd"),
        (["train", "--out", "x", "--corpus", "file"], "--corpus-file PATH"),
        (["train", "--out", "x", "--threads", "0"], "threads must be"),
        (["train", "--resume", "--out"], "--out"),
    ],
)
def test_a_wrong_option_exits_with_2_and_names_it(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("command", [[], ["train"], ["sample"], ["tokenizer"], ["info"]])
def test_help_is_there_for_every_command(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*command, "--help"])
    assert caught.value.code == 0
    assert "usage: python -m llm" in capsys.readouterr().out


def test_sampling_repeats_with_its_seed_and_follows_its_options(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def sample(*more: str) -> str:
        assert main(["sample", str(trained), "--prompt", "1+", "--max-new-tokens", "12", *more]) == 0
        return capsys.readouterr().out

    assert sample("--seed", "1") == sample("--seed", "1")
    assert sample("--seed", "1") != sample("--seed", "2")
    assert sample("--sampling.temperature", "0", "--seed", "1") == sample("--sampling.temperature", "0", "--seed", "2")
    assert sample("--samples", "2").count("--- sample") == 2
    assert sample().startswith("1+")


def test_info_counts_and_tells(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(trained)]) == 0
    text = capsys.readouterr().out
    model = load_checkpoint(trained / "checkpoints" / "step-00000020").model
    assert f"{model.n_params:,}, of which" in text
    assert "<|endoftext|>" in text
    assert '"sha256"' in text


def test_tokenizer_train_saves_what_loads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["tokenizer", "train", "--corpus", "brackets", "--corpus-chars", "5000", "--n-vocab", "265"]
    assert main([*arguments, "--out", str(tmp_path / "t"), "--show", "2"]) == 0
    text = capsys.readouterr().out
    assert text.count(" times\n") == 2
    tokenizer = load_tokenizer(tmp_path / "t")
    assert tokenizer.n_vocab == 265
    assert tokenizer.decode(tokenizer.encode("([{<>}])")) == "([{<>}])"
    assert main([*arguments, "--out", str(tmp_path / "t")]) == 2
    run = tmp_path / "run"
    assert main([*tiny(run, 2, "--corpus", "brackets"), "--tokenizer.directory", str(tmp_path / "t")]) == 0
    assert load_checkpoint(run / "checkpoints" / "step-00000002").tokenizer.n_vocab == 265


def test_tokenizer_train_by_a_pattern_of_ones_own(tmp_path: Path) -> None:
    arguments = ["tokenizer", "train", "--corpus", "sums", "--corpus-chars", "5000", "--n-vocab", "280"]
    assert main([*arguments, "--pattern", r"\d", "--out", str(tmp_path / "t")]) == 0
    tokenizer = load_tokenizer(tmp_path / "t")
    assert tokenizer.decode(tokenizer.encode("12+34=46; é")) == "12+34=46; é"
    assert all(len(tokenizer.encode(number)) == 2 for number in ("12", "34", "46"))  # each digit a word


def test_the_command_line_needs_no_user_interface_library() -> None:
    code = (
        "import sys, llm.__main__, llm.cli.train, llm.cli.sample, llm.cli.info, llm.cli.tokenizer\n"
        "print([m for m in ('streamlit', 'plotly', 'altair', 'pandas', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
