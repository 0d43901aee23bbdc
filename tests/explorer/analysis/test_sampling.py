"""The funnel against what generation does, and the identities of mass, count and entropy."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.sampling import REMOVERS, Funnel, entropy, funnel
from llm.generation.filters import FILTERS, SamplingConfig, filtered, probabilities
from llm.trace import Trace

EDGES = [
    SamplingConfig(temperature=0),
    SamplingConfig(temperature=1e-9),
    SamplingConfig(temperature=1e6),
    SamplingConfig(top_k=1),
    SamplingConfig(top_k=10**9),
    SamplingConfig(top_p=0),
    SamplingConfig(top_p=1e-12),
    SamplingConfig(min_p=1),
    SamplingConfig(repetition_penalty=10),
    SamplingConfig(0, 3, 0.5, 0.5, 2),
]

configs = st.builds(
    SamplingConfig,
    temperature=st.sampled_from([0, 1e-6, 0.5, 1, 1.1, 4]),
    top_k=st.integers(0, 12),
    top_p=st.floats(0, 1),
    min_p=st.sampled_from([0, 0.01, 0.5, 1]),
    repetition_penalty=st.sampled_from([0.5, 1, 1.3]),
)


def _holds_together(drawn: Funnel) -> None:
    V = len(drawn.before)
    assert drawn.before.sum() == pytest.approx(1, abs=1e-12)
    assert drawn.after.sum() == pytest.approx(1, abs=1e-12)
    assert [stage.name for stage in drawn.stages] == list(FILTERS)
    given, mass = V, 1.0
    for code, stage in enumerate(drawn.stages, start=1):
        assert 1 <= stage.kept <= given
        assert int((drawn.removed_by == code).sum()) == given - stage.kept
        assert mass - stage.mass == stage.removed >= 0
        assert stage.on or stage.kept == given
        given, mass = stage.kept, stage.mass
    assert int((drawn.removed_by == 0).sum()) == given
    assert not drawn.after[drawn.removed_by > 0].any()
    assert all(0 <= nats <= math.log(V) + 1e-9 for nats in drawn.entropy)
    assert drawn.entropy[1] <= math.log(given) + 1e-9


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-6, 6), min_size=1, max_size=24), configs)
def test_counts_and_masses_hold_together(scores: list[int], config: SamplingConfig) -> None:
    _holds_together(funnel(np.array(scores, dtype=np.float32) / 2, config, [0, 0, len(scores) - 1]))


@pytest.mark.parametrize("config", EDGES, ids=repr)
def test_edges_on_a_model(tiny_trace: Trace, config: SamplingConfig) -> None:
    drawn = funnel(tiny_trace.logits[-1].numpy(), config, tiny_trace.ids.tolist())
    _holds_together(drawn)
    if config.greedy:
        assert drawn.after.max() == 1
        assert drawn.entropy[1] == 0


def test_draws_from_what_generation_draws_from(tiny_trace: Trace) -> None:
    config, ids = SamplingConfig(1.3, 20, 0.8, 0.1, 1.2), tiny_trace.ids.tolist()
    logits = tiny_trace.logits[-1]
    *_, (_, last) = filtered(logits.double(), config, ids)
    drawn = funnel(logits.numpy(), config, ids)
    assert np.array_equal(drawn.after, probabilities(last).numpy())
    assert np.array_equal(drawn.before, probabilities(logits).numpy())


def test_masses_by_hand() -> None:
    probs = np.array([0.4, 0.3, 0.2, 0.06, 0.04])
    drawn = funnel(np.log(probs), SamplingConfig(top_k=4, top_p=0.9, min_p=0.7))
    cuts = {stage.name: (stage.kept, round(stage.mass, 9), round(stage.removed, 9)) for stage in drawn.stages}
    assert cuts["top_k"] == (4, 0.96, 0.04)
    assert cuts["top_p"] == (3, 0.9, 0.06)
    assert cuts["min_p"] == (2, 0.7, 0.2)
    assert [REMOVERS[code] for code in drawn.removed_by] == ["", "", "min_p", "top_p", "top_k"]
    assert drawn.after == pytest.approx([4 / 7, 3 / 7, 0, 0, 0])


def test_mass_is_measured_after_penalty_and_temperature() -> None:
    logits = np.array([2.0, 1.0, 0.0])
    drawn = funnel(logits, SamplingConfig(temperature=2, top_k=1, repetition_penalty=4), [0])
    scaled = np.exp(np.array([0.5, 1.0, 0.0]) / 2)
    assert drawn.stages[2].mass == pytest.approx(scaled[1] / scaled.sum())
    assert drawn.after.tolist() == [0, 1, 0]


def test_all_off_is_the_model_itself(tiny_trace: Trace) -> None:
    drawn = funnel(tiny_trace.logits[3].numpy(), SamplingConfig())
    assert np.array_equal(drawn.before, drawn.after)
    assert drawn.entropy[0] == drawn.entropy[1]
    assert not any(stage.on or stage.removed for stage in drawn.stages)


def test_entropy_counts_equal_choices() -> None:
    assert entropy(torch.full((8,), 1 / 8)) == pytest.approx(math.log(8))
    assert entropy(torch.tensor([0.0, 1.0])) == 0


@pytest.mark.parametrize("scores", [[-math.inf] * 3, [0.0, math.nan], [0.0, math.inf], []])
def test_scores_that_leave_nothing_are_refused(scores: list[float]) -> None:
    with pytest.raises(ValueError, match=r"finite|logit"):
        funnel(np.array(scores, dtype=np.float32), SamplingConfig())


def test_frozen(tiny_trace: Trace) -> None:
    drawn = funnel(tiny_trace.logits[0].numpy(), SamplingConfig())
    with pytest.raises(dataclasses.FrozenInstanceError):
        drawn.entropy = (0, 0)  # type: ignore[misc]
