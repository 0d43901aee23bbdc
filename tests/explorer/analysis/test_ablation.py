"""Taking a head out: the same as a model that never had it, and nothing of it stays behind."""

import copy

import numpy as np
import pytest
import torch

from explorer.analysis import ablation
from explorer.analysis.ablation import every_head, head_effect, loss_change, without_head
from llm.model.gpt import GPT
from llm.trace import Trace, trace


@pytest.mark.parametrize(("layer", "head"), [(0, 0), (0, 3), (1, 1)])
def test_equals_a_model_whose_output_map_ignores_the_head(
    tiny_model: GPT, tiny_trace: Trace, layer: int, head: int
) -> None:
    changed, D = copy.deepcopy(tiny_model), tiny_model.config.d_head
    with torch.no_grad():
        changed.blocks[layer].attn.W_O.weight[:, head * D : (head + 1) * D] = 0
        expected = changed(tiny_trace.ids[None])[0]
    torch.testing.assert_close(without_head(tiny_model, tiny_trace.ids, layer, head), expected)


def test_the_model_is_whole_again_afterwards(tiny_model: GPT, tiny_trace: Trace) -> None:
    assert not torch.equal(without_head(tiny_model, tiny_trace.ids, 0, 0), tiny_trace.logits)
    torch.testing.assert_close(trace(tiny_model, tiny_trace.ids.tolist()).logits, tiny_trace.logits, rtol=0, atol=0)


def test_effect_reads_both_distributions(tiny_model: GPT, tiny_trace: Trace) -> None:
    effect = head_effect(tiny_trace, tiny_model, 1, 2)
    whole = tiny_trace.logits.double().softmax(-1).numpy()
    left = without_head(tiny_model, tiny_trace.ids, 1, 2).double().softmax(-1).numpy()
    rows = np.arange(len(whole))
    np.testing.assert_array_equal(effect.token, whole.argmax(-1))
    np.testing.assert_allclose(effect.before, whole.max(-1))
    np.testing.assert_allclose(effect.after, left[rows, whole.argmax(-1)])
    np.testing.assert_array_equal(effect.instead, left.argmax(-1))
    np.testing.assert_allclose(effect.instead_after, left.max(-1))


def test_loss_change_is_the_difference_of_two_true_passes(tiny_model: GPT, tiny_trace: Trace) -> None:
    changes = [loss_change(tiny_trace, tiny_model, layer, head) for layer in range(2) for head in range(4)]
    assert all(change is not None and abs(change) > 1e-6 for change in changes)
    assert len(set(changes)) == 8
    assert loss_change(trace(tiny_model, [3]), tiny_model, 0, 0) is None


def test_losing_a_head_that_writes_nothing_costs_nothing(tiny_model: GPT) -> None:
    model = GPT(tiny_model.config, seed=1).eval()
    D = model.config.d_head
    with torch.no_grad():
        model.blocks[1].attn.W_O.weight[:, 2 * D : 3 * D] = 0
    seen = trace(model, range(12))
    assert loss_change(seen, model, 1, 2) == pytest.approx(0.0, abs=1e-6)
    assert loss_change(seen, model, 1, 1) != pytest.approx(0.0, abs=1e-6)


def test_a_head_that_is_not_there(tiny_model: GPT, tiny_trace: Trace) -> None:
    with pytest.raises(ValueError, match="Expected a head from 0 to 3, got 4"):
        without_head(tiny_model, tiny_trace.ids, 0, 4)
    with pytest.raises(KeyError):
        without_head(tiny_model, tiny_trace.ids, 9, 0)


def test_every_head_in_turn_is_each_head_alone(tiny_model: GPT, tiny_trace: Trace) -> None:
    found = every_head(tiny_trace, tiny_model)
    assert found is not None
    assert found.shape == (2, 4, 16)
    for layer in range(2):
        for head in range(4):
            expected = head_effect(tiny_trace, tiny_model, layer, head).after
            np.testing.assert_allclose(found[layer, head], expected, rtol=1e-4, atol=1e-7)


def test_a_long_text_is_not_taken_apart(tiny_model: GPT, tiny_trace: Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ablation, "ALL_HEADS", 2 * 4 * 16 - 1)
    assert every_head(tiny_trace, tiny_model) is None
