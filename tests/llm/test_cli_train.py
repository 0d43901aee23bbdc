"""Training from the command line: real processes for kills and signals, the same code in-process elsewhere."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from llm.__main__ import main
from llm.checkpoint import load_checkpoint
from llm.checkpoint_files import latest, steps, verify
from tests.llm.tiny_command import ROOT, metrics, tiny
from tests.llm.tiny_command import trained as trained


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


def weights_hash(out: Path) -> str:
    newest = latest(out / "checkpoints")
    assert newest is not None
    return str(verify(newest)["files"]["model.safetensors"]["sha256"])


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
