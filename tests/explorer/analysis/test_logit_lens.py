"""What the lens reads at a depth is what a model cut off there says; at the last one it is what the model says."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical, kl_divergence

from explorer.analysis.logit_lens import LISTED, logit_lens, streams
from llm.model.gpt import GPT
from llm.model.hooks import patch
from llm.trace import hook_name, trace
from tests.explorer.analysis.variants import ADDITIVE, IDS, POST_NORM, build, named

every_variant = pytest.mark.parametrize("variant", [*ADDITIVE, *POST_NORM], ids=named)


def cut_off(model: GPT, after: str, layer: int) -> Tensor:
    """Logits (T, V) of the model without what comes later: whole blocks left out, and the MLP of the last silenced."""
    short = copy.deepcopy(model)
    short.blocks = torch.nn.ModuleList(short.blocks[: 0 if after == "embedding" else layer + 1])  # type: ignore[assignment]
    silenced = {hook_name("mlp_out", layer): torch.zeros_like} if after == "attention" else {}
    with torch.no_grad(), patch(short, silenced):
        return short(torch.tensor([IDS]))[0]


@pytest.mark.parametrize("variant", ADDITIVE, ids=named)
def test_a_depth_is_what_the_model_says_that_ends_there(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    lens = logit_lens(seen, model, picked=17)
    assert len(lens.depths) == 1 + (1 if model.config.mlp == "none" else 2) * 3
    for n, depth in enumerate(lens.depths):
        logits = cut_off(model, depth.after, depth.layer)
        said, end = Categorical(logits=logits), Categorical(logits=seen.logits)
        most = said.probs.topk(LISTED, dim=-1)
        np.testing.assert_array_equal(lens.top[n, :, 0], most.indices[:, 0])
        np.testing.assert_allclose(lens.top_prob[n], most.values, rtol=1e-4, atol=1e-7)
        np.testing.assert_allclose(lens.entropy[n], said.entropy(), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(lens.kl[n], kl_divergence(end, said), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(lens.log_prob[2, n], said.logits[:, 17], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(lens.log_total[n], logits.logsumexp(-1), rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(lens.rank[2, n], 1 + (logits > logits[:, 17:18]).sum(-1))


@every_variant
def test_the_last_depth_is_the_output(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    *_, (_, last) = streams(seen, model)
    torch.testing.assert_close(model.unembed(model.ln_final(last)), seen.logits, atol=1e-5, rtol=1e-5)
    lens = logit_lens(seen, model)
    np.testing.assert_array_equal(lens.top[-1, :, 0], seen.logits.argmax(-1))
    np.testing.assert_allclose(lens.kl[-1], 0, atol=1e-5)
    np.testing.assert_array_equal(lens.rank[0, -1], 1)


@pytest.mark.parametrize("variant", POST_NORM, ids=named)
def test_a_post_norm_stream_is_read_after_its_norm(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    for depth, x in streams(seen, model):
        if depth.layer < 2 and depth.after == ("attention" if model.config.mlp == "none" else "mlp"):
            torch.testing.assert_close(x, seen.activations[hook_name("resid_pre", depth.layer + 1)][0])


@every_variant
def test_whole_blocks_alone_are_the_same_numbers(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    whole, every = logit_lens(seen, model, every_step=False), logit_lens(seen, model)
    assert len(whole.depths) == 4
    assert not whole.halves
    assert every.halves == (model.config.mlp != "none")
    same = [every.depths.index(depth) for depth in whole.depths]
    np.testing.assert_array_equal(whole.entropy, every.entropy[same])
    np.testing.assert_array_equal(whole.rank, every.rank[:, same])


def test_what_is_followed() -> None:
    model = build()
    seen = trace(model, IDS)
    lens = logit_lens(seen, model, picked=17)
    np.testing.assert_array_equal(lens.answers[0], seen.logits.argmax(-1))
    np.testing.assert_array_equal(lens.answers[1], [*IDS[1:], -1])
    np.testing.assert_array_equal(lens.answers[2], 17)
    assert np.isnan(lens.log_prob[1, :, -1]).all()
    assert not lens.rank[1, :, -1].any()
    assert np.isfinite(lens.log_prob[1, :, :-1]).all()
    assert len(logit_lens(seen, model).answers) == 2


def test_the_depth_from_which_an_answer_stays() -> None:
    model = build()
    lens = logit_lens(trace(model, IDS), model)
    for at in range(len(IDS)):
        first = lens.first_to_stay(0, at)
        assert first is not None
        right = lens.top[:, at, 0] == lens.answers[0, at]
        assert right[first:].all()
        assert first == 0 or not right[first - 1]
    assert lens.first_to_stay(1, len(IDS) - 1) is None


def test_long_texts_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build()
    seen = trace(model, IDS)
    whole = logit_lens(seen, model)
    V = model.config.d_vocab
    monkeypatch.setattr("explorer.analysis.logit_lens._HELD", 5 * 6 * V)
    monkeypatch.setattr("explorer.analysis.logit_lens._READ", 3 * V)
    monkeypatch.setattr("explorer.analysis.logit_lens._COLUMNS", 7)
    pieces = logit_lens(seen, model)
    for name in ("top", "rank", "answers"):
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name))
    for name in ("log_prob", "entropy", "kl", "log_total", "top_prob"):
        assert getattr(pieces, name).shape == getattr(whole, name).shape
        np.testing.assert_allclose(getattr(pieces, name), getattr(whole, name), rtol=1e-5, atol=1e-6)


def test_one_token_and_a_token_outside_the_vocabulary() -> None:
    model = build()
    seen = trace(model, [3])
    assert logit_lens(seen, model).top.shape == (7, 1, LISTED)
    with pytest.raises(ValueError, match="Expected a token from 0 to 60, got 61"):
        logit_lens(seen, model, picked=61)
