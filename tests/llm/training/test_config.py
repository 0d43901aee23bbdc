"""A recipe that cannot run is refused with the field's name; JSON gives it back unchanged."""

import json
from typing import Any

import pytest

from llm.model.config import ConfigError
from llm.training.config import TrainingConfig


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("steps", 0),
        ("steps", 2.5),
        ("batch_size", True),
        ("grad_accumulation", 0),
        ("optimizer", "sgd"),
        ("schedule", "cyclic"),
        ("precision", "fp8"),
        ("lr", 0.0),
        ("lr", float("nan")),
        ("lr", float("inf")),
        ("muon_lr", -1.0),
        ("weight_decay", -0.1),
        ("clip_norm", float("nan")),
        ("betas", (0.9, 1.0)),
        ("momentum", (0.9,)),
        ("warmup_fraction", 1.5),
        ("final_lr_fraction", -0.1),
        ("label_smoothing", 1.0),
        ("patience", 0),
        ("seed", -1),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=field):
        TrainingConfig(**{field: value})


def test_patience_needs_validations() -> None:
    with pytest.raises(ConfigError, match="eval_every"):
        TrainingConfig(patience=3, eval_every=0)


def test_json_gives_the_config_back() -> None:
    config = TrainingConfig(steps=7, betas=(0.8, 0.95), patience=2, lr=3e-4)
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    with pytest.raises(ConfigError, match="colour"):
        TrainingConfig.from_dict({"colour": 1})
