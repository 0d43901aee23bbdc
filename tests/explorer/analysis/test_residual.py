"""Lengths along the depth are those of the hooked vectors; a head's part is what the model loses without it."""

from typing import get_args

import numpy as np
import pytest
import torch

from explorer.analysis.residual import chosen_heads, lengths
from llm.model.config import BlockKind, GPTConfig
from llm.model.gpt import GPT
from llm.model.hooks import patch
from llm.trace import Trace, hook_name, trace

IDS = [5, 9, 2, 40, 9, 2, 7]


def build(block: BlockKind = "pre_norm", bias: bool = False) -> tuple[GPT, Trace]:
    config = GPTConfig(
        d_vocab=61, n_ctx=24, n_layers=2, n_heads=4, n_kv_heads=2, d_model=32, d_mlp=48, block=block, bias=bias
    )
    model = GPT(config, seed=1).eval()
    if bias:
        with torch.no_grad():
            for attention in (b.attn for b in model.blocks):
                attention.W_O.bias.normal_(generator=torch.Generator().manual_seed(0))
    return model, trace(model, IDS)


def norm(seen: Trace, short: str, layer: int) -> np.ndarray:
    return seen.activations[hook_name(short, layer)][0].norm(dim=-1).numpy()


@pytest.mark.parametrize("block", ["pre_norm", "post_norm"])
def test_lengths_are_those_of_the_hooked_vectors(block: BlockKind) -> None:
    model, seen = build(block)
    found = lengths(seen, model)
    for layer in range(2):
        for field, short in (("entering", "resid_pre"), ("mid", "resid_mid"), ("leaving", "resid_post")):
            np.testing.assert_allclose(getattr(found, field)[layer], norm(seen, short, layer), rtol=1e-6)
        np.testing.assert_allclose(found.attention[layer], norm(seen, "attn_out", layer), rtol=1e-6)
        np.testing.assert_allclose(found.mlp[layer], norm(seen, "mlp_out", layer), rtol=1e-6)


def test_a_plain_stream_leaves_a_block_as_it_enters_the_next() -> None:
    model, seen = build()
    found = lengths(seen, model)
    np.testing.assert_array_equal(found.leaving, found.entering[1:])


def test_the_last_length_is_of_what_the_final_norm_reads() -> None:
    """And what it reads gives the logits."""
    for block in get_args(BlockKind):
        model, seen = build(block)
        last = seen.activations[hook_name("resid_post", 1)]
        read = model.blocks[1].ln2(last) if block == "post_norm" else last
        found = lengths(seen, model)
        with torch.no_grad():
            np.testing.assert_allclose(model.unembed(model.ln_final(read))[0], seen.logits, atol=1e-5)
        np.testing.assert_allclose(found.entering[-1], read[0].detach().norm(dim=-1), rtol=1e-6)
        np.testing.assert_allclose(found.divisor, read[0].detach().var(-1, correction=0).add(1e-5).sqrt(), rtol=1e-5)


@pytest.mark.parametrize("bias", [False, True])
def test_a_head_adds_what_is_missing_without_it(bias: bool) -> None:
    model, seen = build(bias=bias)
    found = lengths(seen, model).heads
    for head in range(4):

        def silence(z: torch.Tensor, head: int = head) -> torch.Tensor:
            z = z.clone()
            z[:, :, head] = 0
            return z

        with patch(model, {hook_name("z", 0): silence}):
            without = trace(model, IDS)
        missing = seen.activations[hook_name("attn_out", 0)] - without.activations[hook_name("attn_out", 0)]
        np.testing.assert_allclose(found[0, head], missing[0].norm(dim=-1), rtol=1e-4, atol=1e-6)


def test_each_layer_has_a_head_the_one_in_focus_or_the_one_that_adds_most() -> None:
    model, seen = build()
    heads = lengths(seen, model).heads
    for token in range(len(IDS)):
        chosen = chosen_heads(heads, layer=0, head=2, token=token)
        assert chosen[0] == 2
        assert heads[1, chosen[1], token] == heads[1, :, token].max()
