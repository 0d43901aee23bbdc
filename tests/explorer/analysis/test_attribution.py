"""Parts of a logit against the model itself: what its frozen final norm and unembedding lose when a part is taken out
of the stream; gradients against finite differences."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.analysis.attribution import agreement, attribution, gradient_x_input
from explorer.analysis.edits import edits, means
from explorer.analysis.interventions import Mean, Part, Scale
from llm.model.block import Block
from llm.model.gpt import GPT
from llm.model.hooks import patch
from llm.model.kv_cache import LayerCache
from llm.model.positions import Positions
from llm.trace import Trace, hook_name, trace
from tests.explorer.analysis.variants import ADDITIVE, IDS, build, named

every_variant = pytest.mark.parametrize("variant", ADDITIVE, ids=named)
every_target = pytest.mark.parametrize("against", [None, 30], ids=["alone", "against"])
AT, TOKEN = 5, 17


def lost(model: GPT, seen: Trace, part: Tensor, against: int | None) -> float:
    """How much of the logit goes with a vector (C) that is taken from the stream, the final norm's divisor frozen."""
    stream = seen.activations[hook_name("resid_post", model.config.n_layers - 1)][0, AT]
    divisor = seen.activations["ln_final.hook_scale"][0, AT]

    def logit(x: Tensor) -> float:
        with patch(model, {"ln_final.hook_scale": lambda _: divisor.expand(1, 1, 1)}):
            said = model.unembed(model.ln_final(x[None, None]))[0, 0]
        return float(said[TOKEN] - (0 if against is None else said[against]))

    return logit(stream) - logit(stream - part)


def without(model: GPT, z: Tensor, layer: int, head: int) -> Tensor:
    """What the attention's own output map loses without one head's result z (H, D): its part of the stream, (C)."""
    rest = z.clone()
    rest[head] = 0
    W_O = model.blocks[layer].attn.W_O
    return W_O(z.flatten()) - W_O(rest.flatten())


@every_variant
@every_target
def test_parts_sum_to_the_logit(variant: dict[str, Any], against: int | None) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    found = attribution(seen, model, AT, TOKEN, against)
    exact = float(seen.logits[AT, TOKEN]) - (0 if against is None else float(seen.logits[AT, against]))
    assert found.logit == pytest.approx(exact, abs=1e-6)
    assert abs(found.remainder) < 1e-4
    assert sum(part.value for part in found.parts) == pytest.approx(exact, abs=1e-4)


@every_variant
@every_target
def test_every_part_is_what_the_model_loses_without_it(variant: dict[str, Any], against: int | None) -> None:
    model = build(**variant).double()
    seen = trace(model, IDS)
    found = attribution(seen, model, AT, TOKEN, against)
    kinds = [part.kind for part in found.parts]
    assert kinds.count("head") == 3 * model.config.n_heads
    assert kinds.count("mlp") == (0 if model.config.mlp == "none" else 3)
    assert kinds.count("position") == (model.config.positions in {"learned", "sinusoidal"})
    assert kinds.count("attention_bias") == 3 * model.config.bias
    for part in found.parts:
        layer = part.layer or 0
        if part.kind == "head":
            vector = without(model, seen.activations[hook_name("z", layer)][0, AT], layer, part.head or 0)
        elif part.kind == "attention_bias":
            vector = model.blocks[layer].attn.W_O.bias
        elif part.kind == "norm_bias":
            said = model.unembed(model.ln_final.b)
            assert part.value == pytest.approx(float(said[TOKEN] - (0 if against is None else said[against])))
            continue
        else:
            name = {"embedding": "embed", "position": "pos_embed", "mlp": "mlp_out"}[part.kind]
            vector = seen.activations[hook_name(name, part.layer)][0, AT]
        assert part.value == pytest.approx(lost(model, seen, vector, against), abs=1e-5), part


@every_variant
def test_a_head_is_split_by_the_tokens_that_it_reads(variant: dict[str, Any]) -> None:
    model = build(**variant).double()
    seen = trace(model, IDS)
    found = attribution(seen, model, AT, TOKEN)
    heads = {(p.layer, p.head): p.value for p in found.parts if p.kind == "head"}
    assert found.moved is not None
    assert found.moved.shape == (3, model.config.n_heads, AT + 1)
    for (layer, head), value in heads.items():
        assert found.moved[layer or 0, head or 0].sum() == pytest.approx(value, abs=1e-9)
    group = model.config.n_heads // model.config.n_kv_heads
    for layer, head, s in ((0, 0, 0), (1, model.config.n_heads - 1, 3), (2, 0, AT)):
        pattern = seen.activations[hook_name("pattern", layer)][0, head, AT].clone()
        v = seen.activations[hook_name("v", layer)][0, :, head // group]
        blind = pattern.clone()
        blind[s] = 0
        z = seen.activations[hook_name("z", layer)][0, AT]
        sighted, blinded = z.clone(), z.clone()
        sighted[head], blinded[head] = pattern @ v, blind @ v
        W_O = model.blocks[layer].attn.W_O
        vector = W_O(sighted.flatten()) - W_O(blinded.flatten())
        assert found.moved[layer, head, s] == pytest.approx(lost(model, seen, vector, None), abs=1e-5)


@pytest.mark.parametrize("factor", [0.0, 0.5, 3.0, None])
def test_shares_of_the_tokens_follow_an_intervention(factor: float | None) -> None:
    model = build()
    usual = means(model, [IDS], "one row")
    one = Mean(Part(1, 2)) if factor is None else Scale(Part(1, 2), factor)
    with patch(model, edits([one], {one: usual.z[1, 2]})):
        found = attribution(trace(model, IDS), model, 5, 9)
    assert found.moved is not None
    (given,) = (part.value for part in found.parts if (part.layer, part.head) == (1, 2))
    assert found.moved[1, 2].sum() == pytest.approx(0 if factor is None else given, abs=1e-6)
    assert found.moved[1, 1].sum() == pytest.approx(
        next(part.value for part in found.parts if (part.layer, part.head) == (1, 1)), abs=1e-6
    )
    assert abs(found.remainder) < 1e-4


@every_variant
def test_shares_of_the_tokens_and_the_biases_are_the_whole_logit(variant: dict[str, Any]) -> None:
    model = build(**variant)
    found = attribution(trace(model, IDS), model, AT, TOKEN)
    biases = sum(p.value for p in found.parts if p.kind in ("attention_bias", "norm_bias"))
    assert found.by_token is not None
    assert found.by_token.sum() + biases == pytest.approx(found.logit, abs=1e-4)
    again = found.by_token
    assert np.array_equal(again, found.by_token), "reading it changes nothing"


@pytest.mark.parametrize("variant", [*ADDITIVE, {"block": "post_norm"}], ids=named)
@every_target
def test_gradient_x_input_is_the_slope_of_the_logit(variant: dict[str, Any], against: int | None) -> None:
    model = build(**variant).double()
    seen = trace(model, IDS)
    found = gradient_x_input(seen, model, AT, TOKEN, against)
    assert found.shape == (AT + 1,)

    def logit(s: int, scale: float) -> float:
        def grow(x: Tensor) -> Tensor:
            grown = x.clone()
            grown[:, s] *= scale
            return grown

        with torch.no_grad(), patch(model, {"hook_embed": grow}):
            said = model(torch.tensor([IDS]))[0, AT]
        return float(said[TOKEN] - (0 if against is None else said[against]))

    step = 1e-5
    for s in range(AT + 1):
        slope = (logit(s, 1 + step) - logit(s, 1 - step)) / (2 * step)
        assert found[s] == pytest.approx(slope, abs=1e-6, rel=1e-5)


class Parallel(Block):
    """Attention and MLP read the same stream."""

    def forward(self, x: Tensor, positions: Positions, cached: LayerCache | None = None) -> Tensor:
        x = self.hook_resid_pre(x)
        mlp = self.hook_mlp_out(self.mlp(self.ln2(x)))
        x = self.hook_resid_mid(x + self.hook_attn_out(self.attn(self.ln1(x), positions, cached)))
        return self.hook_resid_post(x + mlp)


class Sandwich(Block):
    """A norm stands after attention too, before the addition."""

    def forward(self, x: Tensor, positions: Positions, cached: LayerCache | None = None) -> Tensor:
        x = self.hook_resid_pre(x)
        attention = self.attn(self.ln1(x), positions, cached)
        x = self.hook_resid_mid(x + self.hook_attn_out(F.layer_norm(attention, x.shape[-1:])))
        return self.hook_resid_post(x + self.hook_mlp_out(self.mlp(self.ln2(x))))


def rewired(kind: type[Block]) -> GPT:
    model = build(bias=True)
    for block in model.blocks:
        block.__class__ = kind
    return model


def test_other_wirings_that_add() -> None:
    model = rewired(Parallel)
    found = attribution(trace(model, IDS), model, AT, TOKEN)
    assert abs(found.remainder) < 1e-4
    assert found.moved is not None


def test_a_norm_before_the_addition_leaves_attention_whole() -> None:
    model = rewired(Sandwich)
    found = attribution(trace(model, IDS), model, AT, TOKEN)
    assert abs(found.remainder) < 1e-4
    assert [part.kind for part in found.parts].count("attention") == 3
    assert found.moved is None
    assert found.by_token is None


def test_a_post_norm_model_is_refused_in_a_sentence() -> None:
    model = build(block="post_norm")
    with pytest.raises(ValueError, match=r"post-norm.*no logit can be split.*exactly\.$"):
        attribution(trace(model, IDS), model, AT, TOKEN)


def test_a_token_outside_the_vocabulary() -> None:
    model = build()
    with pytest.raises(ValueError, match="Expected a token from 0 to 60, got 61"):
        attribution(trace(model, IDS), model, AT, TOKEN, against=61)


def test_where_two_shares_disagree() -> None:
    one = np.array([0.01, 3.0, -1.0, 0.5])
    same = agreement(one, 10 * one)
    assert same.first == (1, 1)
    assert same.opposite == ()
    other = np.array([-8.0, 2.0, 9.0, 0.1])
    found = agreement(one, other)
    assert found.first == (1, 2)
    assert found.opposite == (2,), "token 0 is too small in the first to have a sign, token 3 in the second"
