"""The ledger's facts of a run: what its recipe is, how it did, what it can be compared with."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from explorer.analysis.curves import MetricsTable
from explorer.analysis.ledger import SPARK, Facts, comparable, differences, facts, recipe, small_curve, varying
from llm.model.config import GPTConfig
from llm.runs.config import RunConfig, TokenizerOptions
from llm.runs.directory import RunDirectory
from llm.training.config import TrainingConfig

CONFIG = RunConfig(
    corpus="sums",
    tokenizer=TokenizerOptions(n_vocab=300),
    model=GPTConfig(d_vocab=300, n_ctx=32, n_layers=2, n_heads=2, n_kv_heads=2, d_model=16, d_mlp=32),
    training=TrainingConfig(steps=40),
)


def read(path: Path, config: RunConfig = CONFIG, validations: int = 4, **more: object) -> Facts:
    run = RunDirectory.create(path, config, **more)
    table = MetricsTable()
    for step in range(1, 41):
        seen = validations and step % (40 // validations) == 0
        loss = 4 - step / 20 if step < 35 else 3.0
        table.add(
            [
                {
                    "step": step,
                    "loss": 4.0,
                    "validation_loss": loss if seen else None,
                    "bits_per_byte": 1.5 * loss if seen else None,
                }
            ]
        )
    return facts(run, table.metrics())


def test_facts(tmp_path: Path) -> None:
    found = read(tmp_path / "a", parent={"id": "mother", "step": 7})
    assert (found.best, found.best_step, found.bits_per_byte) == (2.5, 30, 3.75)
    assert found.problem == ""
    assert found.parent == ("mother", 7)
    assert found.recipe["blocks"] == 2
    assert found.recipe["vocabulary"] == 300
    assert found.parameters
    assert found.flops_per_token
    assert found.n_bytes == sum(file.stat().st_size for file in (tmp_path / "a").iterdir())
    assert found.spark.shape == (2, 4)
    assert found.spark_of == "validation"


def test_a_damaged_run_keeps_its_figures(tmp_path: Path) -> None:
    run = tmp_path / "a"
    read(run)
    for text in ("{", json.dumps([]), json.dumps({"format": "vitrine-run", "version": 1, "config": {"corpus": 3}})):
        (run / "run.json").write_text(text)
        found = facts(RunDirectory(run), MetricsTable().metrics())
        assert found.problem
        assert found.recipe == {}
        assert found.best is None
    assert comparable([found]) == []


def test_every_choice_of_a_recipe_has_a_name_of_its_own() -> None:
    values = CONFIG.to_dict()
    parts = [values.pop(name) for name in ("model", "training")]
    del values["tokenizer"]  # two: which, and of how many tokens
    assert len(recipe(CONFIG)) == len(values) + sum(len(part) for part in parts) + 2


def test_what_differs_is_what_can_change_the_result() -> None:
    other = replace(
        CONFIG,
        threads=1,
        timeline=(0, 1),
        model=replace(CONFIG.model, n_layers=4),
        training=replace(CONFIG.training, lr=1e-3, eval_every=7),
    )
    one, two = recipe(CONFIG), recipe(other)
    assert differences(two, one) == {"blocks": (4, 2), "learning rate": (1e-3, 5e-3)}
    assert varying([one, two, {}]) == ["blocks", "learning rate"]
    assert varying([one]) == varying([]) == []


def test_only_runs_on_one_text_compare(tmp_path: Path) -> None:
    same = [read(tmp_path / name) for name in ("a", "b")]
    other = read(tmp_path / "c", replace(CONFIG, corpus_seed=5))
    unseen = read(tmp_path / "d", validations=0)
    assert comparable([other, *same, unseen]) == [1, 2]
    assert comparable([unseen]) == []
    finer = read(tmp_path / "e", replace(CONFIG, tokenizer=TokenizerOptions(n_vocab=400)))
    assert finer.text == same[0].text
    assert finer.tokens != same[0].tokens


def test_small_curve() -> None:
    table = MetricsTable()
    table.add({"step": n, "loss": None if n == 3 else float(n)} for n in range(1, 1001))
    curve, of = small_curve(table.metrics())
    assert of == "training"
    assert curve.shape[1] <= SPARK
    assert np.isfinite(curve).all()
    assert curve[1, -1] == np.mean(np.arange(1000 - (1000 - 1) % 17, 1001))
    assert small_curve(MetricsTable().metrics())[0].shape == (2, 0)
