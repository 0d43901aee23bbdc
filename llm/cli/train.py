"""`python -m llm train`: a run directory with metrics and checkpoints, and the trained model at its end."""

from __future__ import annotations

import math
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from filelock import FileLock, Timeout

from llm.checkpoint import load_checkpoint, save_checkpoint
from llm.checkpoint_files import latest, prune, remove_stale, require_free_name, step_directory, steps
from llm.cli.metrics import MetricsLog
from llm.cli.options import CommandError, TrainOptions, write_run
from llm.cli.preparation import Run, prepare
from llm.cli.progress import Progress
from llm.training.evaluate import evaluate
from llm.training.precision import resolve_precision
from llm.training.trainer import TrainingError, train


def run(options: TrainOptions, argv: Sequence[str]) -> int:
    """Train as told; 0 when finished, 1 when stopped before by a signal.

    Raises CommandError, CheckpointError or TrainingError.
    """
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.export:
        require_free_name(options.export, overwrite=options.resume)
    with _only_writer(options.out):
        checkpoints = options.out / "checkpoints"
        remove_stale(checkpoints)
        if not options.resume and ((options.out / "run.json").exists() or steps(checkpoints)):
            raise CommandError(f"{options.out} already holds a run; add --resume to go on with it, or name another.")
        made = prepare(options, latest(checkpoints) if options.resume else None, argv)
        write_run(options.out, made.options, made.provenance["command"])
        _describe(made)
        with MetricsLog(options.out / "metrics.jsonl", made.state.step) as log:
            finished = _loop(made, log)
        if not finished:
            print(f"Stopped at step {made.state.step:,}; go on with: python -m llm train --out {options.out} --resume")
            return 1
        _finish(made)
    return 0


def _describe(made: Run) -> None:
    device = next(made.model.parameters()).device
    print(
        f"{made.model.n_params:,} parameters, {len(made.data.train):,} training and {len(made.data.validation):,} "
        f"validation tokens of {made.data.bytes_per_token:.2f} bytes, on {device} "
        f"({resolve_precision(made.options.training.precision, device)}, {torch.get_num_threads()} threads), "
        f"from step {made.state.step:,} of {made.options.training.steps:,}",
        flush=True,
    )


def _loop(made: Run, log: MetricsLog) -> bool:
    """Train to the end, or until a signal; whether the end was reached. The last step always has a checkpoint."""
    options, state = made.options, made.state
    saved_step, validation_loss = state.step, None
    with _stop_request() as stop, Progress(state.step, options.training.steps, options.log_every) as progress:
        try:
            for report in train(state, made.data):
                log.write(asdict(report))
                progress.show(report)
                validation_loss = report.validation_loss
                best = report.is_best and options.training.patience is not None
                if best or state.step % options.checkpoint_every == 0:
                    _save(made, log, validation_loss)
                    saved_step = state.step
                if stop:
                    break
        except TrainingError as error:
            log.write({"step": error.step, "loss": None, "error": str(error)})
            raise
        if saved_step != state.step:
            _save(made, log, validation_loss)
    return not stop or state.step >= options.training.steps


def _save(made: Run, log: MetricsLog, validation_loss: float | None) -> None:
    """Write the checkpoint of the state's step after its metrics are safe, and prune the older ones."""
    log.flush()
    state, checkpoints = made.state, made.options.out / "checkpoints"
    here = {"step": state.step, "tokens": state.tokens, "validation_loss": validation_loss}
    directory = step_directory(checkpoints, state.step)
    save_checkpoint(directory, made.model, made.tokenizer, {**made.provenance, **here}, state, overwrite=True)
    prune(checkpoints, made.options.keep)


def _finish(made: Run) -> None:
    """Score all of the validation text, and export: the last weights, or with patience the best ones."""
    options, state, model, step = made.options, made.state, made.model, made.state.step
    best = step_directory(options.out / "checkpoints", state.best_step)
    if options.training.patience is not None and state.best_step not in (0, step) and best.exists():
        step, model = state.best_step, load_checkpoint(best, next(model.parameters()).device).model
        print(f"Stopped at step {state.step:,}; the best validation loss was at step {step:,}, whose weights follow.")
    figures: dict[str, Any] = {"step": step, "tokens": state.tokens, "validation_loss": None}
    if len(made.data.validation) > options.model.n_ctx:
        scored = evaluate(model, made.data, options.model.n_ctx)
        print(
            f"Step {step:,}, all {scored.n_tokens:,} validation tokens in fp32: {scored.loss:.4f} nats/token, "
            f"{scored.bits_per_byte:.4f} bits/byte, perplexity {scored.perplexity:.3f}"
        )
        if math.isfinite(scored.loss):  # JSON has no number for the others
            figures["validation_loss"], figures["bits_per_byte"] = scored.loss, scored.bits_per_byte
        figures["validation_tokens_scored"] = scored.n_tokens
    if options.export:
        save_checkpoint(
            options.export,
            model,
            made.tokenizer,
            {**made.provenance, **figures},
            dtype=options.export_dtype,
            overwrite=options.resume,
        )
        n_bytes = sum(path.stat().st_size for path in options.export.iterdir())
        print(f"Exported to {options.export} ({n_bytes:,} bytes, {options.export_dtype}).")


@contextmanager
def _only_writer(out: Path) -> Iterator[None]:
    """Hold the run's lock; the system frees it when the process ends, however it ends."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / "lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise CommandError(f"{out} is being trained by another process; stop that one first.") from None
    except OSError as error:
        raise CommandError(f"{out} cannot be written to: {error.strerror or error}; name another --out.") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _stop_request() -> Iterator[list[int]]:
    """A list that gets the signal of the first Ctrl-C or SIGTERM; a second one ends the process at once."""
    caught: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        caught.append(number)
        os.write(sys.stderr.fileno(), b"\nStopping after this step; a checkpoint follows.\n")
        for name, handler in before.items():
            signal.signal(name, handler)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, ask)
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
