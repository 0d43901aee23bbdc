"""Refusals speak of fields as the form calls them."""

from dataclasses import replace

import pytest

from explorer.runs.draft import Draft
from explorer.runs.presets import PRESETS
from explorer.widgets.field_names import NAMES, name_of, sentence
from llm.model.config import ConfigError, GPTConfig
from llm.training.config import TrainingConfig


def test_every_choice_of_a_draft_has_a_name() -> None:
    values = Draft.of(PRESETS["stories"].config).values
    assert {name for name in values if name not in NAMES} <= {"label_smoothing"}
    assert name_of("new_kind") == "New kind"


def test_the_model_and_the_training_refuse_in_the_forms_words() -> None:
    with pytest.raises(ConfigError) as caught:
        GPTConfig(d_model=130, n_heads=4)
    assert sentence(str(caught.value)) == "Width (130) must be a multiple of Heads (4); try Width 128."
    with pytest.raises(ConfigError) as caught:
        replace(TrainingConfig(), steps=0)
    assert sentence(str(caught.value)) == "Steps must be a whole number of at least 1, got 0."


def test_words_of_a_sentence_stay_words() -> None:
    said = "the validation text needs at least 33 tokens; use a shorter context or more text"
    assert sentence(said) == said.replace("the v", "The v")
    assert sentence("timeline must hold steps from 0 to 9.") == "Timeline must hold steps from 0 to 9."
