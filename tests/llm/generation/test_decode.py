"""The straight path is taken wherever it is known, equals the model, and steps aside for everything else."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
import torch
from torch import Tensor, nn

from llm.generation.decode import Decoder
from llm.model.config import BlockKind, GPTConfig, MLPKind, NormKind, PositionKind
from llm.model.gpt import GPT
from llm.model.hooks import capture, patch
from llm.model.kv_cache import KVCache

BASE = GPTConfig(d_vocab=53, n_ctx=16, n_layers=2, n_heads=4, n_kv_heads=4, d_model=32, d_mlp=40)
VARIANTS = {
    **{f"positions={kind}": replace(BASE, positions=kind) for kind in get_args(PositionKind)},
    **{f"norm={kind}": replace(BASE, norm=kind) for kind in get_args(NormKind)},
    **{f"block={kind}": replace(BASE, block=kind) for kind in get_args(BlockKind)},
    **{f"mlp={kind}": replace(BASE, mlp=kind) for kind in get_args(MLPKind)},
    "multi-query, biased, alibi": replace(BASE, n_kv_heads=1, bias=True, positions="alibi"),
    "grouped": replace(BASE, n_kv_heads=2),
    "attention-only, post-norm": replace(BASE, mlp="none", block="post_norm", bias=True),
}


def build(config: GPTConfig) -> GPT:
    """Weights large enough that every path moves the logits."""
    model = GPT(config, seed=1).eval()
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return model


@torch.no_grad()
def both(model: GPT, id: int = 7) -> tuple[Tensor, Tensor]:
    """Logits after a few cached ids and one more, by the decoder and by the model."""
    decoder, results = Decoder(model), []
    for read in (decoder.read, lambda ids, cache: model(torch.tensor([ids]), cache)[0, -1]):
        cache = KVCache(model.config)
        read([3, 1, 4, 1, 5], cache)
        results.append(read([id], cache))
        assert cache.length == 6
    return results[0], results[1]


@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS.keys())
def test_straight_equals_the_model_for_every_variant(config: GPTConfig) -> None:
    model = build(config)
    assert Decoder(model).straight
    straight, expected = both(model)
    assert straight.shape == (53,)
    assert torch.allclose(straight, expected, atol=1e-5)


class DoubledLinear(nn.Linear):
    """A part that no one told the decoder about."""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * super().forward(x)


def test_an_unknown_part_is_run_by_the_model() -> None:
    model = build(BASE)
    before, _ = both(model)
    doubled = DoubledLinear(32, 32, bias=False)
    attention = model.get_submodule("blocks.0.attn")
    doubled.load_state_dict(model.get_submodule("blocks.0.attn.W_Q").state_dict())
    attention.W_Q = doubled
    assert not Decoder(model).straight
    got, expected = both(model)
    assert torch.equal(got, expected)
    assert not torch.allclose(got, before, atol=1e-3)


def test_a_watched_or_edited_model_is_run_itself() -> None:
    model = build(BASE)
    with capture(model) as seen:
        got, expected = both(model)
    assert torch.equal(got, expected)
    assert seen.keys() == model.hook_points().keys()
    with patch(model, {"blocks.1.hook_resid_post": lambda x: x.flip(-1)}):
        edited, expected = both(model)
    assert torch.equal(edited, expected)
    assert not torch.allclose(edited, got, atol=1e-3)


def test_changed_weights_are_seen() -> None:
    model = build(BASE)
    decoder = Decoder(model)
    first = decoder.read([5], KVCache(BASE))
    with torch.no_grad():
        model.get_parameter("blocks.0.mlp.W_in.weight").mul_(2)
    assert not torch.allclose(decoder.read([5], KVCache(BASE)), first, atol=1e-3)


def test_logits_are_ordinary_tensors() -> None:
    logits = Decoder(build(BASE)).read([5], KVCache(BASE))
    weight = torch.ones(53, requires_grad=True)
    (logits * weight).sum().backward()
    assert weight.grad is not None
    assert torch.equal(weight.grad, logits)
