"""Which neuron the Neurons page looks at, and what shades its wall; kept, and in the address as ?neuron=2.117."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from explorer.widgets import on_show
from explorer.widgets.address import Address
from explorer.widgets.focus import set_focus
from llm.model.config import GPTConfig

NAMES = ("neuron", "shade")
_ADDRESS = Address(*NAMES)
_STATE, _MODEL, _NOTE = "_neurons", "_neurons_model", "_neurons_note"

Place = tuple[int, int]  # layer and number, from 0


@dataclass(frozen=True)
class Choice:
    """What the reader chose."""

    choices: Mapping[str, str]  # words of NAMES; the usual is not said
    place: Place | None  # none: the one that stands out
    note: str = ""  # what the link asked for and did not get


def read(config: GPTConfig) -> Choice:
    """What is chosen, which the address is made to say; a neuron that this model lacks is let go."""
    model = on_show.name()
    if (link := _ADDRESS.opened()) is not None:
        st.session_state[_STATE], st.session_state[_NOTE] = _words(link), ""
    elif st.session_state.get(_MODEL, model) != model:  # the same number is another neuron there
        st.session_state[_STATE] = {**st.session_state.get(_STATE, {}), "neuron": ""}
        st.session_state[_NOTE] = ""
    st.session_state[_MODEL] = model
    kept = _words(st.session_state.get(_STATE, {}))
    asked = (link or {}).get("neuron", kept.get("neuron", ""))
    place = parse(asked, config)
    if place is None and asked:
        last = f"{config.n_layers - 1}.{config.d_mlp - 1}"
        st.session_state[_NOTE] = f"Expected a neuron from 0.0 to {last}, got “{asked[:20]}”; showing another."
        kept.pop("neuron", None)
    st.session_state[_STATE] = kept
    _ADDRESS.say(kept)
    return Choice(kept, place, str(st.session_state.get(_NOTE, "")))


def parse(text: str, config: GPTConfig) -> Place | None:
    """ "2.117" as layer and number, where such a model has it."""
    found = re.fullmatch(r"([0-9]{1,4})\.([0-9]{1,6})", text)
    if not found:
        return None
    layer, number = int(found[1]), int(found[2])
    return (layer, number) if layer < config.n_layers and number < config.d_mlp else None


def on_choices(key: str) -> Callable[[], None]:
    """The callback of the picture mounted under `key`: what it says of its own choices is kept, and the layer of the
    neuron chosen becomes everybody's."""

    def changed() -> None:
        sent = st.session_state[key].get("choices")
        if isinstance(sent, Mapping):
            before = st.session_state.get(_STATE, {})
            st.session_state[_STATE] = _words({**before, **{name: str(sent[name]) for name in NAMES if name in sent}})
            st.session_state[_NOTE] = ""
            _ADDRESS.keep()
            neuron = st.session_state[_STATE].get("neuron", "")
            if neuron and neuron != before.get("neuron"):
                set_focus(layer=int(neuron.partition(".")[0]))

    return changed


def _words(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name in NAMES if re.fullmatch(r"[a-z0-9.]{1,12}", given.get(name, ""))}
