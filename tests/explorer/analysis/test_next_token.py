"""Next-token lists: true probabilities, and nothing is lost between the list and the others."""

import numpy as np
import pytest

from explorer.analysis import next_token
from explorer.analysis.next_token import next_tokens
from llm.trace import Trace


@pytest.mark.parametrize("rows", [5, 128])
def test_list_and_rest_are_the_whole_distribution(
    tiny_trace: Trace, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(next_token, "_ROWS", rows)
    found, whole = next_tokens(tiny_trace, 8), tiny_trace.logits.double().softmax(-1).numpy()
    at = np.arange(len(whole))[:, None]
    np.testing.assert_allclose(found.probs, whole[at, found.ids], rtol=1e-12)
    np.testing.assert_allclose(found.probs, -np.sort(-whole, axis=-1)[:, :8], rtol=1e-12)
    np.testing.assert_allclose(found.probs.sum(-1) + found.rest, 1.0, rtol=1e-12)
    assert found.n_rest == whole.shape[-1] - 8
    np.testing.assert_allclose(np.exp(tiny_trace.logits.numpy()[at, found.ids] - found.log_total[:, None]), found.probs)


def test_the_token_that_came_and_its_place(tiny_trace: Trace) -> None:
    found, whole = next_tokens(tiny_trace, 8), tiny_trace.logits.double().softmax(-1).numpy()
    ids = tiny_trace.ids.numpy()
    assert len(found.told) == len(found.told_rank) == len(ids) - 1
    for t in range(len(ids) - 1):
        assert found.told[t] == pytest.approx(whole[t, ids[t + 1]])
        assert found.told_rank[t] == 1 + (whole[t] > whole[t, ids[t + 1]]).sum()


def test_a_list_longer_than_the_vocabulary_leaves_nothing_out(tiny_trace: Trace) -> None:
    found = next_tokens(tiny_trace, 1000)
    assert found.n_rest == 0
    assert found.ids.shape == tuple(tiny_trace.logits.shape)
    np.testing.assert_array_equal(found.rest, 0)
