"""What the Patching page asks: the corrupted prompt, the way, the answers, the patch by hand; kept, in the address."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast, get_args

import streamlit as st

from explorer.analysis.interventions import Part
from explorer.analysis.patching import Way
from explorer.analysis.stacks import LONGEST, like, part
from explorer.widgets import focus, on_show
from explorer.widgets.address import Address, parse
from llm.data import clean_text
from llm.model.config import GPTConfig

NAMES = ("corrupted", "way", "right", "wrong", "cell", "shade")
_ADDRESS = Address(*NAMES)
_STATE, _MODEL = "_patching", "_patching_model"


@dataclass(frozen=True)
class Question:
    """What is asked; the usual is not said."""

    choices: Mapping[str, str]  # words of NAMES

    @property
    def corrupted(self) -> str:
        return self.choices.get("corrupted", "")

    @property
    def way(self) -> Way:
        said = self.choices.get("way", "")
        return cast(Way, said) if said in get_args(Way) else "denoise"

    def answers(self, n_vocab: int) -> tuple[int | None, int | None]:
        """Tokens of the reader's choice; None is what the run itself says."""
        found = (parse(self.choices.get(name)) for name in ("right", "wrong"))
        right, wrong = (token if token is not None and token < n_vocab else None for token in found)
        return right, wrong

    def moved(self, config: GPTConfig, n_base: int, n_source: int) -> tuple[Part, Part] | None:
        """The patch by hand, where it goes and where it comes from, if the model and the texts have it."""
        to, _, origin = self.choices.get("cell", "").partition("<")
        where = part(to)
        source = part(origin) if origin else where
        if where is None or source is None or not like(where, source):
            return None
        fits = where.within(config) and source.within(config)
        return (where, source) if fits and (where.at or 0) < n_base and (source.at or 0) < n_source else None


def read() -> Question:
    """What is asked, which the address is made to say; tokens by their ids do not outlive the model."""
    model = on_show.name()
    if (link := _ADDRESS.opened()) is not None:
        st.session_state[_STATE] = _words(link)
    elif st.session_state.get(_MODEL, model) != model:
        said = st.session_state.get(_STATE, {})
        st.session_state[_STATE] = {name: word for name, word in said.items() if name not in ("right", "wrong")}
    st.session_state[_MODEL] = model
    kept = dict(st.session_state.get(_STATE, {}))
    _ADDRESS.say(kept)
    return Question(kept)


def ask(**change: str) -> None:
    """Ask otherwise; an empty word is the usual. From a callback it holds at once; in a page, st.rerun() after it."""
    st.session_state[_STATE] = _words({**st.session_state.get(_STATE, {}), **change})
    _ADDRESS.keep()


def on_choices(key: str) -> Callable[[], None]:
    """The callback of the picture mounted under `key`: what it says of its own choices is kept."""

    def changed() -> None:
        sent = st.session_state[key].get("choices")
        if isinstance(sent, Mapping):
            ask(**{name: str(sent[name]) for name in NAMES[1:] if name in sent})
            if isinstance(at := sent.get("focus"), Mapping):
                focus.set_focus(**{name: parse(at.get(name)) for name in focus.NAMES})

    return changed


def _words(given: Mapping[str, str]) -> dict[str, str]:
    kept = {name: given[name] for name in NAMES[1:] if re.fullmatch(r"[a-z0-9.@<]{1,32}", given.get(name, ""))}
    corrupted = clean_text(given.get("corrupted", ""))[:LONGEST]
    return ({"corrupted": corrupted} if corrupted else {}) | kept
