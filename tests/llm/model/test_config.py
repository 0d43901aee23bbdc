"""A configuration that cannot be built says why and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from llm.model.config import ConfigError, GPTConfig


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n_heads": 5}, "d_model .192. must be a multiple of n_heads .5.; try d_model=190"),
        ({"n_heads": 4, "n_kv_heads": 3}, "n_kv_heads .3. must divide n_heads"),
        ({"n_layers": 0}, "n_layers must be a whole number of at least 1, got 0"),
        ({"n_ctx": 2.5}, "n_ctx must be a whole number of at least 1, got 2.5"),
        ({"n_ctx": True}, "n_ctx must be a whole number"),
        ({"d_model": 12, "n_heads": 4}, "d_head must be even, got 3"),
        (
            {"d_model": 9, "n_heads": 3, "n_kv_heads": 3, "positions": "sinusoidal"},
            "even d_model, got 9; try d_model=12",
        ),
        (
            {"positions": "rotary"},
            "positions must be one of none, learned, sinusoidal, rope, alibi, got 'rotary'",
        ),
        ({"norm": "batchnorm"}, "norm must be one of layernorm, rmsnorm"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1"),
        ({"dropout": float("nan")}, "dropout must be"),
        ({"tied": "no"}, "tied must be true or false"),
        ({"rope_base": 0.5}, "rope_base must be above 1"),
        ({"rope_base": 10**400}, "rope_base must be a finite number below 1e.38, got 1000.*; 10000.0 is usual"),
        ({"rope_base": float("inf")}, "rope_base must be a finite number"),
        ({"norm_eps": 1e38}, "norm_eps must be a finite number"),
        ({"dropout": 10**400}, "dropout must be a finite number"),
        (
            {"n_ctx": 1 << 20},
            "n_ctx x d_model must be at most 134,217,728, got 1,048,576 x 192; make one of them smaller",
        ),
        ({"n_ctx": 10**400, "positions": "sinusoidal"}, "n_ctx x d_model must be at most"),
        ({"n_ctx": 1, "d_model": 1 << 28}, "n_ctx x d_model must be at most"),
    ],
)
def test_impossible(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        GPTConfig(**values)


def test_json_round_trip() -> None:
    config = GPTConfig(positions="alibi", n_kv_heads=2, bias=True)
    assert GPTConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_embd": 3}, "unknown n_embd"),
        ({"dropout": "0.1"}, "dropout must be a number, got '0.1'"),
    ],
)
def test_foreign_json(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        GPTConfig.from_dict({**GPTConfig().to_dict(), **change})


def test_missing_key_is_named() -> None:
    values = GPTConfig().to_dict()
    del values["d_model"]
    with pytest.raises(ConfigError, match="missing d_model"):
        GPTConfig.from_dict(values)
