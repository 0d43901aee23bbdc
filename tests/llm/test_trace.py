"""A trace is complete, and its names are the field's."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from llm.model.gpt import GPT
from llm.trace import Trace, hook_name, trace

SHAPES = {
    "resid_pre": (1, 16, 32), "resid_mid": (1, 16, 32), "resid_post": (1, 16, 32),
    "attn_out": (1, 16, 32), "mlp_out": (1, 16, 32),
    "ln1.scale": (1, 16, 1), "ln2.normalized": (1, 16, 32),
    "q": (1, 16, 4, 8), "k": (1, 16, 2, 8), "v": (1, 16, 2, 8), "rot_q": (1, 16, 4, 8), "rot_k": (1, 16, 2, 8),
    "attn_scores": (1, 4, 16, 16), "pattern": (1, 4, 16, 16), "z": (1, 16, 4, 8),
    "pre": (1, 16, 48), "post": (1, 16, 48),
}  # fmt: skip


@pytest.mark.parametrize("short", SHAPES)
def test_documented_shapes(tiny_trace: Trace, short: str) -> None:
    assert tiny_trace.activations[hook_name(short, 1)].shape == SHAPES[short]


def test_nothing_else_is_hooked(tiny_trace: Trace) -> None:
    names = {hook_name(short, layer) for short in SHAPES for layer in (0, 1)}
    names |= {
        hook_name(f"{ln}.{kind}", layer)
        for ln in ("ln1", "ln2")
        for kind in ("scale", "normalized")
        for layer in (0, 1)
    }
    names |= {"hook_embed", "ln_final.hook_scale", "ln_final.hook_normalized"}
    assert set(tiny_trace.activations) == names


def test_frozen(tiny_trace: Trace) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        tiny_trace.logits = torch.zeros(1)  # type: ignore[misc]
    with pytest.raises(TypeError):
        tiny_trace.activations["hook_embed"] = torch.zeros(1)  # type: ignore[index]


def test_additive_positions_are_seen_apart(tiny_model: GPT) -> None:
    config = dataclasses.replace(tiny_model.config, positions="learned")
    seen = trace(GPT(config, seed=0).eval(), [1, 2, 3]).activations
    assert torch.equal(seen["hook_embed"] + seen["hook_pos_embed"], seen["blocks.0.hook_resid_pre"])


@pytest.mark.parametrize(
    ("ids", "tokens", "message"),
    [
        ([], [], "Expected 1 to 24 tokens .* got 0"),
        ([0] * 25, [], "got 25; shorten the text"),
        ([61], [], "Expected ids from 0 to 60, got 61 to 61"),
        ([-1], [], "got -1 to -1"),
        ([1, 2], [b"a"], "got 1 tokens and 2 ids"),
    ],
)
def test_bad_input_is_said(tiny_model: GPT, ids: list[int], tokens: list[bytes], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        trace(tiny_model, ids, tokens)


def test_training_mode_is_refused(tiny_model: GPT) -> None:
    with pytest.raises(ValueError, match="evaluation mode"):
        trace(GPT(tiny_model.config).train(), [1])


@pytest.mark.parametrize(("short", "layer"), [("pattern", None), ("embed", 0), ("ln3.scale", 1), ("hook_q", 2)])
def test_unknown_names(short: str, layer: int | None) -> None:
    with pytest.raises(KeyError, match="No hook point"):
        hook_name(short, layer)
