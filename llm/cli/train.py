"""`python -m llm train`: a run as its directory, watched from a terminal, and the trained model at its end."""

from __future__ import annotations

import math
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from llm.checkpoint import load_checkpoint, save_checkpoint
from llm.checkpoint_files import require_free_name, step_directory
from llm.cli.options import CommandError, TrainOptions
from llm.cli.progress import Progress
from llm.runs.config import RunConfig
from llm.runs.directory import RunDirectory
from llm.runs.lock import only_writer
from llm.runs.loop import train_run
from llm.runs.onlooker import Onlooker
from llm.runs.preparation import Prepared
from llm.training.evaluate import evaluate
from llm.training.precision import resolve_precision
from llm.training.trainer import StepReport


def run(options: TrainOptions, argv: Sequence[str]) -> int:
    """Train as told; 0 when finished, 1 when stopped before by a signal or failed, 2 when it could not begin.

    Raises CommandError, RunError or CheckpointError.
    """
    if options.export:
        require_free_name(options.export, overwrite=options.resume)
    directory = _resumed(options) if options.resume else _created(options, argv)
    config, before = _from_here(options.config, directory.config()), directory.status()
    terminal = Terminal(options)
    status = train_run(directory, options.resume, terminal, config=config)
    terminal.close()
    if status.state == "failed":
        print(f"error: {status.message}", file=sys.stderr)
        if options.resume and terminal.made is None:  # what was wrong is the command, not the run
            directory.write_status(before)
        return 2 if terminal.made is None else 1
    if status.state == "stopped" or terminal.made is None:
        print(f"{status.message} Go on with: python -m llm train --out {options.out} --resume")
        return 1
    _finish(options, terminal.made)
    return 0


def _created(options: TrainOptions, argv: Sequence[str]) -> RunDirectory:
    """A new run; one that never got as far as training may be in its place."""
    directory = RunDirectory(options.out)
    with only_writer(directory):
        begun = bool(directory.steps()) or directory.metrics.exists()
        unbegun_failed = not begun and directory.status().state == "failed"
        if begun or ((directory.path / "run.json").exists() and not unbegun_failed):
            raise CommandError(f"{options.out} already holds a run; add --resume to go on with it, or name another.")
        (directory.path / "run.json").unlink(missing_ok=True)
        command = f"python -m llm {shlex.join(argv)}"
        created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        config = _from_here(options.config, RunConfig())
        return RunDirectory.create(options.out, config, command=command, created=created, **options.facts)


def _resumed(options: TrainOptions) -> RunDirectory:
    """The run, told to go on."""
    directory = RunDirectory(options.out)
    with only_writer(directory):
        directory.write_record(directory.config(), **options.facts)
        if directory.control().want != "run":
            directory.ask(want="run")
    return directory


def _from_here(config: RunConfig, before: RunConfig) -> RunConfig:
    """Paths given on the command line made absolute: a relative one in run.json lies in the run."""
    file, directory = config.corpus_file, config.tokenizer.directory
    if file is not None and file != before.corpus_file:
        file = file.absolute()
    if directory is not None and directory != before.tokenizer.directory:
        directory = directory.absolute()
    return replace(config, corpus_file=file, tokenizer=replace(config.tokenizer, directory=directory))


class Terminal(Onlooker):
    """Shows a run's progress, and keeps what it was prepared with."""

    def __init__(self, options: TrainOptions) -> None:
        self.made: Prepared | None = None
        self._log_every = options.log_every
        self._progress: Progress | None = None

    def say(self, sentence: str) -> None:
        print(sentence, flush=True)

    def warn(self, sentence: str) -> None:
        print(f"warning: {sentence}", file=sys.stderr)

    def ready(self, prepared: Prepared) -> None:
        self.made, state = prepared, prepared.state
        device, training = next(prepared.model.parameters()).device, prepared.config.training
        self.say(
            f"{prepared.model.n_params:,} parameters, {len(prepared.data.train):,} training and "
            f"{len(prepared.data.validation):,} validation tokens of {prepared.data.bytes_per_token:.2f} bytes, on "
            f"{device} ({resolve_precision(training.precision, device)}, {torch.get_num_threads()} threads), "
            f"from step {state.step:,} of {training.steps:,}"
        )
        self._progress = Progress(state.step, training.steps, self._log_every)

    def show(self, report: StepReport) -> None:
        if self._progress is not None:
            self._progress.show(report)

    def close(self) -> None:
        """No more to show."""
        if self._progress is not None:
            self._progress.close()


def _finish(options: TrainOptions, made: Prepared) -> None:
    """Score all of the validation text, and export: the last weights, or with patience the best ones."""
    state, model, step = made.state, made.model, made.state.step
    best = step_directory(options.out / "checkpoints", state.best_step)
    if made.config.training.patience is not None and state.best_step not in (0, step) and best.exists():
        step, model = state.best_step, load_checkpoint(best, next(model.parameters()).device).model
        print(f"Stopped at step {state.step:,}; the best validation loss was at step {step:,}, whose weights follow.")
    figures: dict[str, Any] = {"step": step, "tokens": state.tokens, "validation_loss": None}
    n_ctx = made.config.model.n_ctx
    if len(made.data.validation) > n_ctx:
        scored = evaluate(model, made.data, n_ctx)
        print(
            f"Step {step:,}, all {scored.n_tokens:,} validation tokens in fp32: {scored.loss:.4f} nats/token, "
            f"{scored.bits_per_byte:.4f} bits/byte, perplexity {scored.perplexity:.3f}"
        )
        if math.isfinite(scored.loss):  # JSON has no number for the others
            figures["validation_loss"], figures["bits_per_byte"] = scored.loss, scored.bits_per_byte
        figures["validation_tokens_scored"] = scored.n_tokens
    if options.export:
        _export(options.export, options, model, made, figures)


def _export(path: Path, options: TrainOptions, model: Any, made: Prepared, figures: dict[str, Any]) -> None:
    provenance = {**made.provenance, **figures}
    save_checkpoint(path, model, made.tokenizer, provenance, dtype=options.export_dtype, overwrite=options.resume)
    n_bytes = sum(file.stat().st_size for file in path.iterdir())
    print(f"Exported to {path} ({n_bytes:,} bytes, {options.export_dtype}).")
