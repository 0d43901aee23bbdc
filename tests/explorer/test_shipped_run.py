"""The run that ships in assets/runs/induction: whole, small, from no machine in particular, and an induction head is
born in it."""

import json
from pathlib import Path

import numpy as np
import pytest

from explorer.analysis.head_roles import head_roles
from explorer.analysis.seen_tokens import seen_tokens
from llm.checkpoint import Checkpoint, load_checkpoint
from llm.runs.directory import RunDirectory
from llm.tokenizers.base import END_OF_TEXT

RUN = RunDirectory(Path(__file__).parents[2] / "assets" / "runs" / "induction")


def scores(checkpoint: Checkpoint) -> tuple[np.ndarray, np.ndarray]:
    """Previous-token and induction scores, (L, H) each."""
    pool = seen_tokens(checkpoint.tokenizer, checkpoint.provenance).ids
    first = checkpoint.tokenizer.special_tokens[END_OF_TEXT]
    roles = head_roles(checkpoint.model, pool, first, n_sequences=8)
    return roles.scores["previous"], roles.scores["induction"]


def test_it_is_whole() -> None:
    config, status = RUN.config(), RUN.status()
    assert (status.state, status.step, status.pid) == ("finished", config.training.steps, None)
    assert tuple(RUN.steps()) == config.timeline
    rows = [json.loads(line) for line in RUN.metrics.read_text().splitlines()]
    assert [row["step"] for row in rows] == list(range(1, config.training.steps + 1))
    samples = [json.loads(line) for line in RUN.samples.read_text().splitlines()]
    assert [row["step"] for row in samples] == list(config.timeline)
    assert RUN.label().name
    assert not RUN.lock.exists()


def test_it_is_small_and_names_no_place() -> None:
    files = [path for path in RUN.path.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 5_000_000
    for path in files:
        if path.suffix in {".json", ".jsonl"}:
            text = path.read_text()
            assert not any(place in text for place in ("/home", "/tmp", "/work", "/Users")), path


def test_every_checkpoint_is_weights_alone() -> None:
    for step, path in RUN.steps().items():
        checkpoint = load_checkpoint(path)
        assert checkpoint.provenance["step"] == step
        assert not (path / "optim.safetensors").exists()


@pytest.mark.parametrize("step", [0, 500])
def test_there_is_no_head_to_speak_of_on_the_plateau(step: int) -> None:
    previous, induction = scores(load_checkpoint(RUN.steps()[step]))
    assert previous.max() < 0.2
    assert induction.max() < 0.2


def test_at_the_end_there_is_one_previous_token_head_and_a_layer_of_induction_heads() -> None:
    previous, induction = scores(load_checkpoint(RUN.steps()[RUN.config().training.steps]))
    assert np.sort(previous[0])[-1] > 0.8
    assert np.sort(previous[0])[-2] < 0.4
    assert induction[1].min() > 0.7
