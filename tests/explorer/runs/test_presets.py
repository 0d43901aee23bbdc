from dataclasses import replace

import pytest

from explorer.runs.presets import CHECKPOINTS, FIRST, PRESETS, matching, spread
from llm.runs.config import RunConfig
from llm.training.cost import cost


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_recipe_that_repeats(name: str) -> None:
    config = PRESETS[name].config
    assert RunConfig.from_dict(config.to_dict()) == config
    assert matching(config) == name
    assert matching(replace(config, device="cpu", threads=1)) == name
    assert matching(replace(config, corpus_seed=9)) is None
    assert config.timeline[0] == 0
    assert config.timeline[-1] == config.training.steps
    assert len(PRESETS[name].lesson) < 160
    assert cost(config.model, config.training).flops_total < 6e12, "more than about a minute of two cores"


def test_the_first_is_there() -> None:
    assert FIRST in PRESETS


def test_spread() -> None:
    assert spread(1000, CHECKPOINTS)[:4] == (0, 4, 18, 40)
    assert spread(3, 16) == (0, 1, 2, 3)
    assert spread(100, 0) == ()
    assert spread(100, 1) == (100,)
    for n in range(2, 40):
        steps = spread(500, n)
        assert steps[0] == 0
        assert steps[-1] == 500
        assert list(steps) == sorted(set(steps))
