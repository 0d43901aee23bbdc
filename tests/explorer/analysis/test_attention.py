"""What the attention page counts, against patterns whose answer is known and against the model itself."""

import numpy as np
import pytest
import torch

from explorer.analysis import attention
from explorer.analysis.attention import exact, pattern, scores, spread, spread_of, tiles
from explorer.analysis.head_maths import head_maths
from llm.model.gpt import GPT
from llm.model.positions import alibi_slopes
from llm.trace import Trace, hook_name, trace
from tests.explorer.analysis.variants import ADDITIVE, IDS, POST_NORM, build


def test_pattern_and_scores_are_those_of_the_hooks(tiny_trace: Trace) -> None:
    for layer in range(2):
        before, after = torch.from_numpy(scores(tiny_trace, layer)), torch.from_numpy(pattern(tiny_trace, layer))
        assert torch.equal(before.softmax(dim=-1), after)
        assert after.shape == (4, 16, 16)


def test_one_key_and_equal_weights_are_the_ends_of_entropy() -> None:
    T = 9
    queries = np.arange(1, T)
    even = spread_of(np.tril(np.ones((T, T))) / np.arange(1, T + 1)[:, None])
    assert even.evenness == pytest.approx(1.0)
    assert even.entropy == pytest.approx(np.log(queries + 1).mean())
    assert even.reach == pytest.approx((queries / 2).mean())
    previous = spread_of(np.eye(T, k=-1) + np.diag([1.0] + [0.0] * (T - 1)))
    assert (previous.entropy, previous.evenness, previous.reach) == (0.0, 0.0, 1.0)


def test_a_single_token_spreads_nothing(tiny_model: GPT) -> None:
    found = spread(trace(tiny_model, [5]))
    assert not found.entropy.any()
    assert not found.reach.any()
    assert found.entropy.shape == (2, 4)


def test_tiles_are_the_pattern_while_a_cell_is_a_token(tiny_trace: Trace) -> None:
    made = tiles(tiny_trace)
    assert made.tokens_per_cell == 1
    assert np.abs(made.cells[1] / 65_535 - pattern(tiny_trace, 1)).max() <= 0.5 / 65_535 + 1e-7
    assert not made.without_first.any()


def test_long_tiles_keep_the_largest_weight_of_a_square(tiny_trace: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "TILE_CELLS", 8)
    made, whole = tiles(tiny_trace), pattern(tiny_trace, 0)
    assert made.tokens_per_cell == 2
    assert made.cells.shape == (2, 4, 8, 8)
    squares = whole.reshape(4, 8, 2, 8, 2).max(axis=(2, 4))
    assert np.array_equal(made.cells[0], np.rint(squares * 65_535))
    assert np.array_equal(made.without_first[0], np.rint(whole[:, :, 1].reshape(4, 8, 2).max(axis=2) * 65_535))


@pytest.mark.parametrize(("n_layers", "n_heads"), [(1, 1), (4, 4), (12, 12), (48, 25)])
def test_all_tiles_fit_their_bytes(n_layers: int, n_heads: int) -> None:
    T = 300
    row = torch.full((1, n_heads, T, T), 1 / T)
    names = [hook_name("pattern", layer) for layer in range(n_layers)]
    made = tiles(Trace((), torch.zeros(T, dtype=torch.long), torch.zeros(T, 1), dict.fromkeys(names, row)))
    assert made.cells.nbytes <= attention.TILE_BYTES


def test_every_head_travels_exactly_or_the_one_in_focus(tiny_trace: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, columns = np.tril_indices(16)
    everything = exact(tiny_trace, 1, 2)
    assert len(everything.heads) == 8
    assert everything.heads[6] == (1, 2)
    for (layer, head), weights, before in zip(everything.heads, everything.pattern, everything.scores, strict=True):
        assert np.array_equal(weights, pattern(tiny_trace, layer)[head][rows, columns])
        assert np.array_equal(before, scores(tiny_trace, layer)[head][rows, columns])
    monkeypatch.setattr(attention, "EXACT_BYTES", 8 * 136 * 8 - 1)
    one = exact(tiny_trace, 1, 2)
    assert one.heads == ((1, 2),)
    assert np.array_equal(one.pattern[0], everything.pattern[6])


def test_the_matrices_of_a_head_multiply_to_its_result(tiny_model: GPT, tiny_trace: Trace) -> None:
    config, seen = tiny_model.config, np.tril(np.ones((16, 16), dtype=bool))
    for head in range(config.n_heads):
        maths = head_maths(tiny_trace, config, 1, head)
        assert maths.kv_head == head // 2
        products = maths.q @ maths.k.T / np.sqrt(config.d_head)
        assert np.allclose(products[seen], maths.scores[seen], atol=1e-5)
        assert np.isneginf(maths.scores[~seen]).all()
        assert np.allclose(maths.pattern @ maths.v, maths.z, atol=1e-5)


def test_a_score_is_the_sum_of_its_terms_on_every_wiring() -> None:
    for variant in [*ADDITIVE, *POST_NORM]:
        model = build(**variant)
        config, seen = model.config, trace(model, IDS)
        slopes = alibi_slopes(config.n_heads).numpy() if config.positions == "alibi" else np.zeros(config.n_heads)
        for head in range(config.n_heads):
            maths = head_maths(seen, config, 1, head)
            for i, j in ((6, 0), (5, 3), (0, 0)):
                terms = maths.q[i].astype(np.float64) * maths.k[j] / np.sqrt(config.d_head)
                assert terms.sum() - slopes[head] * (i - j) == pytest.approx(maths.scores[i, j], rel=1e-5, abs=1e-5)
