"""`python -m llm train` so small that it takes a fraction of a second, and a run that it has made."""

import json
from pathlib import Path
from typing import Any

import pytest

from llm.__main__ import main

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


def metrics(out: Path) -> list[dict[str, Any]]:
    """Every line, without what the clock decides."""
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name != "seconds"} for line in lines]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of 20 steps, exported."""
    out = tmp_path_factory.mktemp("trained") / "run"
    assert main(tiny(out, 20, "--export", str(out.parent / "model"), "--export-dtype", "float16")) == 0
    return out
