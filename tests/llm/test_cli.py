"""The command line as a person uses it: real processes for kills and signals, the same code in-process elsewhere."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from llm.__main__ import main
from llm.checkpoint import load_checkpoint
from llm.checkpoint_files import latest, steps, verify
from llm.runs.log import JsonLines
from llm.tokenizers.load import load_tokenizer

ROOT = Path(__file__).parents[2]
TINY = [
    *("--corpus", "sums", "--corpus-chars", "20000", "--tokenizer.kind", "char", "--threads", "1"),
    *("--model.n-layers", "1", "--model.n-heads", "2", "--model.n-kv-heads", "2", "--model.d-model", "16"),
    *("--model.d-mlp", "32", "--model.n-ctx", "16", "--model.dropout", "0.1"),
    *("--training.batch-size", "2", "--training.eval-windows", "4", "--log-every", "10"),
]


def tiny(out: Path, steps: int, *more: str) -> list[str]:
    every = str(max(1, steps // 10))
    return [
        *("train", "--out", str(out), *TINY, "--training.steps", str(steps), "--training.eval-every", every),
        *("--checkpoint-every", every, *more),
    ]


def start(arguments: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "llm", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
    )


def wait_for(path: Path, is_there: Callable[[Path], bool], process: subprocess.Popen[str]) -> None:
    """Until the file is as wanted, or the process has ended."""
    while process.poll() is None and not (path.exists() and is_there(path)):
        time.sleep(0.001)


def metrics(out: Path) -> list[dict[str, Any]]:
    """Every line, without what the clock decides."""
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name != "seconds"} for line in lines]


def weights_hash(out: Path) -> str:
    newest = latest(out / "checkpoints")
    assert newest is not None
    return str(verify(newest)["files"]["model.safetensors"]["sha256"])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of 20 steps, exported."""
    out = tmp_path_factory.mktemp("trained") / "run"
    assert main(tiny(out, 20, "--export", str(out.parent / "model"), "--export-dtype", "float16")) == 0
    return out


def test_killed_and_resumed_runs_are_bit_identical_to_an_unbroken_one(tmp_path: Path) -> None:
    """SIGKILL at four moments: before the first checkpoint, just after one, and wherever it falls."""
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    assert main(tiny(unbroken, 400)) == 0
    arguments, killed = tiny(broken, 400), 0
    for lines in (5, 41, 190, 333):
        process = start(arguments)
        wait_for(broken / "metrics.jsonl", lambda path, n=lines: path.read_bytes().count(b"\n") >= n, process)  # type: ignore[misc]
        process.kill()
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        arguments = ["train", "--out", str(broken), "--resume"]
    assert killed >= 3
    assert main(arguments) == 0
    assert metrics(broken) == metrics(unbroken)
    assert [line["step"] for line in metrics(broken)] == list(range(1, 401))
    assert weights_hash(broken) == weights_hash(unbroken)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_writes_a_checkpoint_of_that_very_step(tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "run"
    process = start(tiny(out, 100_000))
    wait_for(out / "metrics.jsonl", lambda path: path.read_bytes().count(b"\n") >= 3, process)
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "--resume" in output
    assert "Traceback" not in errors
    assert metrics(out)[-1]["step"] == max(steps(out / "checkpoints"))


def test_a_second_writer_is_refused(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FileLock(trained / "lock"):
        assert main(["train", "--out", str(trained), "--resume"]) == 2
    assert capsys.readouterr().err == f"error: {trained} is being trained by another process; stop that one first.\n"


def test_what_a_run_leaves(trained: Path) -> None:
    lines = metrics(trained)
    assert [line["step"] for line in lines] == list(range(1, 21))
    assert [line["step"] for line in lines if line["validation_loss"] is not None] == list(range(2, 21, 2))
    assert lines[-1]["loss"] < lines[0]["loss"]
    best = min((line for line in lines if line["validation_loss"]), key=lambda line: line["validation_loss"])
    assert set(steps(trained / "checkpoints")) == {18, 20, best["step"]}
    assert not list(trained.rglob(".tmp*"))


def test_the_export_is_lean_and_says_where_it_comes_from(trained: Path) -> None:
    model = trained.parent / "model"
    assert {path.name for path in model.iterdir()} == {
        "MANIFEST.json",
        "config.json",
        "tokenizer.json",
        "model.safetensors",
    }
    provenance = load_checkpoint(model).provenance
    assert provenance["command"].startswith("python -m llm train --out")
    assert provenance["corpus"]["kind"] == "sums"
    assert len(provenance["corpus"]["sha256"]) == 64
    assert provenance["options"]["training"]["steps"] == provenance["step"] == 20
    assert provenance["machine"]["threads"] == 1
    assert provenance["bits_per_byte"] > 0
    newest = load_checkpoint(trained / "checkpoints" / "step-00000020").model
    exported = load_checkpoint(model).model
    for name, parameter in newest.named_parameters():
        assert (parameter.half().float() == exported.get_parameter(name)).all()


def test_a_damaged_newest_checkpoint_costs_one_interval(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    assert main(tiny(out, 20)) == 0
    before = metrics(out), weights_hash(out)
    damaged = out / "checkpoints" / "step-00000020" / "optim.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    assert main(["train", "--out", str(out), "--resume"]) == 0
    assert "step-00000020 is passed over" in capsys.readouterr().err
    assert (metrics(out), weights_hash(out)) == before


def test_more_steps_may_be_asked_for_and_are_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    assert main(tiny(out, 10)) == 0
    assert main(["train", "--out", str(out), "--resume", "--training.steps", "14"]) == 0
    assert "steps was 10, is 14" in capsys.readouterr().out
    assert len(metrics(out)) == 14
    newest = latest(out / "checkpoints")
    assert newest is not None
    provenance = verify(newest)["provenance"]
    assert [event["step"] for event in provenance["resumed"]] == [10]
    assert "--training.steps 10" in provenance["command"]


def test_patience_stops_and_exports_the_best(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At a rate so high that validation soon gets worse."""
    out, model = tmp_path / "run", tmp_path / "model"
    options = ["--training.patience", "2", "--training.lr", "0.5", "--training.muon-lr", "2", "--export", str(model)]
    assert main(tiny(out, 400, *options, "--training.eval-every", "5", "--training.schedule", "constant")) == 0
    lines = [line for line in metrics(out) if line["validation_loss"] is not None]
    best = min(lines, key=lambda line: line["validation_loss"])
    assert lines[-1]["stops"]
    assert lines.index(best) == len(lines) - 3
    assert load_checkpoint(model).provenance["step"] == best["step"] < lines[-1]["step"] < 400


def test_a_loss_that_is_not_finite_ends_the_run_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    rates = ["--training.lr", "1e30", "--training.optimizer", "adamw", "--training.clip-norm", "0"]
    assert main(tiny(out, 100, *rates, "--training.weight-decay", "0", "--training.warmup-fraction", "0.2")) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: Training stopped at step ")
    assert error.count("\n") == 1
    assert metrics(out)[-1]["loss"] is None  # and every line is JSON without NaN


@pytest.mark.parametrize(
    "message",
    [
        "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.",
        None,
    ],
)
def test_too_little_memory_is_said_with_the_remedy(
    message: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise MemoryError if message is None else RuntimeError(message)

    monkeypatch.setattr("llm.runs.loop.train", refuse)
    assert main(tiny(tmp_path / "run", 2)) == 1
    assert capsys.readouterr().err == "error: Out of memory; choose a smaller batch_size, n_ctx or d_model.\n"


def test_a_full_disk_keeps_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, rename = tmp_path / "run", Path.rename

    def full(path: Path, target: Path) -> Path:
        if target.name == "step-00000004":
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", full)
    assert main(tiny(out, 20)) == 1
    error = capsys.readouterr().err
    assert error == "error: The disk is full: step-00000004 could not be written; free some space, then resume.\n"
    monkeypatch.undo()
    assert list(steps(out / "checkpoints")) == [2]
    assert main(["train", "--out", str(out), "--resume"]) == 0


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


def test_a_torn_or_later_line_goes_when_a_run_is_resumed(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    good = '{"step": 1}\n{"step": 2}\n'
    for rest in ('{"step": 3}\n', '{"ste', "\x00\x00\n", '{"step": "x"}\n', '{"step": 2}\n{"step": 9}\n'[12:]):
        path.write_text(good + rest)
        with JsonLines(path, step=2) as log:
            log.write({"step": 3, "loss": float("nan")})
        assert path.read_text() == good + '{"step": 3, "loss": null}\n'


def test_the_command_line_needs_no_user_interface_library() -> None:
    code = (
        "import sys, llm.__main__, llm.cli.train, llm.cli.sample, llm.cli.info, llm.cli.tokenizer\n"
        "print([m for m in ('streamlit', 'plotly', 'altair', 'pandas', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
