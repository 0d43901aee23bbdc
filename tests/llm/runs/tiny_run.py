"""Runs so small that training one takes a fraction of a second."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from llm.checkpoint_files import verify
from llm.model.config import GPTConfig
from llm.runs.config import RunConfig, TokenizerOptions
from llm.runs.directory import RunDirectory
from llm.training.config import TrainingConfig

CONFIG = RunConfig(
    corpus="sums",
    corpus_chars=4_000,
    tokenizer=TokenizerOptions(kind="char"),
    model=GPTConfig(n_ctx=16, n_layers=1, n_heads=2, n_kv_heads=2, d_model=16, d_mlp=32, dropout=0.1),
    training=TrainingConfig(steps=12, batch_size=2, eval_every=4, eval_windows=2, health_every=3),
    checkpoint_every=4,
    threads=1,
)


def create(path: Path, **changes: Any) -> RunDirectory:
    """A new run; `changes` of the configuration's own fields, and of its training's by their names."""
    training = {name: changes.pop(name) for name in list(changes) if hasattr(CONFIG.training, name)}
    config = replace(CONFIG, training=replace(CONFIG.training, **training), **changes)
    return RunDirectory.create(path, config)


def rows(path: Path) -> list[dict[str, Any]]:
    """Every line, without what the clock decides."""
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [{name: value for name, value in row.items() if name not in ("seconds", "time")} for row in found]


def weights(run: RunDirectory, step: int) -> str:
    """The SHA-256 of a checkpoint's weights."""
    return str(verify(run.steps()[step])["files"]["model.safetensors"]["sha256"])
