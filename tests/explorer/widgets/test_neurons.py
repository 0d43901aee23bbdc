"""What the browser is told of neurons and of their places, which one is chosen, and the sentence over the picture."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st

from explorer import display
from explorer.analysis.neuron_effect import without_neuron
from explorer.analysis.neurons import activity, additions, given, neuron, writing
from explorer.analysis.snippets import Source, mine
from explorer.widgets import neuron_choice, snippets
from explorer.widgets.component import pack
from explorer.widgets.focus import Focus
from explorer.widgets.neuron_choice import parse
from explorer.widgets.neurons import Seen, lead, payload, ran, shape_table
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint, load_checkpoint
from llm.corpora.catalog import documents
from llm.model.config import GPTConfig
from llm.model.mlp import MLPS
from llm.trace import Trace, trace

TEXT = "Ben and Jack. Ben and"
PLACE, AT = (1, 7), Focus(1, 2, 4)


@pytest.fixture
def tiny(tiny_checkpoint: Path) -> Checkpoint:
    found = load_checkpoint(tiny_checkpoint)
    found.model.eval().requires_grad_(False)
    return found


def made(tiny: Checkpoint, refused: str = "") -> tuple[Prompt, Trace, Seen]:
    ids = tuple(tiny.tokenizer.encode(TEXT))
    seen, model = trace(tiny.model, ids), tiny.model
    sums = additions(seen, model, AT.token), writing(seen, model, *PLACE, AT.token)
    found = Seen(
        activity(seen, model),
        given(seen, model, AT.token),
        neuron(seen, model, *PLACE),
        without_neuron(seen, model, *PLACE),
        refused or sums,
    )
    return Prompt(TEXT, ids, display.tokens(tiny.tokenizer, ids)), seen, found


def text_of(parts: tuple[Any, ...]) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in parts)


def test_all_that_is_drawn_travels_and_every_token_in_it_is_named(tiny: Checkpoint) -> None:
    text, seen, found = made(tiny)
    header, arrays = payload(tiny, text, AT, PLACE, found)
    pack(header, **arrays)
    hook = seen.activations["blocks.1.mlp.hook_post"][0]
    assert np.array_equal(arrays["post"][1], hook[AT.token].numpy())
    assert arrays["own"] == pytest.approx(hook[:, 7].numpy())
    named = {int(id) for name in ("answer", "instead", "raised", "lowered") for id in np.ravel(arrays[name])}
    assert named == set(header["words"])
    answer = int(found.without.answer[AT.token])
    assert header["unit"] * arrays["own"][AT.token] == pytest.approx(arrays["adds"][PLACE], abs=1e-6)
    assert additions(seen, tiny.model, AT.token).token == answer


def test_what_is_no_sum_travels_without_sums(tiny: Checkpoint) -> None:
    text, _, found = made(tiny, refused="It is no sum.")
    header, arrays = payload(tiny, text, AT, PLACE, found)
    pack(header, **arrays)
    assert header["refused"] == "It is no sum."
    assert not {"adds", "raised", "lowered"} & set(arrays)
    assert "to the logit" not in text_of(lead(tiny, text, AT, PLACE, found))


def test_the_lead_says_what_it_gives_and_what_goes_without_it(tiny: Checkpoint) -> None:
    text, _, found = made(tiny)
    said = text_of(lead(tiny, text, AT, PLACE, found))
    assert said.startswith("Neuron 1.7 gives ")
    assert "to the logit of" in said
    assert "Held at zero, the model" in said


def test_shapes_are_the_hooks_own(tiny: Checkpoint) -> None:
    text, seen, _ = made(tiny)
    table = shape_table(tiny.model.config, PLACE, len(text.ids))
    shapes = dict(zip(table["hook or weight"], table["shape"], strict=True))
    for name, value in seen.activations.items():
        if name in shapes:
            assert shapes[name] == " × ".join(str(n) for n in value.shape)
    for name, parameter in tiny.model.named_parameters():
        if name in shapes and name != "unembed.weight":
            assert shapes[name] == " × ".join(str(n) for n in parameter.shape)
    gated = shape_table(GPTConfig(mlp="swiglu"), (3, 0), 5)["hook or weight"].tolist()
    assert {"blocks.3.mlp.hook_pre_linear", "blocks.3.mlp.W_gate.weight"} <= set(gated)


def test_the_code_of_every_kind_is_found() -> None:
    for kind, mlp in MLPS.items():
        found = ran(mlp(GPTConfig(d_model=16, n_heads=2, n_kv_heads=2, d_mlp=8, mlp=kind)))
        assert any("forward" in vars(one) for one in found)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("0.0", (0, 0)),
        ("3.767", (3, 767)),
        ("4.0", None),
        ("3.768", None),
        ("3", None),
        ("-1.2", None),
        ("1.2.3", None),
    ],
)
def test_a_neuron_by_its_name(text: str, place: tuple[int, int] | None) -> None:
    assert parse(text, GPTConfig(n_layers=4, d_mlp=768)) == place


def test_what_the_picture_says_is_kept_and_a_link_is_held_within_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {}
    opened: list[dict[str, str] | None] = [None]
    focused: list[int | None] = []
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr("explorer.widgets.on_show.name", lambda: "one")
    monkeypatch.setattr(neuron_choice._ADDRESS, "opened", lambda: opened[0])
    monkeypatch.setattr(neuron_choice._ADDRESS, "say", lambda values: None)
    monkeypatch.setattr(neuron_choice._ADDRESS, "keep", lambda: None)
    monkeypatch.setattr(neuron_choice, "set_focus", lambda layer: focused.append(layer))
    config = GPTConfig(n_layers=4, d_mlp=768)
    assert neuron_choice.read(config).place is None
    state["neurons"] = {"choices": {"neuron": "2.117", "shade": "often", "evil": "x"}}
    neuron_choice.on_choices("neurons")()
    assert neuron_choice.read(config).place == (2, 117)
    assert focused == [2]
    state["neurons"] = {"choices": {"neuron": "2.117", "shade": "adds"}}
    neuron_choice.on_choices("neurons")()
    assert focused == [2], "only a neuron that is chosen moves the focus"
    opened[0] = {"neuron": "9.9"}
    found = neuron_choice.read(config)
    assert found.place is None
    assert "Expected a neuron from 0.0 to 3.767" in found.note
    opened[0] = {"neuron": "<script>"}
    assert "Expected a neuron" in neuron_choice.read(config).note
    opened[0] = {"neuron": "1.5"}
    assert neuron_choice.read(config).place == (1, 5)
    opened[0] = None
    monkeypatch.setattr("explorer.widgets.on_show.name", lambda: "another")
    assert neuron_choice.read(config).place is None, "the same number is another neuron there"


def test_the_places_travel_with_their_values(tiny: Checkpoint) -> None:
    texts = documents("stories", 5, 3_000)
    mined = mine(tiny.model, tiny.tokenizer, Source("some stories", lambda: texts), lambda words: None, 400)
    header, values = snippets.payload(tiny, mined, PLACE)
    pack(header, values=values)
    both = [*header["highest"], *header["drawn"]]
    assert len(values) == sum(len(one["tokens"]) for one in both)
    assert values[header["highest"][0]["at"]] == pytest.approx(mined.highest.value[1, 7, 0], abs=1e-5)
    assert header["n_tokens"] == 400
    assert sum(one["alike"] for one in header["highest"]) <= header["kept"]
