from dataclasses import replace

from explorer.analysis.step_time import step_seconds
from llm.model.config import GPTConfig
from llm.training.config import TrainingConfig

TINY = GPTConfig(d_vocab=61, n_ctx=24, n_layers=1, n_heads=2, n_kv_heads=2, d_model=16, d_mlp=32)


def test_an_update_takes_some_time() -> None:
    one = step_seconds(TINY, TrainingConfig(batch_size=2))
    assert one is not None
    assert 0 < one < 5


def test_a_giant_is_not_tried() -> None:
    giant = replace(TINY, n_layers=200, d_model=8192, d_mlp=32768, n_ctx=4096)
    assert step_seconds(giant, TrainingConfig(batch_size=64)) is None


def test_a_part_of_much_work_is_multiplied() -> None:
    assert step_seconds(TINY, TrainingConfig(batch_size=100_000)) is not None
