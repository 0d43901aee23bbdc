"""Identities that hold for every variant, each axis alone."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
import torch

from llm.model.config import BlockKind, GPTConfig, MLPKind, NormKind, PositionKind
from llm.model.gpt import GPT
from llm.model.kv_cache import KVCache
from llm.model.size import size
from llm.trace import hook_name, trace

BASE = GPTConfig(d_vocab=53, n_ctx=20, n_layers=2, n_heads=4, n_kv_heads=4, d_model=32, d_mlp=40)
VARIANTS = {
    **{f"positions={kind}": replace(BASE, positions=kind) for kind in get_args(PositionKind)},
    **{f"norm={kind}": replace(BASE, norm=kind) for kind in get_args(NormKind)},
    **{f"block={kind}": replace(BASE, block=kind) for kind in get_args(BlockKind)},
    **{f"mlp={kind}": replace(BASE, mlp=kind) for kind in get_args(MLPKind)},
    "grouped": replace(BASE, n_kv_heads=2),
    "multi-query": replace(BASE, n_kv_heads=1),
    "untied": replace(BASE, tied=False),
    "biased": replace(BASE, bias=True),
    "gpt2": replace(BASE, positions="learned", mlp="gelu_tanh", bias=True),
    "llama": replace(BASE, norm="rmsnorm", mlp="swiglu", n_kv_heads=2, tied=False),
    "original transformer": replace(BASE, positions="sinusoidal", block="post_norm", mlp="relu", bias=True),
    "attention-only, post-norm": replace(BASE, mlp="none", block="post_norm", bias=True),
}
IDS = [(5 * i * i + 1) % 53 for i in range(20)]

each_variant = pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS.keys())


def build(config: GPTConfig) -> GPT:
    """Weights large enough that every path moves the logits."""
    model = GPT(config, seed=1).eval()
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return model


@each_variant
def test_later_tokens_change_nothing_earlier(config: GPTConfig) -> None:
    model = build(config)
    changed = [*IDS[:12], *((i + 1) % 53 for i in IDS[12:])]
    before, after = trace(model, IDS).logits, trace(model, changed).logits
    assert torch.allclose(before[:12], after[:12], atol=1e-5)
    assert not torch.allclose(before[12:], after[12:], atol=1e-2)


@each_variant
def test_pattern_rows_are_distributions_over_the_past(config: GPTConfig) -> None:
    seen = trace(build(config), IDS).activations
    for layer in range(config.n_layers):
        pattern, scores = (seen[hook_name(kind, layer)][0] for kind in ("pattern", "attn_scores"))
        assert torch.allclose(pattern.sum(-1), torch.ones(4, 20), atol=1e-5)
        assert torch.equal(pattern, pattern.tril())
        assert torch.equal(scores.isinf(), torch.ones(20, 20).triu(1).bool().expand(4, 20, 20))


@each_variant
def test_stream_is_the_sum_of_what_was_written(config: GPTConfig) -> None:
    model = build(config)
    seen = trace(model, IDS).activations
    for layer in range(config.n_layers):
        at = {k: seen[hook_name(k, layer)] for k in ("resid_pre", "attn_out", "resid_mid", "mlp_out", "resid_post")}
        assert torch.equal(at["resid_mid"], at["resid_pre"] + at["attn_out"])
        block = model.blocks[layer]
        middle = at["resid_mid"] if config.block == "pre_norm" else block.ln1(at["resid_mid"])
        assert torch.equal(at["resid_post"], middle + at["mlp_out"])
        if layer + 1 < config.n_layers:
            after = at["resid_post"] if config.block == "pre_norm" else block.ln2(at["resid_post"])
            assert torch.equal(seen[hook_name("resid_pre", layer + 1)], after)


@each_variant
def test_norm_scale_and_normalized_agree(config: GPTConfig) -> None:
    model = build(config)
    seen = trace(model, IDS).activations
    x = seen[hook_name("resid_post", config.n_layers - 1)]
    if config.block == "post_norm":
        x = model.blocks[-1].ln2(x)
    if config.norm == "layernorm":
        x = x - x.mean(-1, keepdim=True)
    scale, normalized = seen[hook_name("ln_final.scale")], seen[hook_name("ln_final.normalized")]
    assert scale.shape == (1, 20, 1)
    assert torch.allclose(normalized * scale, x, atol=1e-4)
    assert torch.allclose(normalized.pow(2).mean(-1), torch.ones(1, 20), atol=1e-3)


@each_variant
def test_cached_equals_uncached(config: GPTConfig) -> None:
    model = build(config)
    ids = torch.tensor([IDS])
    cache = KVCache(config)
    with torch.no_grad():
        whole = model(ids)
        parts = [model(ids[:, :7], cache)]
        parts += [model(ids[:, i : i + 1], cache) for i in range(7, 13)]
        parts += [model(ids[:, 13:], cache)]
        cache.truncate(9)
        again = model(ids[:, 9:], cache, last_only=True)
    assert torch.allclose(torch.cat(parts, dim=1), whole, atol=1e-4)
    assert torch.allclose(again, whole[:, -1:], atol=1e-4)


@each_variant
def test_size_counts_what_is_built(config: GPTConfig) -> None:
    model = build(config)
    seen = trace(model, IDS)
    counted = size(config)
    assert counted.parameters == model.n_params
    assert counted.trace_bytes == seen.logits.nbytes + sum(t.nbytes for t in seen.activations.values())
    cache = KVCache(config)
    assert counted.kv_bytes == sum(layer.keys.nbytes + layer.values.nbytes for layer in cache.layers)


@each_variant
def test_every_parameter_learns(config: GPTConfig) -> None:
    model = build(config).train()
    model(torch.tensor([IDS])).logsumexp(-1).sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        # A key bias shifts a whole row of scores, which softmax ignores.
        if not name.endswith("W_K.bias"):
            assert parameter.grad.abs().max() > 0, name


def test_flops_are_two_per_weight_and_attended_pair() -> None:
    config = GPTConfig(d_vocab=11, n_ctx=1, n_layers=1, n_heads=1, n_kv_heads=1, d_model=3, d_mlp=5, positions="none")
    weights = 4 * 3 * 3 + 2 * 3 * 5 + 11 * 3  # attention, MLP, unembedding
    pairs = 2 * 3  # q·k and weight·v of a token with itself
    assert size(config).flops_per_token == 2 * (weights + pairs)


def test_same_seed_same_weights() -> None:
    first, second, other = GPT(BASE, seed=4), GPT(BASE, seed=4), GPT(BASE, seed=5)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    assert not torch.equal(first.embed.weight, other.embed.weight)


def test_initial_scale_follows_gpt2() -> None:
    model = GPT(replace(BASE, d_model=256, d_mlp=1024, n_layers=8), seed=0)
    assert model.embed.weight.std().item() == pytest.approx(0.02, rel=0.05)
    assert model.get_parameter("blocks.3.mlp.W_out.weight").std().item() == pytest.approx(0.02 / 16**0.5, rel=0.05)


@pytest.mark.parametrize("n_tokens", [0, 21])
def test_wrong_length_is_said(n_tokens: int) -> None:
    with pytest.raises(ValueError, match=f"Expected 1 to 20 tokens .* got {n_tokens}"):
        build(BASE)(torch.zeros(1, n_tokens, dtype=torch.long))


def test_dropout_only_while_training() -> None:
    model = GPT(replace(BASE, dropout=0.5), seed=0)
    ids = torch.tensor([IDS])
    assert not torch.equal(model(ids), model(ids))
    model.eval()
    assert torch.equal(model(ids), model(ids))
