"""The arrays of the Home picture are the trace's own numbers, by their place."""

from typing import get_args

import numpy as np
import pytest

from explorer.analysis.forward_pass import TILE_CELLS, ForwardPass, forward_pass, left_out, row
from llm.model.config import GPTConfig, MLPKind, PositionKind
from llm.model.gpt import GPT
from llm.trace import Trace, hook_name, trace


@pytest.fixture(scope="module")
def passed(tiny_trace: Trace, tiny_model: GPT) -> ForwardPass:
    return forward_pass(tiny_trace, tiny_model)


def test_triangles_hold_every_weight_and_score(passed: ForwardPass, tiny_trace: Trace) -> None:
    for layer in range(2):
        pattern = tiny_trace.activations[hook_name("pattern", layer)][0].numpy()
        scores = tiny_trace.activations[hook_name("attn_scores", layer)][0].numpy()
        for head in range(4):
            for token in range(16):
                weights = row(passed, layer, head, token)
                np.testing.assert_array_equal(weights, pattern[head, token, : token + 1])
                score = np.log(weights) + passed.log_total[layer, head, token]
                np.testing.assert_allclose(score, scores[head, token, : token + 1], atol=1e-5)


def test_left_out_is_the_share_of_the_small_weights(passed: ForwardPass, tiny_trace: Trace) -> None:
    drawn = [tiny_trace.activations[hook_name("pattern", layer)][0, head] for layer, head in enumerate((3, 1))]
    small = sum(float(p[p < 0.1].double().sum()) for p in drawn)
    assert left_out(passed, (3, 1), 0.1) == pytest.approx(small / 32, abs=1e-6)
    assert left_out(passed, (3, 1), 0.0) == 0
    assert left_out(passed, (3, 1), 1.1) == 1


def test_the_neurons_are_those_with_the_largest_activation(passed: ForwardPass, tiny_trace: Trace) -> None:
    assert passed.post is not None
    assert passed.neurons is not None
    assert passed.pre is not None
    for layer in range(2):
        post = tiny_trace.activations[hook_name("post", layer)][0].numpy()
        pre = tiny_trace.activations[hook_name("pre", layer)][0].numpy()
        np.testing.assert_array_equal(passed.post[layer], post)
        for token in range(16):
            chosen = passed.neurons[layer, token]
            expected = np.sort(np.abs(post[token]))[::-1][: len(chosen)]
            np.testing.assert_array_equal(np.abs(post[token, chosen]), expected)
            np.testing.assert_array_equal(passed.pre[layer, token], pre[token, chosen])


def test_a_tile_keeps_the_largest_weight_of_each_square(tiny_model: GPT) -> None:
    seen = trace(tiny_model, [(5 * i) % 61 for i in range(24)])
    tiles, side = forward_pass(seen, tiny_model).tiles, -(-24 // TILE_CELLS)
    pattern = seen.activations[hook_name("pattern", 1)][0, 2].numpy()
    assert tiles.shape == (2, 4, 12, 12)
    for i in range(12):
        for j in range(12):
            square = pattern[i * side : (i + 1) * side, j * side : (j + 1) * side]
            assert tiles[1, 2, i, j] == round(float(square.max()) * 255)


@pytest.mark.parametrize("positions", get_args(PositionKind))
def test_position_is_there_where_it_is_added(positions: PositionKind) -> None:
    config = GPTConfig(
        d_vocab=61, n_ctx=8, n_layers=1, n_heads=2, n_kv_heads=1, d_model=16, d_mlp=8, positions=positions
    )
    model = GPT(config, seed=0).eval()
    added = forward_pass(trace(model, [1, 2, 3]), model).position
    assert (added is not None) == (positions in ("learned", "sinusoidal"))


@pytest.mark.parametrize("mlp", get_args(MLPKind))
def test_every_mlp(mlp: MLPKind) -> None:
    config = GPTConfig(d_vocab=61, n_ctx=8, n_layers=1, n_heads=2, n_kv_heads=2, d_model=16, d_mlp=8, mlp=mlp)
    model = GPT(config, seed=0).eval()
    found = forward_pass(trace(model, [1]), model)
    assert (found.post is None) == (found.neurons is None) == (found.pre is None) == (mlp == "none")
    assert (found.pre_linear is not None) == (mlp == "swiglu")
