"""Silent heads: nothing silent changes nothing, and a silent head is one that gives nothing, or its mean."""

import numpy as np
import pytest
import torch

from explorer.analysis.ablation import without_head
from explorer.analysis.silencing import silenced_losses, silent, token_losses, usual_results
from llm.model.gpt import GPT

IDS = torch.tensor([[1, 5, 9, 2, 5, 9, 2, 7], [3, 3, 8, 4, 4, 8, 1, 0]])
TARGETS = IDS.roll(-1, dims=1)


def test_no_head_silent_changes_nothing(tiny_model: GPT) -> None:
    whole = token_losses(tiny_model, IDS, TARGETS).numpy()
    np.testing.assert_array_equal(silenced_losses(tiny_model, IDS, TARGETS, [()])[0], whole)
    with silent(tiny_model, ()):
        assert torch.equal(token_losses(tiny_model, IDS, TARGETS), torch.from_numpy(whole))


def test_a_head_set_to_zero_is_the_head_taken_out(tiny_model: GPT) -> None:
    with silent(tiny_model, [(1, 2)]), torch.no_grad():
        logits = tiny_model(IDS[:1])[0]
    torch.testing.assert_close(logits, without_head(tiny_model, IDS[0], 1, 2))


def test_sets_in_two_layers_at_once(tiny_model: GPT) -> None:
    both, one, other = silenced_losses(tiny_model, IDS, TARGETS, [[(0, 1), (1, 2)], [(0, 1)], [(1, 2)]])
    assert not np.allclose(both, one)
    assert not np.allclose(both, other)
    with silent(tiny_model, [(0, 1)]):
        np.testing.assert_array_equal(silenced_losses(tiny_model, IDS, TARGETS, [[(1, 2)]])[0], both)


def test_the_mean_of_a_single_text_is_itself(tiny_model: GPT) -> None:
    one, target = IDS[:1], TARGETS[:1]
    usual = usual_results(tiny_model, one)
    assert usual.shape == (2, 8, 4, 8)
    whole = token_losses(tiny_model, one, target).numpy()
    np.testing.assert_allclose(silenced_losses(tiny_model, one, target, [[(0, 1)]], usual)[0], whole, atol=1e-5)


def test_means_of_longer_rows_serve_a_shorter_text(tiny_model: GPT) -> None:
    usual = usual_results(tiny_model, IDS)
    assert silenced_losses(tiny_model, IDS[:1, :3], TARGETS[:1, :3], [[(0, 0)]], usual).shape == (1, 1, 3)
    with pytest.raises(RuntimeError):
        silenced_losses(tiny_model, IDS, TARGETS, [[(0, 0)]], usual[:, :3])
