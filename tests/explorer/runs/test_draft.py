from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from explorer.runs.draft import MODEL, TEXT_FILE, TRAINING, Draft, corpora, kept
from explorer.runs.presets import PRESETS
from llm.model.config import ConfigError, GPTConfig
from llm.runs.config import RunConfig, RunError, TokenizerOptions, WindowKind
from llm.training.config import TrainingConfig

BASE = PRESETS["stories"].config
MODEL_KINDS = {n: get_args(k) for n, k in get_type_hints(GPTConfig).items() if get_args(k)}
TRAINING_KINDS = {n: get_args(k) for n, k in get_type_hints(TrainingConfig).items() if n in TRAINING and get_args(k)}


def with_value(config: RunConfig, **values: Any) -> Draft:
    draft = Draft.of(config)
    return replace(draft, values={**draft.values, **values})


@pytest.mark.parametrize("name", PRESETS)
def test_nothing_is_lost(name: str) -> None:
    config = PRESETS[name].config
    assert Draft.of(config).config() == config


@pytest.mark.parametrize(("name", "kind"), [(n, k) for n, kinds in MODEL_KINDS.items() for k in kinds])
def test_every_variant_of_the_model_can_be_chosen(name: str, kind: str) -> None:
    assert name in MODEL
    chosen: dict[str, Any] = {name: kind}
    made = with_value(BASE, **chosen).config()
    assert made == replace(BASE, model=replace(BASE.model, **chosen))
    assert Draft.of(made).config() == made


@pytest.mark.parametrize(("name", "kind"), [(n, k) for n, kinds in TRAINING_KINDS.items() for k in kinds])
def test_every_variant_of_training_can_be_chosen(name: str, kind: str) -> None:
    chosen: dict[str, Any] = {name: kind}
    assert with_value(BASE, **chosen).config().training == replace(BASE.training, **chosen)


@pytest.mark.parametrize("kind", get_args(WindowKind))
def test_windows(kind: str) -> None:
    assert with_value(BASE, windows=kind).config().windows == kind


@pytest.mark.parametrize("kind", corpora())
def test_corpora(kind: str) -> None:
    assert with_value(BASE, text=kind).config().corpus == kind


def test_a_text_of_ones_own() -> None:
    draft = with_value(BASE, text="upload:abc")
    assert draft.upload == "abc"
    config = draft.config()
    assert (config.corpus, config.corpus_file) == ("file", TEXT_FILE)
    assert Draft.of(config, "abc").config() == config
    assert with_value(config, text="sums").config().corpus_file is None


def test_switches_numbers_and_threads() -> None:
    made = with_value(BASE, bias=True, tied=False, n_heads=8, heads_a_kv=4, threads=2, tokenizer="bpe", n_vocab=512)
    config = made.config()
    assert (config.model.bias, config.model.tied, config.model.n_kv_heads) == (True, False, 2)
    assert config.threads == 2
    assert config.tokenizer == TokenizerOptions("bpe", 512)


def test_k_and_v_follow_the_heads_and_the_mlp_follows_the_width() -> None:
    model = with_value(BASE, n_heads=2, d_model=96).config().model
    assert (model.n_kv_heads, model.d_mlp) == (2, 384)
    model = replace(BASE.model, n_heads=6, n_kv_heads=3, d_model=48, d_mlp=100)
    odd = replace(BASE, model=model)
    assert Draft.of(odd).config() == odd
    model = with_value(odd, n_heads=8, d_model=96).config().model
    assert (model.n_kv_heads, model.d_mlp) == (4, 200)


@pytest.mark.parametrize("ratio", [1e308, 1e20, float("inf")])
def test_an_mlp_beyond_all_measure_is_refused(ratio: float) -> None:
    with pytest.raises(ConfigError, match="wider than 1,048,576; 4 is usual"):
        with_value(BASE, mlp_ratio=ratio).config()


def test_the_timeline_follows_the_steps() -> None:
    assert with_value(BASE, steps=400).config().timeline[-1] == 400
    assert with_value(BASE, looks=5).config().timeline == (0, 31, 125, 281, 500)
    assert with_value(BASE, looks=0).config().timeline == ()


def test_a_tokenizer_of_a_directory_is_kept_until_another_is_chosen() -> None:
    config = replace(BASE, tokenizer=TokenizerOptions("bpe", 512, Path("tokenizer")))
    assert Draft.of(config).config() == config
    assert Draft.of(config).values["tokenizer"] == kept("", Path("tokenizer"))
    assert with_value(config, tokenizer="bpe", n_vocab=600).config().tokenizer == TokenizerOptions("bpe", 600)
    given = with_value(BASE, tokenizer=kept("My own", Path("/home/tokenizers/My own"))).config().tokenizer
    assert (given.directory, given.name) == (Path("/home/tokenizers/My own"), "My own")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"d_model": 130}, "multiple of n_heads"),
        ({"heads_a_kv": 3}, "must divide"),
        ({"heads_a_kv": 0}, "must divide"),
        ({"mlp_ratio": 0.0}, "d_mlp"),
        ({"steps": 0}, "steps"),
        ({"lr": 0.0}, "lr must be"),
        ({"validation_fraction": 1.0}, "between 0 and 1"),
        ({"checkpoint_every": 0}, "checkpoint_every"),
    ],
)
def test_what_does_not_fit_is_said_by_the_recipe(values: dict[str, Any], said: str) -> None:
    with pytest.raises((ConfigError, RunError), match=said):
        with_value(BASE, **values).config()
