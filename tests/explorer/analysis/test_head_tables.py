"""The tables of a head, against the model itself with everything else silenced, on every wiring."""

import numpy as np
import pytest
import torch

from explorer.analysis.attribution import attribution
from explorer.analysis.head_tables import copies_here, divisors, over_vocabulary, read_alone
from llm.model.gpt import GPT
from llm.model.hooks import capture, patch
from llm.trace import hook_name, trace
from tests.explorer.analysis.variants import ADDITIVE, IDS, POST_NORM, build, named


def _alone(model: GPT, layer: int) -> dict[str, torch.Tensor]:
    """q, k and v of every token as a text of its own, with no block adding anything and no position."""
    silent = {hook_name(short, at): torch.zeros_like for short in ("attn_out", "mlp_out") for at in range(3)}
    if model.config.positions in ("learned", "sinusoidal"):
        silent[hook_name("pos_embed")] = torch.zeros_like
    names = [hook_name(short, layer) for short in ("q", "k", "v")]
    with torch.no_grad(), patch(model, silent), capture(model, names) as seen:
        model(torch.arange(model.config.d_vocab)[:, None])
    return {short: seen[name][:, 0] for short, name in zip(("q", "k", "v"), names, strict=True)}


@pytest.mark.parametrize("variant", [*ADDITIVE, *POST_NORM], ids=named)
def test_vocabulary_tables_are_what_the_silenced_model_computes(variant: dict[str, object]) -> None:
    model = build(**variant)
    config, ids = model.config, (5, 9, 40)
    for layer in range(3):
        seen, head = _alone(model, layer), config.n_heads - 1
        kv = head // (config.n_heads // config.n_kv_heads)
        scores = seen["q"][list(ids), head] @ seen["k"][:, kv].T * config.d_head**-0.5
        found = over_vocabulary(model, layer, head, ids)
        values, keys = scores.topk(6, dim=1)
        np.testing.assert_allclose(found.score, values, atol=1e-4)
        assert np.array_equal(found.keys, keys)
        ranks = (scores > scores[torch.arange(3), torch.tensor(ids)][:, None]).sum(1)
        assert np.array_equal(found.own_rank, ranks)
        assert -1 <= found.copying <= 1


@pytest.mark.parametrize("variant", ADDITIVE, ids=named)
def test_what_a_head_copies_is_its_share_of_the_logit(variant: dict[str, object]) -> None:
    model = build(**variant)
    seen = trace(model, IDS)
    layer, head, query = 1, model.config.n_heads - 1, len(IDS) - 1
    found, weights = (
        copies_here(seen, model, layer, head),
        seen.activations[hook_name("pattern", layer)][0, head, query],
    )
    for key in range(len(IDS)):
        token = int(found.up[key, 0])
        moved = attribution(seen, model, query, token).moved
        assert moved is not None
        by = float(weights[key]) * found.up_by[key, 0] / divisors(seen, model)[query]
        assert by == pytest.approx(moved[layer, head, key], rel=1e-4, abs=1e-5)
        assert (found.up_by[key] >= found.itself[key]).sum() <= found.rank[key] + 1
        assert (np.diff(found.up_by[key]) <= 0).all()
        assert (np.diff(found.down_by[key]) >= 0).all()


def test_a_head_that_hands_on_what_it_reads_copies_every_token() -> None:
    model = build(n_heads=1, n_kv_heads=1, mlp="none", tied=True)
    with torch.no_grad():
        for norm in (model.blocks[0].ln1, model.ln_final):
            norm.w.fill_(1.0)
        for name, sign in (("W_V", 1.0), ("W_O", 1.0)):
            getattr(model.blocks[0].attn, name).weight.copy_(sign * torch.eye(32))
    ids = tuple(range(61))
    found = over_vocabulary(model, 0, 0, ids)
    assert found.copying == pytest.approx(1.0)
    assert (found.copies.itself > 0).all()
    with torch.no_grad():
        model.blocks[0].attn.W_O.weight.neg_()
    assert over_vocabulary(model, 0, 0, ids).copying == pytest.approx(-1.0)


def test_eigenvalues_are_those_of_the_whole_matrix() -> None:
    model = build()
    read, D, head = read_alone(model, 1), model.config.d_head, 3
    v = read @ model.blocks[1].attn.W_V.weight[D : 2 * D].T  # the second of two key/value heads
    written = v @ model.blocks[1].attn.W_O.weight[:, head * D :].T
    written = (written - written.mean(-1, keepdim=True)) * model.ln_final.w @ model.unembed.weight.T
    values = torch.linalg.eigvals(written.double())
    expected = float(values.real.sum() / values.abs().sum())
    assert over_vocabulary(model, 1, head, (0,)).copying == pytest.approx(expected, abs=1e-3)


def test_a_smaller_pool_lists_only_its_own() -> None:
    model, pool = build(), (3, 5, 9, 17, 40, 41, 50)
    every, some = over_vocabulary(model, 1, 2, (5, 9)), over_vocabulary(model, 1, 2, (5, 9), pool)
    assert (every.n_among, some.n_among) == (61, 7)
    assert np.isin(some.keys, pool).all()
    assert np.isin(some.copies.up, pool).all()
    assert np.array_equal(every.copies.itself, some.copies.itself)
    assert (some.own_rank <= every.own_rank).all()
