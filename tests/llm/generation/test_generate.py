"""Generation with its cache equals plain forward passes, whatever the variant, and every token explains itself."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, get_args

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel

from llm.generation.filters import SamplingConfig, filtered, probabilities
from llm.generation.generate import GeneratedToken, choose, generate
from llm.hf import model_from_hf
from llm.model.config import BlockKind, GPTConfig, MLPKind, NormKind, PositionKind
from llm.model.gpt import GPT
from llm.model.hooks import patch
from llm.trace import hook_name, trace

BASE = GPTConfig(d_vocab=53, n_ctx=16, n_layers=2, n_heads=4, n_kv_heads=4, d_model=32, d_mlp=40)
VARIANTS = {
    **{f"positions={kind}": replace(BASE, positions=kind) for kind in get_args(PositionKind)},
    **{f"norm={kind}": replace(BASE, norm=kind) for kind in get_args(NormKind)},
    **{f"block={kind}": replace(BASE, block=kind) for kind in get_args(BlockKind)},
    **{f"mlp={kind}": replace(BASE, mlp=kind) for kind in get_args(MLPKind)},
    "multi-query, biased": replace(BASE, n_kv_heads=1, bias=True),
    "llama": replace(BASE, norm="rmsnorm", mlp="swiglu", n_kv_heads=2, tied=False),
    "original transformer": replace(BASE, positions="sinusoidal", block="post_norm", mlp="relu", bias=True),
}
GREEDY = SamplingConfig(temperature=0)
ALL_FILTERS = SamplingConfig(temperature=0.8, top_k=20, top_p=0.9, min_p=0.01, repetition_penalty=1.2)
PROMPT = [3, 1, 4, 1, 5]


def build(config: GPTConfig) -> GPT:
    """Weights large enough that every path moves the logits."""
    model = GPT(config, seed=1).eval()
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn(parameter.shape, generator=generator))
    return model


def uncached(model: GPT, ids: Sequence[int], config: SamplingConfig, n: int, seed: int) -> list[tuple[int, Tensor]]:
    """The same by a whole forward pass per token; half the context is forgotten whenever it is full."""
    text, generator, start = list(ids), torch.Generator().manual_seed(seed), 0
    chosen: list[tuple[int, Tensor]] = []
    for _ in range(n):
        if len(text) - start > model.config.n_ctx:
            start = len(text) - (model.config.n_ctx + 1) // 2
        logits = trace(model, text[start:]).logits[-1]
        chosen.append((choose(logits, config, text[start:], generator), logits))
        text.append(chosen[-1][0])
    return chosen


@pytest.mark.parametrize("sampling", [GREEDY, ALL_FILTERS], ids=["greedy", "filtered"])
@pytest.mark.parametrize("config", VARIANTS.values(), ids=VARIANTS.keys())
def test_cache_changes_no_token_and_no_logit(config: GPTConfig, sampling: SamplingConfig) -> None:
    model = build(config)
    got = list(generate(model, PROMPT, sampling, 40, seed=7))
    expected = uncached(model, PROMPT, sampling, 40, seed=7)
    assert [token.id for token in got] == [id for id, _ in expected]
    assert all(torch.allclose(t.logits, logits, atol=1e-4) for t, (_, logits) in zip(got, expected, strict=True))
    assert sampling.greedy or len({token.id for token in got}) > 5


def test_greedy_is_the_argmax_of_the_plain_forward_pass(tiny_model: GPT) -> None:
    text = list(PROMPT)
    for token in generate(tiny_model, PROMPT, GREEDY, 15, seed=0):
        with torch.no_grad():
            assert token.id == int(tiny_model(torch.tensor([text]))[0, -1].argmax())
        text.append(token.id)


def test_greedy_equals_transformers() -> None:
    torch.manual_seed(0)
    values: dict[str, Any] = {"vocab_size": 61, "n_positions": 40, "n_embd": 32, "n_layer": 2, "n_head": 4}
    hf = GPT2LMHeadModel(GPT2Config(**values, initializer_range=0.3, bos_token_id=0, eos_token_id=None)).eval()
    with torch.no_grad():
        theirs = hf.generate(torch.tensor([PROMPT]), max_new_tokens=35, do_sample=False, pad_token_id=0)
    model = model_from_hf(hf.state_dict(), hf.config.to_dict())
    ours = [token.id for token in generate(model, PROMPT, GREEDY, 35, seed=0)]
    assert PROMPT + ours == theirs[0].tolist()
    assert len(set(ours)) > 5


def test_a_token_explains_itself(tiny_model: GPT) -> None:
    for token in generate(tiny_model, PROMPT, ALL_FILTERS, 6, seed=1):
        names = [name for name, _ in token.stages]
        assert names == ["model", "repetition_penalty", "temperature", "top_k", "top_p", "min_p"]
        assert torch.equal(token.stages[0][1], probabilities(token.logits))
        for (_, logits), (_, probs) in zip(
            filtered(token.logits.double(), ALL_FILTERS, token.context), token.stages[1:], strict=True
        ):
            assert torch.equal(probabilities(logits), probs)
        assert all(float(probs.sum()) == pytest.approx(1, abs=1e-12) for _, probs in token.stages)
        assert torch.equal(token.probs, token.stages[-1][1])
        assert torch.equal(token.kept, token.probs > 0)
        assert 1 <= int(token.kept.sum()) <= 20
        assert bool(token.kept[token.id])
        assert (token.logits.shape, token.logits.dtype) == ((61,), torch.float32)


def test_draws_follow_the_probabilities() -> None:
    logits = torch.tensor([0.1, 0.4, 0.2, 0.3]).log()
    config = SamplingConfig(top_k=3)
    generator = torch.Generator().manual_seed(0)
    n = 10_000
    counts = torch.bincount(torch.tensor([choose(logits, config, [], generator) for _ in range(n)]), minlength=4)
    expected = torch.tensor([0.0, 4 / 9, 2 / 9, 3 / 9], dtype=torch.float64)
    assert counts[0] == 0
    chi_squared = ((counts - n * expected) ** 2 / (n * expected).clamp(min=1)).sum()
    assert float(chi_squared) < 16  # 2 degrees of freedom: exceeded once in 3,000 seeds


def test_seeds_repeat_and_differ(tiny_model: GPT) -> None:
    def text(seed: int) -> list[int]:
        return [token.id for token in generate(tiny_model, PROMPT, SamplingConfig(), 30, seed)]

    torch.manual_seed(1)
    first = text(5)
    torch.manual_seed(2)
    before = torch.get_rng_state()
    assert text(5) == first
    assert text(6) != first
    assert torch.equal(torch.get_rng_state(), before)  # nobody else's randomness is used up


def test_shorter_is_a_prefix_of_longer(tiny_model: GPT) -> None:
    longer = [token.id for token in generate(tiny_model, PROMPT, ALL_FILTERS, 60, seed=3)]
    assert [token.id for token in islice(generate(tiny_model, PROMPT, ALL_FILTERS, 10**12, seed=3), 60)] == longer
    assert [token.id for token in generate(tiny_model, PROMPT, ALL_FILTERS, 20, seed=3)] == longer[:20]


def test_a_full_context_forgets_its_earlier_half_and_says_so(tiny_model: GPT) -> None:
    prompt = list(range(24))  # exactly the context
    tokens = list(generate(tiny_model, prompt, GREEDY, 30, seed=0))
    text = prompt + [token.id for token in tokens]
    assert [token.dropped for token in tokens] == [0] + [13] * 13 + [26] * 13 + [39] * 3
    for i, token in enumerate(tokens):
        assert list(token.context) == text[token.dropped : 24 + i]
        assert 12 <= len(token.context) <= 24


def test_a_context_of_one_token_still_works() -> None:
    model = build(replace(BASE, n_ctx=1))
    tokens = list(generate(model, [4], GREEDY, 5, seed=0))
    assert [token.dropped for token in tokens] == [0, 1, 2, 3, 4]


def test_a_stop_id_is_the_last_token(tiny_model: GPT) -> None:
    free = [token.id for token in generate(tiny_model, PROMPT, SamplingConfig(), 40, seed=2)]
    stop = free[9]
    stopped = [token.id for token in generate(tiny_model, PROMPT, SamplingConfig(), 40, seed=2, stop_ids=[stop, 60])]
    assert stopped == free[: free.index(stop) + 1]


def test_no_tokens_when_none_are_wanted(tiny_model: GPT) -> None:
    assert list(generate(tiny_model, PROMPT, GREEDY, 0, seed=0)) == []


@settings(deadline=None, max_examples=40)
@given(
    temperature=st.sampled_from([0.0, 5e-324, 1e-9, 0.7, 1.0, 1e6]),
    top_k=st.sampled_from([0, 1, 7, 61, 62, 10**9]),
    top_p=st.sampled_from([0.0, 1e-12, 0.5, 1 - 1e-12, 1.0]),
    min_p=st.sampled_from([0.0, 0.1, 1.0]),
    penalty=st.sampled_from([1e-6, 1.0, 1e6]),
)
def test_edges_of_every_slider(
    tiny_model: GPT, temperature: float, top_k: int, top_p: float, min_p: float, penalty: float
) -> None:
    config = SamplingConfig(temperature, top_k, top_p, min_p, penalty)
    for token in generate(tiny_model, PROMPT, config, 3, seed=0):
        assert float(token.probs.sum()) == pytest.approx(1, abs=1e-12)
        assert float(token.probs[token.id]) > 0
        if temperature == 0 or top_k == 1 or top_p == 0:
            assert int(token.kept.sum()) == 1


@pytest.mark.parametrize(
    ("ids", "max_new_tokens", "seed", "message"),
    [
        ([], 5, 0, "at least 1 token, got none"),
        ([0] * 25, 5, 0, "at most 24 tokens, got 25; shorten"),
        ([1, 61], 5, 0, "ids from 0 to 60, got 1 to 61"),
        ([-1], 5, 0, "ids from 0 to 60, got -1 to -1"),
        ([1], -1, 0, "max_new_tokens must be at least 0"),
        ([1], 5, -1, "seed must be from 0"),
        ([1], 5, 2**70, "seed must be from 0"),
    ],
)
def test_bad_input_is_said_before_the_first_token(
    tiny_model: GPT, ids: list[int], max_new_tokens: int, seed: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        generate(tiny_model, ids, GREEDY, max_new_tokens, seed)


def test_training_mode_is_refused(tiny_model: GPT) -> None:
    with pytest.raises(ValueError, match="evaluation mode"):
        generate(GPT(tiny_model.config).train(), PROMPT, GREEDY, 5, seed=0)


def test_weights_that_are_not_finite_are_said() -> None:
    model = build(BASE)
    with torch.no_grad():
        model.ln_final.w[0] = math.nan
    with pytest.raises(ValueError, match="weights are not finite"):
        next(generate(model, PROMPT, GREEDY, 5, seed=0))


def test_a_patch_is_in_effect_and_stays_in_its_thread(tiny_model: GPT) -> None:
    def without_first_head(z: Tensor) -> Tensor:
        z = z.clone()
        z[:, :, 0] = 0
        return z

    def ids(tokens: Sequence[GeneratedToken]) -> list[int]:
        return [token.id for token in tokens]

    expected = ids(list(generate(tiny_model, PROMPT, SamplingConfig(), 40, seed=4)))
    barrier, texts = threading.Barrier(2, timeout=20), dict[str, list[int]]()

    def session(name: str, edits: dict[str, Callable[[Tensor], Tensor]]) -> None:
        tokens = []
        with patch(tiny_model, edits):
            for token in generate(tiny_model, PROMPT, SamplingConfig(), 40, seed=4):
                tokens.append(token)
                barrier.wait()  # the two take turns, token by token
        texts[name] = ids(tokens)

    edits = {hook_name("z", 0): without_first_head, hook_name("resid_post", 1): lambda x: x * 1.5}
    threads = [threading.Thread(target=session, args=args) for args in (("clean", {}), ("patched", edits))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert texts["clean"] == expected
    with patch(tiny_model, edits):
        assert texts["patched"] == ids(list(generate(tiny_model, PROMPT, SamplingConfig(), 40, seed=4)))
    assert texts["patched"] != expected


def test_gradients_are_left_as_they_were(tiny_model: GPT) -> None:
    tokens = generate(tiny_model, PROMPT, GREEDY, 5, seed=0)
    token = next(tokens)
    assert torch.is_grad_enabled()  # also while the generator is suspended
    assert not token.logits.requires_grad


def test_a_bfloat16_model_stays_close() -> None:
    config = replace(BASE, positions="learned", mlp="gelu_tanh", bias=True)
    exact = next(generate(build(config), PROMPT, GREEDY, 1, seed=0))
    rounded = next(generate(build(config).bfloat16(), PROMPT, GREEDY, 1, seed=0))
    assert rounded.logits.dtype == torch.float32
    assert torch.allclose(rounded.logits, exact.logits, atol=0.1, rtol=0.05)
