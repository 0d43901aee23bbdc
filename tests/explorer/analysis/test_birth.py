"""The birth of a head over checkpoints: what is measured at each, which heads count, and when the score rose."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from explorer.analysis.birth import (
    Moment,
    by_step,
    induction_heads,
    moment,
    moment_on_row,
    previous_heads,
    rows_for,
    silenced,
    silent_sets,
    span,
    unfit,
)
from explorer.analysis.silencing import Silence
from llm.checkpoint import Checkpoint
from llm.corpora.repeats import CHARACTERS
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.runs.config import RunConfig
from llm.tokenizers.char import CharTokenizer

TOKENIZER = CharTokenizer.train(CHARACTERS)
CONFIG = GPTConfig(
    d_vocab=TOKENIZER.n_vocab, n_ctx=24, n_layers=2, n_heads=2, n_kv_heads=2, d_model=16, d_mlp=32, mlp="none"
)


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return Checkpoint(Path("nowhere"), GPT(CONFIG, seed=0).eval().requires_grad_(False), TOKENIZER, {})


def _moment(previous: list[list[float]], induction: list[list[float]]) -> Moment:
    return Moment(4.5, 4.0, 0.5, np.array(previous), np.array(induction), np.full((2, 2, 2, 2), np.nan))


def test_an_untrained_model_guesses_and_no_set_of_heads_matters(checkpoint: Checkpoint) -> None:
    rows = rows_for(checkpoint)
    found = moment(checkpoint, rows)
    assert found.new == pytest.approx(np.log(TOKENIZER.n_vocab), abs=0.1)
    assert found.copied == pytest.approx(found.new, abs=0.1)
    assert 0 < found.share < 1
    assert found.induction.shape == (2, 2)
    for way in get_args(Silence):
        losses = silenced(checkpoint, rows, [(), ((0, 0),)], way)
        assert losses.shape == (2, 2)
        np.testing.assert_allclose(losses[:, 0], [found.new, found.copied], rtol=1e-6)


def test_a_row_has_its_pattern_its_scores_and_its_losses(checkpoint: Checkpoint) -> None:
    rows = rows_for(checkpoint)
    ids = (*rows.ids[0].tolist(), int(rows.targets[0, -1]))
    seen = moment_on_row(checkpoint, rows, ids)
    assert seen.pattern.shape == (2, 2, 24, 24)
    assert seen.pattern.dtype == np.uint8
    assert seen.loss.shape == (24,)
    np.testing.assert_allclose(seen.pattern.sum(-1) / 255, 1, atol=24 / 510)
    exact = np.diagonal(seen.pattern, offset=-1, axis1=2, axis2=3) / 255
    np.testing.assert_allclose(seen.before[..., 1:], exact, atol=1 / 510 + 1e-6)
    assert (seen.after_copy[..., ~rows.copied[0]] == 0).all()
    quiet = moment_on_row(checkpoint, rows, ids, ((0, 0), (0, 1)), "zero")
    assert not np.allclose(quiet.loss, seen.loss)
    assert moment_on_row(checkpoint, rows, ids[:2]).pattern.shape == (2, 2, 1, 1)


def test_roles_are_of_the_last_checkpoint() -> None:
    last = _moment([[0.9, 0.4], [0.5, 0.1]], [[0.0, 0.0], [0.3, 0.8]])
    assert induction_heads(last) == ((1, 1), (1, 0))
    assert previous_heads(last) == ((0, 0), (0, 1))
    sets = silent_sets(last)
    assert list(sets) == ["0.0", "0.1", "1.0", "1.1", "previous", "induction"]
    assert sets["induction"] == ((1, 0), (1, 1))
    nothing = _moment([[0.1, 0.1], [0.1, 0.1]], [[0.0, 0.0], [0.0, 0.0]])
    assert induction_heads(nothing) == previous_heads(nothing) == ()
    assert list(silent_sets(nothing)) == ["0.0", "0.1", "1.0", "1.1"]


def test_the_birth_lies_between_a_tenth_and_nine_tenths_of_the_way() -> None:
    scores = [0.0, 0.02, 0.05, 0.4, 0.88, 0.95, 1.0]
    moments = [_moment([[0.5, 0], [0, 0]], [[0, 0], [score, 0]]) for score in scores]
    found = span(moments)
    assert found is not None
    assert (found.start, found.end, found.head) == (2, 5, (1, 0))
    assert span(moments[:3]) is None


def test_checkpoints_that_cannot_be_read_are_counted_and_named() -> None:
    one = _moment([[0, 0], [0, 0]], [[0, 0], [0, 0]])
    assert by_step({20: one, 10: "It is damaged.", 0: one}) == (
        {0: one, 20: one},
        "1 checkpoint cannot be read: It is damaged.",
    )
    assert by_step({0: one})[1] == ""


def test_a_run_of_another_shape_is_refused_in_a_sentence() -> None:
    fit = RunConfig(corpus="repeats", model=CONFIG)
    assert unfit(fit) == ""
    assert "stories" in unfit(replace(fit, corpus="stories"))
    assert "32 heads" in unfit(replace(fit, model=replace(CONFIG, n_layers=16)))
    assert "12 tokens" in unfit(replace(fit, model=replace(CONFIG, n_ctx=12)))
