"""A row of a pattern by hand: the same to the bit where nothing is written, a true second pass where something is."""

import numpy as np
import pytest
import torch

from explorer.analysis.attention import pattern
from explorer.analysis.edited_row import edited_row, written_row
from llm.model.hooks import patch
from llm.trace import hook_name, trace
from tests.explorer.analysis.variants import ADDITIVE, IDS, POST_NORM, build, named

QUERY = 4


@pytest.mark.parametrize("variant", [*ADDITIVE, *POST_NORM], ids=named)
def test_an_unedited_row_changes_nothing_to_the_bit(variant: dict[str, object]) -> None:
    model = build(**variant)
    seen, head = trace(model, IDS), model.config.n_heads - 1
    same = edited_row(seen, model, 1, head, QUERY, (), "one")
    assert np.array_equal(same.row, same.written)
    assert np.array_equal(same.logit[0], same.logit[1])
    assert not same.kl.any()
    moved = edited_row(seen, model, 1, head, QUERY, ((0, 0.9),), "one")
    assert moved.written.sum() == pytest.approx(1)
    assert moved.written[0] == np.float32(0.9)
    assert not moved.kl[:QUERY].any(), "tokens before the query cannot know of it"
    assert moved.kl[QUERY] > 0


def test_the_second_pass_is_the_patched_model() -> None:
    model = build()
    seen = trace(model, IDS)
    found = edited_row(seen, model, 0, 2, QUERY, ((1, 0.5), (3, 0.25)), "free")
    row = pattern(seen, 0)[2, QUERY, : QUERY + 1].copy()
    row[[1, 3]] = 0.5, 0.25

    def put(x: torch.Tensor) -> torch.Tensor:
        x = x.clone()
        x[0, 2, QUERY, : QUERY + 1] = torch.from_numpy(row)
        return x

    with patch(model, {hook_name("pattern", 0): put}):
        expected = trace(model, IDS).logits[QUERY]
    np.testing.assert_array_equal(found.logit[1], expected[found.ids])
    np.testing.assert_allclose(found.prob[1], expected.softmax(-1)[found.ids], atol=1e-6)
    assert found.answer[1] == int(expected.argmax())


def test_interventions_in_force_stay_in_force() -> None:
    model = build()

    def off(z: torch.Tensor) -> torch.Tensor:
        z = z.clone()
        z[..., 0, :] = 0
        return z

    with patch(model, {hook_name("z", 0): off}):
        seen = trace(model, IDS)
        same = edited_row(seen, model, 1, 1, QUERY, (), "one")
    assert np.array_equal(same.logit[0], same.logit[1])
    assert not torch.equal(seen.logits, trace(model, IDS).logits)


def test_the_others_share_the_rest() -> None:
    row = np.array([0.5, 0.3, 0.2], dtype=np.float32)
    np.testing.assert_allclose(written_row(row, {0: 0.0}, "one"), [0, 0.6, 0.4], atol=1e-7)
    np.testing.assert_allclose(written_row(row, {0: 0.75}, "one"), [0.75, 0.15, 0.1], atol=1e-7)
    np.testing.assert_allclose(written_row(row, {0: 0.9, 2: 0.9}, "one"), [0.5, 0, 0.5], atol=1e-7)
    np.testing.assert_allclose(written_row(row, {0: 0.9}, "free"), [0.9, 0.3, 0.2], atol=1e-7)
    np.testing.assert_allclose(written_row(row, {0: 0.2, 1: 0.2, 2: 0.4}, "one"), [0.25, 0.25, 0.5], atol=1e-7)
    assert not written_row(row, {0: 0.0, 1: 0.0, 2: 0.0}, "free").any()


@pytest.mark.parametrize(
    ("edits", "words"),
    [({3: 0.5}, "a key from 0 to 2"), ({0: 1.5}, "a weight from 0 to 1"), ({0: 0, 1: 0, 2: 0}, "zeros alone")],
)
def test_what_cannot_be_is_said(edits: dict[int, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        written_row(np.array([0.5, 0.3, 0.2], dtype=np.float32), edits, "one")
