"""Validation figures against sums done by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from llm.data import TokenDataset
from llm.model.gpt import GPT
from llm.training.evaluate import evaluate

STREAM = (np.arange(24 * 5 + 7) * 7 % 61).astype(np.uint16)
DATA = TokenDataset(train=STREAM, validation=STREAM, n_bytes_validation=3 * len(STREAM))


def _by_hand(model: GPT, windows: list[int]) -> float:
    total = 0.0
    for start in windows:
        window = torch.from_numpy(STREAM[start : start + 25].astype(np.int64))
        logits = model(window[None, :-1])[0].detach()
        total -= float(logits.log_softmax(-1).gather(-1, window[1:, None]).sum())
    return total / (24 * len(windows))


def test_is_the_mean_over_every_window(tiny_model: GPT) -> None:
    scored = evaluate(tiny_model, DATA, n_ctx=24, batch_size=2)
    assert scored.n_tokens == 24 * 5
    assert scored.loss == pytest.approx(_by_hand(tiny_model, [24 * i for i in range(5)]), rel=1e-5)
    assert scored.bits_per_byte == pytest.approx(scored.loss / math.log(2) / 3)
    assert scored.perplexity == pytest.approx(math.exp(scored.loss))


def test_fewer_windows_are_spread_evenly(tiny_model: GPT) -> None:
    scored = evaluate(tiny_model, DATA, n_ctx=24, n_windows=2)
    assert scored.loss == pytest.approx(_by_hand(tiny_model, [0, 48]), rel=1e-5)


@pytest.mark.parametrize("training", [True, False])
def test_leaves_the_mode_alone_and_scores_without_dropout(tiny_model: GPT, training: bool) -> None:
    model = GPT(replace(tiny_model.config, dropout=0.5)).train(training)
    model.load_state_dict(tiny_model.state_dict())
    assert evaluate(model, DATA, n_ctx=24, n_windows=1) == evaluate(tiny_model, DATA, n_ctx=24, n_windows=1)
    assert model.training is training


def test_text_shorter_than_a_window_is_refused(tiny_model: GPT) -> None:
    short = TokenDataset(train=STREAM, validation=STREAM[:24], n_bytes_validation=72)
    with pytest.raises(ValueError, match="at least 25"):
        evaluate(tiny_model, short, n_ctx=24)
