"""The table of a block names every hook once, with its true shape and length."""

from itertools import product
from typing import get_args

import numpy as np
import pytest

from explorer.analysis.activations import block_activations
from llm.model.config import BlockKind, GPTConfig, MLPKind, PositionKind
from llm.model.gpt import GPT
from llm.trace import Trace, trace


def test_every_hook_of_the_block_and_none_of_another(tiny_trace: Trace) -> None:
    rows = block_activations(tiny_trace, 1)
    expected = {name for name in tiny_trace.activations if not name.startswith("blocks.0.")}
    assert {row.name for row in rows} == expected
    assert len(rows) == len(expected)
    for row in rows:
        value = tiny_trace.activations[row.name].numpy()
        assert row.shape == value.shape
        assert row.length == pytest.approx(np.linalg.norm(value[np.isfinite(value)].astype(float)))


def test_in_the_order_of_the_forward_pass(tiny_trace: Trace) -> None:
    names = [row.name.removeprefix("blocks.0.") for row in block_activations(tiny_trace, 0)]
    order = ["hook_embed", "hook_resid_pre", "attn.hook_q", "attn.hook_pattern", "attn.hook_z", "hook_resid_mid"]
    order += ["mlp.hook_pre", "mlp.hook_post", "hook_resid_post", "ln_final.hook_scale"]
    assert sorted(order, key=names.index) == order


def test_alibi_scores_are_said_to_lose_the_distance(tiny_trace: Trace) -> None:
    name = "blocks.0.attn.hook_attn_scores"
    plain, lowered = (
        next(row.meaning for row in block_activations(tiny_trace, 0, alibi=alibi) if row.name == name)
        for alibi in (False, True)
    )
    assert "distance" not in plain
    assert "q·k / √d_head − m·distance" in lowered


@pytest.mark.parametrize(("positions", "mlp"), list(product(get_args(PositionKind), get_args(MLPKind))))
def test_every_variant_has_words_for_all_its_hooks(positions: PositionKind, mlp: MLPKind) -> None:
    for block in get_args(BlockKind):
        kind: BlockKind = block
        config = GPTConfig(
            d_vocab=11, n_ctx=4, n_layers=1, n_heads=2, n_kv_heads=1, d_model=8, d_mlp=8,
            positions=positions, mlp=mlp, block=kind,
        )  # fmt: skip
        seen = trace(GPT(config, seed=0).eval(), [1, 2])
        rows = block_activations(seen, 0, post_norm=block == "post_norm")
        assert len(rows) == len(seen.activations)
        assert all(row.meaning for row in rows)
