"""A training process: what it leaves behind, what it obeys, and how it ends."""

import json
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from filelock import FileLock

from llm.checkpoint import load_checkpoint
from llm.checkpoint_files import verify
from llm.runs.config import RunError
from llm.runs.device import pick_device, words_of
from llm.runs.directory import RunDirectory
from llm.runs.loop import train_run
from llm.runs.onlooker import Onlooker
from llm.training.trainer import StepReport
from tests.llm.runs.tiny_run import CONFIG, create, rows, weights


class At(Onlooker):
    """Does something after a given update."""

    def __init__(self, step: int, what: Callable[[], object]) -> None:
        self.step, self.what = step, what

    def show(self, report: StepReport) -> None:
        if report.step == self.step:
            self.what()


class Killed(BaseException):
    """Ends a training process as a kill does: no code of its own runs after it."""


def die() -> None:
    raise Killed


def events(run: RunDirectory) -> list[tuple[int, str]]:
    return [(row["step"], row["event"]) for row in rows(run.events)]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    run = create(tmp_path_factory.mktemp("runs") / "finished", timeline=(0, 2, 6), prompt="1+")
    assert train_run(run).state == "finished"
    return run


def test_what_a_finished_run_holds(finished: RunDirectory) -> None:
    lines = rows(finished.metrics)
    assert [line["step"] for line in lines] == list(range(1, 13))
    assert [line["step"] for line in lines if line["validation_loss"] is not None] == [4, 8, 12]
    assert [line["step"] for line in lines if line["layers"]] == [3, 6, 9, 12]
    assert events(finished) == [(0, "started"), (12, "finished")]
    status = finished.status()
    assert (status.step, status.steps, status.pid, status.message) == (12, 12, None, "")
    timed = [json.loads(line)["seconds"] for line in finished.metrics.read_text().splitlines()]
    assert status.seconds == pytest.approx(sum(timed))
    record = finished.record()
    assert record["corpus"]["training_tokens"] > 0
    assert set(record["versions"]) == {"python", "torch", "numpy", "safetensors"}
    assert record["machine"]["threads"] == 1
    assert finished.config().model.d_vocab == load_checkpoint(finished.steps()[12]).tokenizer.n_vocab


def test_the_timeline_is_kept_as_weights_and_the_newest_in_full(finished: RunDirectory) -> None:
    files = {step: set(verify(path)["files"]) for step, path in finished.steps().items()}
    assert list(files) == [0, 2, 6, 8, 12]
    assert [step for step in files if "state.json" in files[step]] == [8, 12]
    assert all(torch.isfinite(p).all() for p in load_checkpoint(finished.steps()[0]).model.parameters())


def test_a_sample_at_each_checkpoint_says_how_surprising_its_tokens_are(finished: RunDirectory) -> None:
    lines = rows(finished.samples)
    assert [line["step"] for line in lines] == [0, 2, 4, 6, 8, 12]
    for line in lines:
        assert line["prompt"] == "1+"
        assert len(line["ids"]) == len(line["surprise"]) > 0
        assert all(0 < nats < 20 for nats in line["surprise"])
    checkpoint = load_checkpoint(finished.steps()[12])
    prompt = [checkpoint.tokenizer.special_tokens["<|endoftext|>"], *checkpoint.tokenizer.encode("1+")]
    with torch.no_grad():
        expected = -checkpoint.model(torch.tensor([prompt]))[0, -1].double().log_softmax(-1)[lines[-1]["ids"][0]]
    assert lines[-1]["surprise"][0] == pytest.approx(float(expected), abs=1e-3)


def test_stopped_and_resumed_it_is_the_run_that_never_stopped(finished: RunDirectory, tmp_path: Path) -> None:
    run = create(tmp_path / "run", timeline=(0, 2, 6), prompt="1+")
    status = train_run(run, onlooker=At(7, lambda: run.ask(want="stop")))
    assert (status.state, status.step, status.message) == ("stopped", 7, "Stopped at step 7 of 12.")
    assert 7 in run.steps()
    assert train_run(run, resume=True).state == "finished"
    assert rows(run.metrics) == rows(finished.metrics)
    assert weights(run, 12) == weights(finished, 12)
    assert events(run) == [(0, "started"), (7, "stopped"), (7, "resumed"), (12, "finished")]


def test_a_learning_rate_changed_by_hand_is_recorded_and_repeated(tmp_path: Path) -> None:
    """Changed at step 6 and killed at step 7: taken back to step 4, it changes at step 6 again."""
    unbroken, broken = create(tmp_path / "unbroken"), create(tmp_path / "broken")
    train_run(unbroken, onlooker=At(6, lambda: unbroken.ask(lr_scale=0.25)))
    with pytest.raises(Killed):
        train_run(broken, onlooker=_Both(At(6, lambda: broken.ask(lr_scale=0.25)), At(7, die)))
    train_run(broken, resume=True)
    assert rows(broken.metrics) == rows(unbroken.metrics)
    assert weights(broken, 12) == weights(unbroken, 12)
    plain = create(tmp_path / "plain")
    train_run(plain)
    ratios = [a["lr"] / b["lr"] for a, b in zip(rows(unbroken.metrics), rows(plain.metrics), strict=True)]
    assert ratios == pytest.approx([1] * 6 + [0.25] * 6)
    assert [row["value"] for row in rows(unbroken.events) if row["event"] == "lr_scale"] == [0.25]


class _Both(Onlooker):
    def __init__(self, *parts: Onlooker) -> None:
        self.parts = parts

    def show(self, report: StepReport) -> None:
        for part in self.parts:
            part.show(report)


def test_a_pause_waits_with_a_checkpoint_and_changes_nothing(finished: RunDirectory, tmp_path: Path) -> None:
    run = create(tmp_path / "run", timeline=(0, 2, 6), prompt="1+")

    def go_on() -> None:
        while run.status().state != "paused":
            time.sleep(0.01)
        assert 5 in run.steps()
        run.ask(want="run")

    other = threading.Thread(target=go_on)
    other.start()
    assert train_run(run, onlooker=At(5, lambda: run.ask(want="pause"))).state == "finished"
    other.join()
    assert rows(run.metrics) == rows(finished.metrics)
    assert weights(run, 12) == weights(finished, 12)
    assert events(run)[1:3] == [(5, "paused"), (5, "continued")]


def test_asked_to_stop_before_it_began(tmp_path: Path) -> None:
    run = create(tmp_path / "run")
    run.ask(want="stop")
    status = train_run(run)
    assert (status.state, status.message) == ("stopped", "Stopped before training began.")
    assert train_run(run, resume=True).state == "finished"


def test_one_process_trains_a_run_and_none_begins_it_twice(finished: RunDirectory) -> None:
    before = finished.status()
    with FileLock(finished.lock), pytest.raises(RunError, match="being trained by another process"):
        train_run(finished, resume=True)
    with pytest.raises(RunError, match="already holds a run"):
        train_run(finished)
    assert finished.status() == before
    with pytest.raises(RunError, match="holds no run"):
        train_run(RunDirectory(finished.path / "none"))
    assert not (finished.path / "none").exists()


def test_more_steps_are_trained_when_run_json_says_so(finished: RunDirectory, tmp_path: Path) -> None:
    run = copied(finished, tmp_path)
    config = run.config()
    run.write_record(replace(config, training=replace(config.training, steps=14)))
    assert train_run(run, resume=True).step == 14
    assert "steps was 12, is 14" in rows(run.events)[-2]["message"]


def copied(run: RunDirectory, to: Path) -> RunDirectory:
    return RunDirectory(Path(shutil.copytree(run.path, to / "copy")))


@pytest.mark.parametrize("damage", ["cut", "bit", "empty", "missing"])
def test_a_damaged_newest_checkpoint_is_passed_over_by_name(
    damage: str, finished: RunDirectory, tmp_path: Path
) -> None:
    run = copied(finished, tmp_path)
    file = run.steps()[12] / ("MANIFEST.json" if damage == "missing" else "model.safetensors")
    raw = bytearray(file.read_bytes())
    raw[-1] ^= 1
    file.unlink() if damage == "missing" else file.write_bytes(
        {"cut": bytes(raw[:-1]), "bit": bytes(raw), "empty": b""}[damage]
    )
    assert train_run(run, resume=True).state == "finished"
    told = [row for row in rows(run.events) if row["event"] == "passed_over"]
    assert len(told) == 1
    assert told[0]["step"] == 8
    assert told[0]["message"].startswith("Checkpoint step-00000012 is passed over: ")
    assert rows(run.metrics) == rows(finished.metrics)
    assert weights(run, 12) == weights(finished, 12)


def test_with_every_checkpoint_damaged_it_fails_in_a_sentence(finished: RunDirectory, tmp_path: Path) -> None:
    run = copied(finished, tmp_path)
    for path in run.steps().values():
        (path / "model.safetensors").write_bytes(b"")
    status = train_run(run, resume=True)
    assert status.state == "failed"
    assert "has no undamaged checkpoint" in status.message


def test_weights_alone_are_not_gone_on_from(finished: RunDirectory, tmp_path: Path) -> None:
    run = copied(finished, tmp_path)
    for step in (8, 12):
        shutil.rmtree(run.steps()[step])
    status = train_run(run, resume=True)
    assert status.state == "failed"
    assert "branch a new run" in status.message


def test_a_loss_that_is_not_finite_ends_it_with_the_reason(tmp_path: Path) -> None:
    wild = {"optimizer": "adamw", "lr": 1e30, "clip_norm": 0.0, "weight_decay": 0.0, "warmup_fraction": 0.2}
    run = create(tmp_path / "run", steps=100, checkpoint_every=1, eval_every=0, timeline=(0,), **wild)
    status = train_run(run)
    assert status.state == "failed"
    assert status.message.startswith("Training stopped at step ")
    assert "learning rate" in status.message
    assert events(run)[-1] == (status.step, "failed")
    last = rows(run.metrics)[-1]
    assert (last["step"], last["loss"], last["lr"]) == (status.step + 1, None, None)
    kept = load_checkpoint(run.steps()[max(run.steps())]).model
    assert kept(torch.zeros(1, 4, dtype=torch.long)).isfinite().all(), "the last good one was kept, no broken one"


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("[enforce] DefaultCPUAllocator: can't allocate memory")])
def test_too_little_memory_is_said_with_the_remedy(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("llm.runs.loop.train", refuse)
    status = train_run(create(tmp_path / "run"))
    assert (status.state, status.message) == (
        "failed",
        "Out of memory; choose a smaller batch_size, n_ctx or d_model.",
    )
    assert "Traceback" not in capsys.readouterr().err


def test_the_unforeseen_is_named_and_its_traceback_goes_to_the_log_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug\nin two lines")

    monkeypatch.setattr("llm.runs.loop.train", broken)
    status = train_run(create(tmp_path / "run"))
    assert status.state == "failed"
    assert status.message == "Something unforeseen ended the run (ZeroDivisionError: a bug); see its log.txt."
    assert "Traceback" in capsys.readouterr().err


def test_clocks_that_jump_change_no_duration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hours = iter(range(0, 10**6, 7))
    monkeypatch.setattr("time.time", lambda: 3600.0 * (100_000 - next(hours)))
    run = create(tmp_path / "run")
    status = train_run(run)
    assert status.state == "finished"
    assert 0 < status.seconds < 60


def test_patience_is_a_finish_with_its_reason(tmp_path: Path) -> None:
    run = create(tmp_path / "run", steps=200, eval_every=1, patience=1, lr=0.5, muon_lr=2.0, schedule="constant")
    status = train_run(run)
    assert status.state == "finished"
    assert status.step < 200
    assert status.message == f"Ended at step {status.step}: no better validation loss in 1 validation."


def test_where_its_status_goes_through_while_it_is_prepared(tmp_path: Path) -> None:
    said: list[str] = []

    class Ear(Onlooker):
        def say(self, sentence: str) -> None:
            said.append(run.status().message)
            assert run.status().state == "preparing"
            assert said[-1] == sentence

    run = create(tmp_path / "run", tokenizer=replace(CONFIG.tokenizer, kind="bpe", n_vocab=270))
    train_run(run, onlooker=Ear())
    assert said == [
        "Reading sums, up to 4,000 characters",
        "Learning 270 tokens",
        "Encoding the text",
        f"Building the model on {words_of(pick_device(CONFIG.device))}",
    ]


def test_a_step_row_is_that_of_its_report(finished: RunDirectory) -> None:
    names: dict[str, Any] = json.loads(finished.metrics.read_text().splitlines()[0])
    assert set(names) == set(StepReport.__dataclass_fields__)
