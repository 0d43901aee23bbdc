"""The writes add up to the stream, and what is said of a norm is what numpy makes of what it reads."""

from typing import Any

import numpy as np
import pytest
import torch

from explorer.analysis.norms import OUTLIER, norm_at, norm_of, places, stream, streams
from llm.model.config import GPTConfig
from llm.model.norms import LayerNorm
from llm.trace import hook_name, trace
from tests.explorer.analysis.variants import ADDITIVE, IDS, POST_NORM, build, named

every_variant = pytest.mark.parametrize("variant", [*ADDITIVE, *POST_NORM], ids=named)


@pytest.mark.parametrize("variant", ADDITIVE, ids=named)
def test_what_was_written_adds_up_to_the_final_stream(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    found = stream(seen, model)
    total = seen.activations[hook_name("resid_pre", 0)][0].double()
    for place in found.places[1:]:
        total = total + seen.activations[place.write][0].double()
    torch.testing.assert_close(model.unembed(model.ln_final(total.float())), seen.logits, atol=1e-4, rtol=1e-4)
    assert found.whole is not None
    assert found.whole.max() < 1e-4
    np.testing.assert_allclose(found.along.sum(axis=0), found.length[-1], rtol=1e-5)
    np.testing.assert_allclose(found.entering[1:], found.length[:-1])


@every_variant
def test_each_addition_fits_and_obeys_the_law_of_cosines(variant: dict[str, Any]) -> None:
    model = build(**variant)
    found = stream(trace(model, IDS), model)
    added = [n for n, place in enumerate(found.places) if place.write]
    assert len(added) == 3 * (1 if model.config.mlp == "none" else 2)
    assert found.remainder[added].max() < 1e-4
    a, b, cosine = found.entering[added], found.write[added], found.cosine[added]
    np.testing.assert_allclose(found.length[added] ** 2, a**2 + b**2 + 2 * cosine * a * b, rtol=1e-4, atol=1e-5)
    silent = [n for n in range(len(found.places)) if n not in added]
    assert np.isnan(found.write[silent]).all()


@every_variant
def test_a_norm_is_what_numpy_makes_of_what_it_reads(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    found = stream(seen, model)
    for n, (place, read, _) in enumerate(streams(seen, model)):
        x = read.double().numpy()
        np.testing.assert_allclose(found.length[n], np.linalg.norm(x, axis=-1), rtol=1e-5)
        np.testing.assert_allclose(found.mean[n], x.mean(-1), atol=1e-6)
        np.testing.assert_allclose(found.variance[n], x.var(-1), rtol=1e-5)
        np.testing.assert_array_equal(found.peak_dim[n], np.abs(x).argmax(-1))
        out = np.abs(x) >= OUTLIER * np.median(np.abs(x), axis=-1, keepdims=True)
        np.testing.assert_array_equal(found.outliers[n], out.sum(-1))
        np.testing.assert_array_equal(found.outlier_tokens[n], out.sum(0))
        if not place.norm:
            assert np.isnan(found.divisor[n]).all()
            continue
        norm = norm_of(model, place)
        centred = x - x.mean(-1, keepdims=True) if isinstance(norm, LayerNorm) else x
        divisor = np.sqrt((centred**2).mean(-1) + norm.eps)
        bias = 0.0 if norm.b is None else norm.b.numpy()
        y = centred / divisor[:, None] * norm.w.numpy() + bias
        np.testing.assert_allclose(found.divisor[n], divisor, rtol=1e-5)
        np.testing.assert_allclose(found.out_mean[n], y.mean(-1), atol=1e-5)
        np.testing.assert_allclose(found.out_variance[n], y.var(-1), rtol=1e-4)
        at = norm_at(seen, model, n, 4)
        np.testing.assert_allclose(at.x, x[4], rtol=1e-6)
        np.testing.assert_allclose(at.normalized, centred[4] / divisor[4], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(at.out, y[4], rtol=1e-4, atol=1e-5)
        assert (at.bias is None) == (norm.b is None)


@every_variant
def test_every_norm_reads_one_place(variant: dict[str, Any]) -> None:
    model = build(**variant)
    norms = [name for name, module in model.named_modules() if hasattr(module, "hook_scale")]
    assert sorted(place.norm for place in places(model.config) if place.norm) == sorted(norms)
    for place, x, _ in streams(trace(model, IDS), model):
        if place.norm:
            seen = trace(model, IDS, names=[f"{place.norm}.hook_normalized"])
            normalized, _ = norm_of(model, place).normalize(x[None])
            torch.testing.assert_close(normalized, seen.activations[f"{place.norm}.hook_normalized"])


def test_the_embedding_of_a_post_norm_model_is_read_by_no_norm() -> None:
    model = build(block="post_norm")
    seen = trace(model, IDS)
    with pytest.raises(ValueError, match="No norm reads the stream at this place"):
        norm_at(seen, model, 0, 0)
    found = stream(seen, model)
    assert found.whole is None
    assert np.isnan(found.along).all()


def test_a_dimension_that_stands_out_is_counted() -> None:
    model = build()
    with torch.no_grad():
        model.embed.weight[:, 11] += 40
    found = stream(trace(model, IDS), model)
    assert (found.peak_dim[0] == 11).all()
    assert found.outlier_tokens[0, 11] == len(IDS)
    assert (found.outliers[0] >= 1).all()


def test_one_token() -> None:
    model = build()
    assert stream(trace(model, [3]), model).length.shape == (7, 1)


def test_places_of_a_config() -> None:
    names = [place.norm for place in places(GPTConfig(n_layers=2))]
    assert names == ["blocks.0.ln1", "blocks.0.ln2", "blocks.1.ln1", "blocks.1.ln2", "ln_final"]
    names = [place.norm for place in places(GPTConfig(n_layers=2, block="post_norm", mlp="none"))]
    assert names == ["", "blocks.0.ln1", "blocks.1.ln1", "ln_final"]
