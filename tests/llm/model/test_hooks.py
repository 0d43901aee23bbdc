"""Watching changes no number, always ends, and never crosses into another thread."""

from __future__ import annotations

import threading

import pytest
import torch
from torch import Tensor

from llm.model.gpt import GPT
from llm.model.hooks import capture, patch
from llm.trace import Trace, hook_name

PATTERN = hook_name("pattern", 1)
Z = hook_name("z", 0)


def ids_of(trace: Trace) -> Tensor:
    return trace.ids[None]


@torch.no_grad()
def test_capture_changes_no_bit(tiny_model: GPT, tiny_trace: Trace) -> None:
    plain = tiny_model(ids_of(tiny_trace))
    with capture(tiny_model) as seen:
        watched = tiny_model(ids_of(tiny_trace))
    assert torch.equal(plain, watched)
    assert set(seen) == set(tiny_model.hook_points())


@torch.no_grad()
def test_patch_that_returns_its_input_changes_no_bit(tiny_model: GPT, tiny_trace: Trace) -> None:
    with patch(tiny_model, {name: lambda x: x for name in tiny_model.hook_points()}):
        assert torch.equal(tiny_model(ids_of(tiny_trace))[0], tiny_trace.logits)


@torch.no_grad()
@pytest.mark.parametrize("name", ["hook_embed", Z, hook_name("rot_k", 0), hook_name("ln2.scale", 1), PATTERN])
def test_patching_every_value_in_reproduces_the_other_run(tiny_model: GPT, tiny_trace: Trace, name: str) -> None:
    other = (ids_of(tiny_trace) + 5) % tiny_model.config.d_vocab
    with capture(tiny_model) as theirs:
        expected = tiny_model(other)
    with patch(tiny_model, {name: lambda x: theirs[name]}), capture(tiny_model, [name]) as seen:
        patched = tiny_model(ids_of(tiny_trace))
    assert torch.equal(seen[name], theirs[name])
    assert not torch.equal(patched[0], tiny_trace.logits)
    if name == "hook_embed":
        assert torch.equal(patched, expected)


@torch.no_grad()
def test_ablated_head_writes_nothing(tiny_model: GPT, tiny_trace: Trace) -> None:
    def without_head_2(z: Tensor) -> Tensor:
        z = z.clone()
        z[:, :, 2] = 0
        return z

    with patch(tiny_model, {Z: without_head_2}), capture(tiny_model, [hook_name("attn_out", 0)]) as seen:
        tiny_model(ids_of(tiny_trace))
    z = tiny_trace.activations[Z][0]
    weight = tiny_model.blocks[0].attn.W_O.weight.view(32, 4, 8)  # C H D
    per_head = torch.einsum("thd,chd->thc", z, weight)
    expected = per_head.sum(1) - per_head[:, 2]
    assert torch.allclose(seen[hook_name("attn_out", 0)][0], expected, atol=1e-6)


@torch.no_grad()
def test_patches_nest_from_the_outside_in(tiny_model: GPT, tiny_trace: Trace) -> None:
    with (
        capture(tiny_model, ["hook_embed"]) as seen,
        patch(tiny_model, {"hook_embed": lambda x: x * 0 + 3}),
        patch(tiny_model, {"hook_embed": lambda x: x * 2}),
    ):
        tiny_model(ids_of(tiny_trace))
    assert torch.equal(seen["hook_embed"], torch.full_like(seen["hook_embed"], 6.0))


def test_cleaned_up_after_an_exception(tiny_model: GPT, tiny_trace: Trace) -> None:
    with pytest.raises(RuntimeError, match="mid-pass"), patch(tiny_model, {Z: _raise}):
        tiny_model(ids_of(tiny_trace))
    with torch.no_grad():
        assert torch.equal(tiny_model(ids_of(tiny_trace))[0], tiny_trace.logits)
    assert not any(point.watched for point in tiny_model.hook_points().values())


def _raise(x: Tensor) -> Tensor:
    raise RuntimeError("mid-pass")


@torch.no_grad()
def test_another_thread_is_not_patched(tiny_model: GPT, tiny_trace: Trace) -> None:
    entered, done = threading.Event(), threading.Event()
    others: list[Tensor] = []

    def clean_session() -> None:
        entered.wait(20)
        with torch.no_grad():
            others.append(tiny_model(ids_of(tiny_trace))[0])
        done.set()

    def slow_edit(x: Tensor) -> Tensor:
        entered.set()
        assert done.wait(20)
        return x * 0

    thread = threading.Thread(target=clean_session)
    thread.start()
    with patch(tiny_model, {"hook_embed": slow_edit}):
        patched = tiny_model(ids_of(tiny_trace))[0]
    thread.join(20)
    assert torch.equal(others[0], tiny_trace.logits)
    assert not torch.equal(patched, tiny_trace.logits)


@torch.no_grad()
def test_another_model_is_not_watched(tiny_model: GPT, tiny_trace: Trace) -> None:
    twin = GPT(tiny_model.config, seed=9).eval()
    with capture(tiny_model) as seen:
        twin(ids_of(tiny_trace))
    assert seen == {}


def test_captured_values_keep_their_graph(tiny_model: GPT, tiny_trace: Trace) -> None:
    with capture(tiny_model, [PATTERN]) as seen:
        logits = tiny_model(ids_of(tiny_trace))
    (gradient,) = torch.autograd.grad(logits[0, -1, 7], seen[PATTERN])
    assert gradient[0, :, -1].abs().sum() > 0


def test_unknown_name_is_said(tiny_model: GPT) -> None:
    with (
        pytest.raises(KeyError, match=r"no hook point 'blocks.9.attn.hook_q'"),
        capture(tiny_model, ["blocks.9.attn.hook_q"]),
    ):
        pass


def test_edit_of_another_shape_is_refused(tiny_model: GPT, tiny_trace: Trace) -> None:
    with (
        pytest.raises(ValueError, match=r"shape \(1, 16, 32\), got \(1, 15, 32\)"),
        patch(tiny_model, {"hook_embed": lambda x: x[:, 1:]}),
    ):
        tiny_model(ids_of(tiny_trace))
