"""The loop: it learns, repeats and resumes exactly, and stops when it should."""

import math
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from llm.data import TokenDataset, batch
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.training.config import Precision, TrainingConfig
from llm.training.evaluate import Evaluation
from llm.training.losses import next_token_loss
from llm.training.state import TrainingState
from llm.training.trainer import StepReport, TrainingError, _dropout_seed, train

MODEL = GPTConfig(d_vocab=17, n_ctx=16, n_layers=2, n_heads=2, n_kv_heads=2, d_model=32, d_mlp=64)
CONFIG = TrainingConfig(steps=12, batch_size=4, eval_every=6, eval_windows=4, precision="fp32")
_WALK = np.cumsum(np.random.Generator(np.random.PCG64(0)).integers(1, 3, 4000)) % 17  # each next id: one of two
DATA = TokenDataset(_WALK[:3500].astype(np.uint16), _WALK[3500:].astype(np.uint16), n_bytes_validation=500)


def fresh(config: TrainingConfig = CONFIG, dropout: float = 0.0) -> TrainingState:
    return TrainingState(GPT(replace(MODEL, dropout=dropout), seed=config.seed), config)


def figures(reports: list[StepReport]) -> list[StepReport]:
    """Reports without what the clock decides."""
    return [replace(report, seconds=0.0) for report in reports]


def weights(state: TrainingState) -> Tensor:
    return torch.cat([p.detach().flatten() for p in state.model.parameters()])


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_learns_what_there_is_to_learn(optimizer: Any) -> None:
    state = fresh(replace(CONFIG, steps=120, optimizer=optimizer, eval_every=120, eval_windows=0))
    reports = list(train(state, DATA))
    assert reports[0].loss == pytest.approx(np.log(17), abs=0.15)
    last = reports[-1].validation_loss
    assert last is not None
    assert np.log(2) - 0.02 < last < np.log(2) + 0.25  # the entropy of the walk is the floor


def test_the_report_says_what_happened() -> None:
    reports = list(train(fresh(), DATA))
    assert [r.step for r in reports] == list(range(1, 13))
    assert [r.tokens for r in reports] == [4 * 16 * s for s in range(1, 13)]
    assert [r.step for r in reports if r.validation_loss is not None] == [6, 12]
    assert all(r.seconds > 0 and r.grad_norm > 0 and 0 < r.lr <= CONFIG.lr for r in reports)
    final = reports[-1]
    assert final.bits_per_byte == pytest.approx(DATA.bits_per_byte(final.validation_loss or 0.0))


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_stopped_and_resumed_is_bit_identical(precision: Any) -> None:
    config = replace(CONFIG, precision=precision)
    unbroken = fresh(config, dropout=0.2)
    expected = list(train(unbroken, DATA))

    first = fresh(config, dropout=0.2)
    begun = list(islice(train(first, DATA), 5))
    second = TrainingState(first.model, config)
    second.restore({name: t.clone() for name, t in first.tensors().items()}, first.values())
    torch.rand(1000)  # whatever else draws random numbers meanwhile
    rest = list(train(second, DATA))

    assert figures(begun + rest) == figures(expected)
    assert torch.equal(weights(second), weights(unbroken))


def test_the_global_random_state_is_left_alone() -> None:
    state = fresh(replace(CONFIG, steps=2), dropout=0.2)
    before = torch.get_rng_state()
    list(train(state, DATA))
    assert torch.equal(torch.get_rng_state(), before)


def test_dropout_differs_from_step_to_step() -> None:
    """The same batch every time, and a rate so low that only the masks can change the loss."""
    config = replace(CONFIG, steps=2, lr=1e-30, muon_lr=1e-30, weight_decay=0.0)
    some = batch(DATA.train, 0, 0, 4, 16)
    first, second = train(fresh(config, dropout=0.2), DATA, batches=lambda index: some)
    assert first.loss != second.loss


def test_accumulated_gradients_are_those_of_the_big_batch() -> None:
    x, y = batch(DATA.train, 0, 0, 8, 16)
    config = replace(CONFIG, steps=1, optimizer="adamw")
    big, small = fresh(config), fresh(replace(config, grad_accumulation=4))
    (one,) = train(big, DATA, batches=lambda index: (x, y))
    (four,) = train(small, DATA, batches=lambda index: (x[2 * index : 2 * index + 2], y[2 * index : 2 * index + 2]))
    assert four.loss == pytest.approx(one.loss, rel=1e-6)
    assert four.grad_norm == pytest.approx(one.grad_norm, rel=1e-5)
    assert four.tokens == one.tokens
    torch.testing.assert_close(
        torch.cat([t.flatten() for n, t in small.tensors().items() if n.endswith("exp_avg")]),
        torch.cat([t.flatten() for n, t in big.tensors().items() if n.endswith("exp_avg")]),
        atol=1e-6,
        rtol=1e-4,
    )


def test_bf16_stays_close_to_float32() -> None:
    kinds: tuple[Precision, ...] = ("fp32", "bf16")
    losses = {
        precision: [r.loss for r in train(fresh(replace(CONFIG, precision=precision)), DATA)] for precision in kinds
    }
    assert losses["bf16"] != losses["fp32"]
    assert losses["bf16"] == pytest.approx(losses["fp32"], abs=0.03)


def test_the_rates_follow_lr_scale() -> None:
    plain = [r.lr for r in train(fresh(), DATA)]
    scaled = [r.lr for r in train(fresh(), DATA, lr_scale=lambda step: 0.5 if step >= 4 else 1.0)]
    assert scaled == plain[:4] + [lr * 0.5 for lr in plain[4:]]


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_a_scale_of_all_rates_is_a_recipe_with_those_rates(optimizer: Any) -> None:
    config = replace(CONFIG, optimizer=optimizer)
    halved = fresh(replace(config, lr=config.lr * 0.5, muon_lr=config.muon_lr * 0.5))
    scaled = fresh(config)
    assert figures(list(train(scaled, DATA, lr_scale=lambda step: 0.5))) == figures(list(train(halved, DATA)))
    assert torch.equal(weights(scaled), weights(halved))


def test_windows_at_documents_reach_the_model() -> None:
    starts = np.arange(0, 3400, 17)
    data = replace(DATA, train_starts=starts, validation_starts=np.arange(0, 400, 17))
    state, seen = fresh(replace(CONFIG, steps=3)), list[Tensor]()

    def remember(model: nn.Module, some: Any) -> Tensor:
        seen.append(some[0])
        return next_token_loss(model, some)

    list(train(state, data, loss=remember))
    firsts = {tuple(DATA.train[s : s + 16].tolist()) for s in starts}
    assert {tuple(row) for ids in seen for row in ids.tolist()} <= firsts
    assert all(torch.equal(ids, batch(DATA.train, 0, i, 4, 16, starts=starts)[0]) for i, ids in enumerate(seen))


def test_dropout_draws_from_the_generator_of_its_device(monkeypatch: pytest.MonkeyPatch) -> None:
    there = torch.Generator()
    monkeypatch.setattr(torch.mps, "_get_default_mps_generator", lambda: there)
    before, drawn = (there.get_state(), torch.get_rng_state()), []
    for step in (3, 4, 3):
        with _dropout_seed(torch.device("mps"), 0, step):
            drawn.append(there.initial_seed())
    assert drawn[0] == drawn[2] != drawn[1]
    assert torch.equal(there.get_state(), before[0])
    assert torch.equal(torch.get_rng_state(), before[1])


def test_clipping_bounds_the_update_and_reports_the_whole_norm() -> None:
    free, clipped = (fresh(replace(CONFIG, steps=1, optimizer="adamw", clip_norm=c)) for c in (0.0, 1e-3))
    (one,), (two,) = train(free, DATA), train(clipped, DATA)
    assert one.grad_norm == two.grad_norm > 1e-3
    norms = [
        torch.cat([t.flatten() for n, t in s.tensors().items() if n.endswith("exp_avg")]).norm()
        for s in (free, clipped)
    ]
    assert float(norms[1] / norms[0]) == pytest.approx(1e-3 / one.grad_norm, rel=1e-3)


def test_smoothing_reaches_the_loss() -> None:
    some = batch(DATA.train, 0, 0, 4, 16)
    state = fresh(replace(CONFIG, steps=1, label_smoothing=0.3))
    expected = next_token_loss(fresh().model, some, label_smoothing=0.3).item()
    (report,) = train(state, DATA, batches=lambda index: some)
    assert report.loss == pytest.approx(expected, rel=1e-6)


def test_a_loss_that_is_not_finite_stops_before_it_reaches_the_weights() -> None:
    state = fresh()

    def breaks_at_the_third(model: nn.Module, some: Any) -> Tensor:
        return next_token_loss(model, some) * (float("nan") if state.step == 2 else 1.0)

    steps = train(state, DATA, loss=breaks_at_the_third)
    next(steps), next(steps)
    good = weights(state).clone()
    with pytest.raises(TrainingError, match="step 3") as caught:
        next(steps)
    assert caught.value.step == 3
    assert state.step == 2
    assert torch.equal(weights(state), good)
    assert all(p.grad is None for p in state.model.parameters())


def test_a_validation_loss_that_is_not_finite_ends_the_run() -> None:
    state = fresh(replace(CONFIG, eval_every=2))
    lost = Evaluation(float("nan"), float("nan"), 1)
    with pytest.raises(TrainingError, match="step 2: the validation loss is nan"):
        list(train(state, DATA, evaluation=lambda model: lost))


def test_perplexity_of_a_hopeless_loss_is_infinite() -> None:
    assert Evaluation(1e4, 1.0, 1).perplexity == math.inf


def test_a_rate_far_too_high_is_caught() -> None:
    state = fresh(replace(CONFIG, steps=300, optimizer="adamw", lr=1e30, clip_norm=0.0, weight_decay=0.0))
    with pytest.raises(TrainingError, match="learning rate"):
        list(train(state, DATA))
    assert torch.isfinite(weights(state)).all()


def test_patience_ends_it() -> None:
    losses = iter([3.0, 2.0, 2.5, 2.4, 1.0])
    state = fresh(replace(CONFIG, steps=50, eval_every=1, patience=2))
    reports = list(train(state, DATA, evaluation=lambda model: Evaluation(next(losses), 0.0, 1)))
    assert [r.validation_loss for r in reports] == [3.0, 2.0, 2.5, 2.4]
    assert [r.is_best for r in reports] == [True, True, False, False]
    assert [r.stops for r in reports] == [False, False, False, True]
    assert (state.best_loss, state.best_step) == (2.0, 2)
    assert list(train(state, DATA)) == []


def test_restoring_what_does_not_fit_is_refused() -> None:
    state = fresh(replace(CONFIG, steps=1))
    list(train(state, DATA))
    good, values = state.tensors(), state.values()
    name = next(iter(good))
    for tensors, changed, message in (
        ({k: t for k, t in good.items() if k != name}, values, "does not fit"),
        (good | {"adamw/other/exp_avg": torch.zeros(1)}, values, "does not fit"),
        (good | {name: torch.zeros(3, 3, 3)}, values, "shape"),
        (good, values | {"step": -1}, "counts"),
        (good, values | {"best_loss": "low"}, "best_loss"),
    ):
        with pytest.raises(ValueError, match=message):
            fresh().restore(tensors, changed)
    with pytest.raises(ValueError, match="does not fit"):
        fresh(replace(CONFIG, optimizer="adamw")).restore(good, values)


def test_text_shorter_than_the_context_is_refused() -> None:
    short = TokenDataset(DATA.train[:10], DATA.validation, 500)
    with pytest.raises(ValueError, match="at least 17"):
        next(train(fresh(), short))
