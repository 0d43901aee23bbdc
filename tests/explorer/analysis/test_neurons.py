"""Neurons against the model itself: their sums against the logit attribution, passes without one against weights
without it."""

from typing import Any, cast

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from explorer.analysis.attribution import attribution
from explorer.analysis.edits import edits, means
from explorer.analysis.interventions import Intervention, Mean, Part, Scale
from explorer.analysis.neuron_effect import TRIED, standing_out, without_neuron
from explorer.analysis.neurons import activity, additions, neuron, passed_on, writing
from llm.model.hooks import patch
from llm.trace import hook_name, trace
from tests.explorer.analysis.variants import ADDITIVE, IDS, POST_NORM, build, named

WITH_MLP = [variant for variant in ADDITIVE if variant.get("mlp") != "none"] + [{"mlp": "gelu_tanh", "bias": True}]
every_sum = pytest.mark.parametrize("variant", WITH_MLP, ids=named)
every_mlp = pytest.mark.parametrize("variant", [*WITH_MLP, POST_NORM[0]], ids=named)
AT, TOKEN = 5, 17


@every_sum
def test_neurons_and_bias_sum_to_the_mlp_of_the_attribution(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    found = additions(seen, model, AT, TOKEN)
    parts = {part.layer: part.value for part in attribution(seen, model, AT, TOKEN).parts if part.kind == "mlp"}
    assert parts == pytest.approx({n: found.by_neuron[n].sum() + found.bias[n] for n in parts}, abs=1e-5)
    assert len(parts) == 3
    assert bool(np.any(found.bias)) == model.config.bias


@pytest.mark.parametrize("factor", [0.0, 0.5, 3.0, None], ids=str)
def test_the_sum_holds_of_an_mlp_that_is_edited(factor: float | None) -> None:
    model = build(bias=True)
    part = Part(1, kind="mlp")
    one: Intervention = Mean(part) if factor is None else Scale(part, factor=factor)
    given = {one: means(model, [list(IDS)], "these").of(part)}
    with patch(model, edits([one], given)):
        seen = trace(model, IDS)
    found = additions(seen, model, AT, TOKEN)
    whole = next(p.value for p in attribution(seen, model, AT, TOKEN).parts if (p.kind, p.layer) == ("mlp", 1))
    assert passed_on(seen, model, 0, AT) == 1.0
    if factor is None:
        assert not found.by_neuron[1].any()
    else:
        assert passed_on(seen, model, 1, AT) == pytest.approx(factor, abs=1e-5)
        assert found.by_neuron[1].sum() + found.bias[1] == pytest.approx(whole, abs=1e-4)


@every_sum
def test_a_neuron_writes_to_every_logit_what_it_adds(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    layer, at = additions(seen, model, AT, TOKEN).largest(most=1)[0]
    found = writing(seen, model, layer, at, AT)
    value = float(seen.activations[hook_name("post", layer)][0, AT, at])
    for token in (0, TOKEN, 60):
        added = additions(seen, model, AT, token).by_neuron[layer, at]
        assert value * found.per_unit[token] == pytest.approx(added, abs=1e-5)
    assert found.per_unit[found.raised(1)[0]] == found.per_unit.max()
    assert found.per_unit[found.lowered(1)[0]] == found.per_unit.min()


@every_mlp
def test_without_it_is_the_model_whose_output_row_is_gone(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    found = without_neuron(seen, model, 1, 7)
    post = seen.activations[hook_name("post", 1)][0, :, 7]
    W_out = cast(nn.Linear, model.blocks[1].mlp.W_out)
    row = W_out.weight[:, 7].clone()
    with torch.no_grad():
        W_out.weight[:, 7] = 0
        gone = trace(model, IDS).logits
        held_bias = float(post.mean()) * row
        W_out.weight[:, 7] = row
    with patch(model, {hook_name("mlp_out", 1): lambda x: x - post[None, :, None] * row + held_bias}):
        held = trace(model, IDS).logits
    for way, logits in enumerate((gone, held)):
        probs = logits.double().softmax(dim=-1).numpy()
        assert found.after[way] == pytest.approx(probs[np.arange(len(IDS)), found.answer], abs=1e-5)
        assert found.instead[way].tolist() == probs.argmax(axis=-1).tolist()
        assert found.loss_after is not None
        targets = torch.tensor(IDS[1:])
        assert found.loss_after[way] == pytest.approx(float(F.cross_entropy(logits[:-1], targets)), abs=1e-5)
    assert found.before == pytest.approx(seen.logits.double().softmax(-1).numpy().max(-1))


@every_mlp
def test_what_a_neuron_reads_and_gives(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    found = neuron(seen, model, 2, 11)
    assert found.post == pytest.approx(seen.activations[hook_name("post", 2)][0, :, 11].numpy())
    given = found.bent if found.linear is None else found.bent * found.linear
    assert given == pytest.approx(found.post, abs=1e-6)
    assert (found.linear is not None) == (model.config.mlp == "swiglu")
    x, y = found.curve
    assert x.min() <= found.pre.min()
    assert x.max() >= found.pre.max()
    assert np.interp(found.pre, x, y) == pytest.approx(found.bent, abs=0.02)


@every_mlp
def test_activity_counts_every_value_once(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    found = activity(seen, model)
    assert found.counts.sum(axis=1).tolist() == [len(IDS) * model.config.d_mlp] * 3
    pre = seen.activations[hook_name("pre", 1)][0]
    assert found.active[1].tolist() == [sum(float(v) > 0 for v in pre[:, m]) for m in range(model.config.d_mlp)]
    assert found.never(1) == sum(bool((pre[:, m] <= 0).all()) for m in range(model.config.d_mlp))
    assert found.always(1) == sum(bool((pre[:, m] > 0).all()) for m in range(model.config.d_mlp))


@every_mlp
def test_the_one_to_open_on_is_missed_most_of_those_that_add_most(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    found = standing_out(seen, model)
    choosy = activity(seen, model).active <= len(IDS) // 2
    assert choosy[found]
    if model.config.block == "post_norm":
        return
    size = np.where(choosy, additions(seen, model, len(IDS) - 1).by_neuron, -np.inf)
    tried = [(int(i) // 48, int(i) % 48) for i in np.argsort(-size, axis=None)[:TRIED]]
    left = {place: without_neuron(seen, model, *place).after[0, -1] for place in tried}
    assert left[found] == pytest.approx(min(left.values()), abs=1e-6)


def test_the_largest_come_first() -> None:
    model = build()
    seen = trace(model, IDS)
    found = additions(seen, model, len(IDS) - 1)
    assert found.token == int(seen.logits[-1].argmax())
    largest = found.largest(layer=1, most=48)
    assert [one for one, _ in largest] == [1] * 48
    assert sorted(m for _, m in largest) == list(range(48))
    sizes = [abs(found.by_neuron[place]) for place in largest]
    assert sizes == sorted(sizes, reverse=True)


def test_one_token_has_no_loss() -> None:
    model = build()
    found = without_neuron(trace(model, IDS[:1]), model, 0, 0)
    assert found.loss is None
    assert found.loss_after is None
    assert len(found.before) == 1


@pytest.mark.parametrize("variant", POST_NORM, ids=named)
def test_what_is_no_sum_is_refused(variant: dict[str, Any]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    sentence = "no MLP" if variant.get("mlp") == "none" else "no plain sum|post-norm"
    for refused in (lambda: additions(seen, model, AT), lambda: writing(seen, model, 0, 0, AT)):
        with pytest.raises(ValueError, match=sentence):
            refused()


def test_a_model_without_mlps_has_no_neurons() -> None:
    model = build(mlp="none")
    seen = trace(model, IDS)
    for refused in (
        lambda: activity(seen, model),
        lambda: neuron(seen, model, 0, 0),
        lambda: without_neuron(seen, model, 0, 0),
        lambda: standing_out(seen, model),
    ):
        with pytest.raises(ValueError, match="no neurons"):
            refused()


def test_a_neuron_that_is_not_there() -> None:
    model = build()
    with pytest.raises(ValueError, match=r"Expected a neuron from 0\.0 to 2\.47, got 3\.0"):
        neuron(trace(model, IDS), model, 3, 0)
