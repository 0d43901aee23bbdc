"""Run directories for tests of pages that show runs: written, not trained, but for their checkpoints' weights."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from llm.model.config import GPTConfig
from llm.runs.config import RunConfig, TokenizerOptions
from llm.runs.directory import RunDirectory, RunState, Status
from llm.training.config import TrainingConfig

STEPS = 60
CONFIG = RunConfig(
    corpus="sums",
    corpus_chars=20_000,
    tokenizer=TokenizerOptions(n_vocab=300),
    model=GPTConfig(d_vocab=300, n_ctx=32, n_layers=1, n_heads=2, n_kv_heads=2, d_model=16, d_mlp=32),
    training=TrainingConfig(steps=STEPS, eval_every=10, batch_size=2),
    device="cpu",
    threads=1,
)


def made_run(
    home: Path, id: str, state: RunState = "finished", step: int = STEPS, loss: float = 2.0, name: str = "", **more: Any
) -> RunDirectory:
    """A run that stands at `step`, its loss falling from 5 to `loss`; `more` goes into the training configuration."""
    config = replace(CONFIG, training=replace(CONFIG.training, **more))
    run = RunDirectory.create(home / "runs" / id, config)
    add_rows(run, 1, step, loss)
    messages: dict[RunState, str] = {
        "stopped": f"Stopped at step {step} of {STEPS}.",
        "failed": "Out of memory: choose a smaller batch.",
        "killed": "It ended.",
    }
    run.write_status(
        Status(state, step=step, steps=config.training.steps, message=messages.get(state, ""), seconds=0.1 * step)
    )
    if name:
        run.set_label(name=name)
    return run


def add_rows(run: RunDirectory, first: int, last: int, loss: float = 2.0) -> None:
    """Append updates `first` to `last` to the metrics."""
    with run.metrics.open("a", encoding="utf-8") as file:
        for n in range(first, last + 1):
            now = loss + (5 - loss) * (1 - n / STEPS) ** 2
            seen = n % 10 == 0
            row = {
                "step": n,
                "loss": now,
                "lr": 1e-3,
                "grad_norm": 1 + n % 3,
                "tokens": 64 * n,
                "seconds": 0.1,
                "validation_loss": now + 0.1 if seen else None,
                "bits_per_byte": 1.4 * (now + 0.1) if seen else None,
                "is_best": seen,
                "stops": False,
                "layers": None,
            }
            file.write(json.dumps(row) + "\n")


def remove_run(run: RunDirectory) -> None:
    """Also while a worker writes how the run ended."""
    while run.path.exists():
        shutil.rmtree(run.path, ignore_errors=True)
