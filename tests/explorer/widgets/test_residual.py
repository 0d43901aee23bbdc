"""What the browser is told of a stream and its norms, what the page asks, and the sentence over the picture."""

from dataclasses import replace

import numpy as np
import pytest

from explorer import display
from explorer.analysis.norm_trial import NormTrial, every_norm, norm_trial
from explorer.analysis.norms import Stream, norm_at, places, stream
from explorer.widgets import focus, residual_choice
from explorer.widgets.component import pack
from explorer.widgets.focus import Focus
from explorer.widgets.prompt import Prompt
from explorer.widgets.residual import Sight, lead, payload, shape_table
from explorer.widgets.residual_choice import Choice, norm_word
from llm.checkpoint import Checkpoint
from llm.model.config import GPTConfig
from llm.trace import Trace, trace
from tests.explorer.widgets.conftest import Session

TEXT = "Ben and Jack. Ben and"


def made(tiny: Checkpoint, place: int) -> tuple[Prompt, Trace, Stream, NormTrial]:
    ids = tuple(tiny.tokenizer.encode(TEXT))
    seen = trace(tiny.model, ids)
    text = Prompt(TEXT, ids, display.tokens(tiny.tokenizer, ids))
    return text, seen, stream(seen, tiny.model), norm_trial(seen, tiny.model, place, "bypass")


def test_all_that_is_drawn_travels_and_every_token_in_it_is_named(tiny: Checkpoint) -> None:
    text, seen, found, trial = made(tiny, 3)
    T, at = len(text.ids), Focus(1, 2, 4)
    norm, each = norm_at(seen, tiny.model, 3, 4), every_norm(seen, tiny.model)
    header, arrays = payload(Sight(tiny, text, at, 3, found, Choice({}), norm, trial, each))
    pack(header, **arrays)
    assert header["focus"] == {"layer": 1, "head": 2, "token": 4, "norm": "ln2"}
    assert arrays["length"].shape == (5, T)
    assert np.array_equal(arrays["x"], norm.x)
    assert {int(id) for id in trial.top[:, 4].ravel()} | {int(id) for id in trial.answer} == set(header["words"])
    assert "bias" not in arrays, "this model has none"
    assert header["divisor"] is None
    assert each is not None
    assert np.array_equal(arrays["each"], each)


def test_where_no_norm_reads_there_is_a_stream_all_the_same(tiny: Checkpoint) -> None:
    text, _, found, _ = made(tiny, 1)
    header, arrays = payload(Sight(tiny, text, Focus(0, 0, 0), 0, found, Choice({})))
    pack(header, **arrays)
    assert not {"x", "answer", "each"} & set(arrays)


def test_the_lead_says_how_far_it_goes_and_what_the_second_pass_makes_of_it(tiny: Checkpoint) -> None:
    text, _, found, trial = made(tiny, 4)
    sight = Sight(tiny, text, Focus(1, 0, 4), 4, found, Choice({}), trial=trial)
    parts = lead(sight)
    said = "".join(part if isinstance(part, str) else part.text for part in parts)
    assert f"a length of {display.signed(float(found.length[0, 4]), 1)} to" in said
    assert "The final norm divides it by" in said
    assert f"{display.pct(float(trial.after[4]))}." in said
    frozen = norm_trial(trace(tiny.model, text.ids), tiny.model, 4, "mean")
    parts = lead(replace(sight, trial=frozen))
    said = "".join(part if isinstance(part, str) else part.text for part in parts)
    assert f"divide every token by {display.signed(frozen.divisor or 0, 2)}" in said


def test_shapes_are_the_hooks_own(tiny: Checkpoint) -> None:
    text, seen, found, _ = made(tiny, 2)
    table = shape_table(Sight(tiny, text, Focus(0, 0, 0), 2, found, Choice({})))
    shapes = dict(zip(table["hook or weight"], table["shape"], strict=True))
    for name, value in seen.activations.items():
        if name in shapes:
            assert shapes[name] == " × ".join(str(n) for n in value.shape)
    assert shapes["blocks.1.ln1.w"] == "32"


@pytest.mark.parametrize(
    ("said", "layer", "norm"),
    [
        ({}, 1, "blocks.1.ln1"),
        ({"norm": "ln2"}, 0, "blocks.0.ln2"),
        ({"norm": "final"}, 0, "ln_final"),
        ({"norm": "none"}, 1, "blocks.1.ln1"),  # a norm reads every place of this model
        ({"norm": "nonsense"}, 0, "blocks.0.ln1"),
    ],
)
def test_the_place_is_the_one_that_the_chosen_norm_reads(said: dict[str, str], layer: int, norm: str) -> None:
    found = places(GPTConfig(n_layers=2))
    assert found[Choice(said).place(found, layer)].norm == norm


def test_a_norm_that_a_model_lacks_is_another_of_it() -> None:
    attention_only = places(GPTConfig(n_layers=2, mlp="none"))
    assert attention_only[Choice({"norm": "ln2"}).place(attention_only, 1)].norm == "blocks.1.ln1"
    post_norm = places(GPTConfig(n_layers=2, block="post_norm"))
    assert Choice({"norm": "none"}).place(post_norm, 1) == 0
    assert [norm_word(place) for place in post_norm] == ["none", "ln1", "ln2", "ln1", "ln2", "final"]


def test_a_choice_from_a_link_holds_within_the_text() -> None:
    assert Choice({"how": "token", "like": "99"}).like(7) == 6
    assert Choice({"like": "x"}).like(7) == 0
    assert Choice({"how": "explode"}).how == "bypass"


def test_what_the_picture_says_is_kept(session_of: Session) -> None:
    state = session_of(residual_choice, focus)
    state["residual"] = {"choices": {"cells": "cosine", "how": "mean", "evil": "x", "dim": "<b>"}}
    residual_choice.on_choices("residual")()
    state["residual"] = {"focus": {"layer": 1, "head": 0, "token": 2, "norm": "final"}}
    residual_choice.on_look("residual")()
    assert residual_choice.read().choices == {"cells": "cosine", "how": "mean", "norm": "final"}
    state["residual"] = {"focus": {"layer": 1, "head": 0, "token": 2, "norm": "ln1"}}
    residual_choice.on_look("residual")()
    assert residual_choice.read().choices == {"cells": "cosine", "how": "mean"}
