"""Filters against independent definitions in numpy, ties and edges included."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from llm.generation.filters import (
    FILTERS,
    SamplingConfig,
    filtered,
    min_p,
    probabilities,
    repetition_penalty,
    temperature,
    top_k,
    top_p,
)

# Quarters give many ties; -inf are tokens that an earlier filter removed.
logit = st.one_of(st.integers(-12, 12).map(lambda i: i / 4), st.floats(-1e4, 1e4, width=32), st.just(-math.inf))
rows = st.lists(logit, min_size=1, max_size=12).filter(lambda row: max(row) > -math.inf)
share = st.one_of(st.floats(1e-6, 1), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]))
configs = st.builds(
    SamplingConfig,
    temperature=st.one_of(st.sampled_from([0.0, 5e-324, 1e-9, 1.0, 1e9]), st.floats(0, 5)),
    top_k=st.one_of(st.integers(0, 15), st.just(10**9)),
    top_p=share,
    min_p=share,
    repetition_penalty=st.floats(0.1, 10),
)


def survivors(logits: Tensor) -> set[int]:
    return {i for i, value in enumerate(logits.tolist()) if value > -math.inf}


def softmax(row: list[float]) -> np.ndarray:
    x = np.array(row, dtype=np.float64)
    weights = np.exp(x - x.max())
    return weights / weights.sum()


@given(rows, st.integers(0, 15))
def test_top_k(row: list[float], k: int) -> None:
    alive = [i for i, value in enumerate(row) if value > -math.inf]
    best = sorted(alive, key=lambda i: (-row[i], i))
    kept = top_k(torch.tensor(row, dtype=torch.float64), k)
    assert survivors(kept) == set(best[:k] if k else best)
    assert all(kept[i] == row[i] for i in survivors(kept))


@given(rows, share)
def test_top_p(row: list[float], p: float) -> None:
    probs = softmax(row)
    expected: set[int] = set()
    mass = 0.0
    for i in sorted(range(len(row)), key=lambda i: (-row[i], i)):
        if expected and mass >= p - 1e-9:
            break
        if row[i] > -math.inf:
            expected.add(i)
        mass += probs[i]
    if p == 1:
        expected = {i for i, value in enumerate(row) if value > -math.inf}
    assert survivors(top_p(torch.tensor(row, dtype=torch.float64), p)) == expected


@given(rows, share)
def test_min_p(row: list[float], least: float) -> None:
    weights = np.exp(np.array(row) - max(row))  # each probability over the highest
    expected = {i for i, value in enumerate(row) if value > -math.inf and weights[i] >= least}
    assert survivors(min_p(torch.tensor(row, dtype=torch.float64), least)) == expected


@given(rows, st.floats(1e-3, 1e3))
def test_temperature_is_a_power_of_the_probabilities(row: list[float], t: float) -> None:
    expected = softmax([(value - max(row)) / t for value in row])
    assert probabilities(temperature(torch.tensor(row, dtype=torch.float64), t)).numpy() == pytest.approx(expected)


@given(rows)
def test_temperature_zero_keeps_the_first_of_the_most_likely(row: list[float]) -> None:
    assert survivors(temperature(torch.tensor(row), 0.0)) == {row.index(max(row))}


@given(rows, st.floats(0.1, 10), st.lists(st.integers(0, 11)))
def test_repetition_penalty(row: list[float], penalty: float, ids: list[int]) -> None:
    ids = [i % len(row) for i in ids]
    expected = list(row)
    for i in set(ids):
        expected[i] = row[i] / penalty if row[i] > 0 else row[i] * penalty
    got = repetition_penalty(torch.tensor(row, dtype=torch.float64), penalty, ids)
    assert got.tolist() == pytest.approx(expected)


@given(rows, configs, st.lists(st.integers(0, 11)))
def test_every_stage_is_a_distribution_over_fewer_tokens(
    row: list[float], config: SamplingConfig, ids: list[int]
) -> None:
    left = survivors(torch.tensor(row))
    for _, logits in filtered(torch.tensor(row), config, [i % len(row) for i in ids]):
        assert survivors(logits) <= left
        left = survivors(logits)
        assert left
        probs = probabilities(logits)
        assert float(probs.sum()) == pytest.approx(1, abs=1e-12)
        assert all(probs[i] == 0 for i in set(range(len(row))) - left)
    if config.greedy:
        assert len(left) == 1


@given(st.lists(rows, min_size=2, max_size=4), configs)
def test_each_row_of_a_batch_is_filtered_on_its_own(batch: list[list[float]], config: SamplingConfig) -> None:
    width = min(len(row) for row in batch)
    cut = torch.tensor([row[:width] for row in batch]).nan_to_num(neginf=-1e5)[:, None]  # B 1 V
    together = list(filtered(cut, config, [0]))
    for i, alone in enumerate(cut):
        for (name, many), (same, one) in zip(together, filtered(alone, config, [0]), strict=True):
            assert name == same
            assert torch.equal(many[i], one)


@pytest.mark.parametrize("n", range(1, 41))
def test_top_p_of_equal_tokens_counts_as_a_person_would(n: int) -> None:
    for k in range(1, n):
        assert len(survivors(top_p(torch.zeros(n), k / n))) == k
        assert len(survivors(top_p(torch.zeros(n), float(Fraction(2 * k - 1, 2 * n))))) == k


def test_filters_do_not_write_to_their_input() -> None:
    row = torch.tensor([1.0, 2.0, 0.5, 2.0])
    config = SamplingConfig(temperature=0.5, top_k=3, top_p=0.9, min_p=0.1, repetition_penalty=2.0)
    assert [name for name, _ in filtered(row, config, [1])] == list(FILTERS)
    assert row.tolist() == [1.0, 2.0, 0.5, 2.0]


def test_defaults_change_nothing() -> None:
    assert list(filtered(torch.randn(5), SamplingConfig())) == []
    assert {field.name for field in fields(SamplingConfig)} == set(FILTERS)


@pytest.mark.parametrize(
    "step",
    [
        probabilities,
        lambda x: temperature(x, 0.0),
        lambda x: temperature(x, 0.7),
        lambda x: top_k(x, 2),
        lambda x: top_p(x, 0.5),
        lambda x: min_p(x, 0.1),
        lambda x: repetition_penalty(x, 1.2, [0]),
    ],
)
@pytest.mark.parametrize("bad", [[-math.inf] * 3, [0.0, math.nan, 1.0], [0.0, math.inf, 1.0], []])
def test_nothing_to_choose_from_is_said(step: Callable[[Tensor], Tensor], bad: list[float]) -> None:
    for row in (bad, [bad, [0.0] * len(bad)]):
        with pytest.raises(ValueError, match=r"Expected a finite highest logit|Expected a logit for each token"):
            step(torch.tensor(row))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"temperature": -0.1}, "temperature must be at least 0"),
        ({"temperature": math.nan}, "temperature must be a finite number, got nan"),
        ({"temperature": math.inf}, "temperature must be a finite number"),
        ({"top_k": -1}, "top_k must be a whole number of at least 0"),
        ({"top_k": 2.5}, "top_k must be a whole number"),
        ({"top_p": 1.1}, "top_p must be from 0"),
        ({"min_p": -0.5}, "min_p must be from 0"),
        ({"min_p": True}, "min_p must be a finite number"),
        ({"repetition_penalty": 0}, "repetition_penalty must be above 0"),
        ({"repetition_penalty": "2"}, "repetition_penalty must be a finite number, got '2'"),
    ],
)
def test_impossible_settings_are_said(values: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SamplingConfig(**values)  # type: ignore[arg-type]
