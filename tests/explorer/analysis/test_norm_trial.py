"""A second pass without a norm: what is not changed changes nothing, and what is changed is what it says."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.analysis import norm_trial as module
from explorer.analysis.norm_trial import LISTED, changed, every_norm, norm_trial
from explorer.analysis.norms import places, stream
from llm.model.gpt import GPT
from llm.trace import trace
from tests.explorer.analysis.variants import ADDITIVE, IDS, POST_NORM, build, named

every_variant = pytest.mark.parametrize("variant", [*ADDITIVE, *POST_NORM], ids=named)


def by_hand(model: GPT, name: str, monkeypatch: pytest.MonkeyPatch) -> Tensor:
    """Logits (T, V) of the model in which this norm neither centres nor divides."""
    norm = model.get_submodule(name)
    monkeypatch.setattr(norm, "normalize", lambda x: (x, torch.ones_like(x[..., :1])))
    with torch.no_grad():
        logits = model(torch.tensor([IDS]))[0]
    monkeypatch.undo()
    return logits


@every_variant
def test_a_bypassed_norm_only_scales_and_shifts(variant: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    for n, place in enumerate(places(model.config)):
        if not place.norm:
            continue
        expected = by_hand(model, place.norm, monkeypatch).softmax(-1)
        found = norm_trial(seen, model, n, "bypass")
        answer = torch.from_numpy(found.answer).long()
        np.testing.assert_array_equal(found.answer, seen.logits.argmax(-1))
        np.testing.assert_allclose(found.before, seen.logits.softmax(-1).amax(-1), rtol=1e-4)
        np.testing.assert_allclose(found.after, expected.gather(-1, answer[:, None])[:, 0], rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(found.top_prob[1], expected.topk(LISTED).values, rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(found.length[: n + 1], stream(seen, model).length[: n + 1], rtol=1e-4)


@every_variant
def test_a_token_divided_by_its_own_divisor_stays(variant: dict[str, Any]) -> None:
    """Frozen at one token, a text of that token alone is as it was; so is the first token of any text, in any model."""
    model = build(**variant)
    one, text = trace(model, IDS[:1]), trace(model, IDS)
    for n, place in enumerate(places(model.config)):
        if place.norm:
            for how in ("mean", "token"):
                same = norm_trial(one, model, n, how)
                np.testing.assert_allclose(same.kl, 0, atol=1e-6)
                np.testing.assert_allclose(same.before, same.after, rtol=1e-4)
            np.testing.assert_allclose(norm_trial(text, model, n, "token", 0).kl[0], 0, atol=1e-6)


@every_variant
def test_a_norm_is_itself_again_afterwards(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    for n, place in enumerate(places(model.config)):
        if place.norm:
            with changed(seen, model, n, "bypass"):
                assert not torch.equal(trace(model, IDS).logits, seen.logits)
            assert torch.equal(trace(model, IDS).logits, seen.logits)


def test_bypassing_a_norm_that_does_nothing_changes_nothing() -> None:
    """A stream of mean 0 and variance 1 is what a LayerNorm would make of it."""
    model = build(positions="none", norm_eps=1e-12)
    with torch.no_grad():
        rows = model.embed.weight - model.embed.weight.mean(-1, keepdim=True)
        model.embed.weight.copy_(rows / rows.var(-1, correction=0, keepdim=True).sqrt())
    found = norm_trial(trace(model, IDS), model, 0, "bypass")
    np.testing.assert_allclose(found.kl, 0, atol=1e-6)
    np.testing.assert_allclose(found.before, found.after, rtol=1e-3)


def test_frozen_at_the_mean_every_token_has_that_divisor() -> None:
    model = build()
    seen = trace(model, IDS)
    n, name = 3, places(model.config)[3].norm
    scales = seen.activations[f"{name}.hook_scale"]
    with changed(seen, model, n, "mean") as divisor:
        again = trace(model, IDS)
    assert divisor == pytest.approx(float(scales.mean()))
    torch.testing.assert_close(again.activations[f"{name}.hook_scale"], torch.full_like(scales, float(divisor or 0)))
    torch.testing.assert_close(
        again.activations[f"{name}.hook_normalized"],
        seen.activations[f"{name}.hook_normalized"] * scales / scales.mean(),
    )
    with changed(seen, model, n, "token", 4) as divisor:
        assert divisor == pytest.approx(float(scales[0, 4, 0]))


@every_variant
def test_every_norm_in_turn_is_each_of_them(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    each = every_norm(seen, model)
    assert each is not None
    for n, place in enumerate(places(model.config)):
        if place.norm:
            np.testing.assert_allclose(each[n], norm_trial(seen, model, n, "bypass").after, rtol=1e-4, atol=1e-6)
        else:
            assert np.isnan(each[n]).all()


def test_a_long_text_is_not_run_without_every_norm(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build()
    monkeypatch.setattr(module, "QUICK", 7 * 7 * model.n_params - 1)
    assert every_norm(trace(model, IDS), model) is None


def test_losses_are_of_the_text_itself() -> None:
    model = build()
    seen = trace(model, IDS)
    found = norm_trial(seen, model, 2, "bypass")
    assert found.loss is not None
    expected = torch.nn.functional.cross_entropy(seen.logits[:-1].double(), seen.ids[1:])
    assert found.loss[0] == pytest.approx(float(expected))
    assert norm_trial(trace(model, [3]), model, 2, "bypass").loss is None


def test_what_is_not_there_is_refused() -> None:
    model = build(block="post_norm")
    seen = trace(model, IDS)
    with pytest.raises(ValueError, match="No norm reads"):
        norm_trial(seen, model, 0, "bypass")
    with pytest.raises(ValueError, match="Expected a place from 0 to 7, got 8"):
        norm_trial(seen, model, 8, "bypass")
    with pytest.raises(ValueError, match="Expected a token from 0 to 6, got 7"):
        norm_trial(seen, model, 1, "token", 7)
