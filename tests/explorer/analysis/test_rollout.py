"""Rollout: shares of a whole, the block's own attention where there is one block, and Abnar & Zuidema's product."""

import numpy as np
import pytest

from explorer.analysis import rollout as module
from explorer.analysis.attention import pattern
from explorer.analysis.rollout import rollout, rollout_of
from explorer.analysis.value_sizes import value_sizes
from llm.trace import hook_name, trace
from tests.explorer.analysis.variants import ADDITIVE, IDS, POST_NORM, build


def test_rows_sum_to_one_and_see_nothing_later_on_every_wiring() -> None:
    for variant in [*ADDITIVE, *POST_NORM]:
        seen = trace(build(**variant), IDS)
        found, T = rollout(seen), len(IDS)
        assert found.shape == (3, T, T)
        np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-6)
        assert not np.triu(found, 1).any()
        np.testing.assert_allclose(found[0], (pattern(seen, 0).mean(0) + np.eye(T)) / 2, atol=1e-7)
        np.testing.assert_allclose(found[2], (pattern(seen, 2).mean(0) + np.eye(T)) / 2 @ found[1], atol=1e-6)


def test_all_queries_travel_or_the_one_in_focus(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build()
    seen = trace(model, IDS)
    every = rollout_of(seen, model, 3)
    assert every.queries == tuple(range(7))
    monkeypatch.setattr(module, "ROLLED_BYTES", 1000)
    one = rollout_of(seen, model, 3)
    assert one.queries == (3,)
    assert np.array_equal(one.rolled[0], every.rolled[3])
    assert np.array_equal(one.block[0], every.block[3])


def test_value_sizes_are_the_lengths_of_what_a_head_writes_on_every_wiring() -> None:
    for variant in [*ADDITIVE, *POST_NORM]:
        model = build(**variant)
        seen, config = trace(model, IDS), model.config
        D, found = config.d_head, value_sizes(seen, model)
        assert found.shape == (3, config.n_heads, len(IDS))
        for head in range(config.n_heads):
            v = seen.activations[hook_name("v", 1)][0, :, head // (config.n_heads // config.n_kv_heads)]
            written = v @ model.blocks[1].attn.W_O.weight[:, head * D : (head + 1) * D].T
            np.testing.assert_allclose(found[1, head], written.norm(dim=-1), rtol=1e-4)
