"""Which norm the Residual stream page looks at, what the second pass does with it, how it is drawn; in the address."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

import streamlit as st

from explorer.analysis.norm_trial import How
from explorer.analysis.norms import Place
from explorer.widgets import focus, leaving
from explorer.widgets.address import Address, parse

NAMES = ("norm", "cells", "how", "like", "dim", "order")
NORMS = ("ln1", "ln2", "final", "none")  # none: the embedding of a post-norm model, which no norm reads
_ADDRESS = Address(*NAMES)
_STATE = "_residual"


@dataclass(frozen=True)
class Choice:
    """What the reader asks; the usual is not said."""

    choices: Mapping[str, str]  # words of NAMES

    @property
    def how(self) -> How:
        said = self.choices.get("how", "")
        return cast(How, said) if said in get_args(How) else "bypass"

    def like(self, n_tokens: int) -> int:
        """The token whose divisor all take, held within the text."""
        return min(parse(self.choices.get("like")) or 0, n_tokens - 1)

    def place(self, places: tuple[Place, ...], layer: int) -> int:
        """The place that the chosen norm of a layer reads; a norm that this model lacks is the one before it."""
        asked = self.choices.get("norm", "ln1")
        names = {"final": ["ln_final"], "none": [""], "ln2": [f"blocks.{layer}.ln2"]}.get(asked, [])
        read = [place.norm for place in places]
        return next(read.index(name) for name in [*names, f"blocks.{layer}.ln1"] if name in read)


def norm_word(place: Place) -> str:
    """A norm as the address says it."""
    return {"": "none", "ln_final": "final"}.get(place.norm, place.norm.rpartition(".")[2])


def read() -> Choice:
    """What is chosen, which the address is made to say."""
    if (link := _ADDRESS.opened()) is not None:
        st.session_state[_STATE] = _words(link)
    kept = dict(st.session_state.get(_STATE, {}))
    _ADDRESS.say(kept)
    return Choice(kept)


def on_look(key: str) -> Callable[[], None]:
    """The callback of the picture mounted under `key`: its focus is everybody's, and the norm that it names is kept."""
    everybody = focus.on_focus(key)

    def looked() -> None:
        everybody()
        _keep_norm(st.session_state[key].get("focus"))

    return looked


def on_go(key: str) -> Callable[[], None]:
    """The callback of a picture that leads to this page: as leaving's, and the norm that it names is kept."""
    leave = leaving.on_go(key)

    def asked() -> None:
        leave()
        _keep_norm((st.session_state[key].get("go") or {}).get("focus"))

    return asked


def _keep_norm(sent: object) -> None:
    if isinstance(sent, Mapping) and sent.get("norm") in NORMS:
        _keep({"norm": "" if sent["norm"] == "ln1" else sent["norm"]})


def on_choices(key: str) -> Callable[[], None]:
    """The callback of its choices."""

    def changed() -> None:
        sent = st.session_state[key].get("choices")
        if isinstance(sent, Mapping):
            _keep({name: str(sent[name]) for name in NAMES if name in sent})

    return changed


def _keep(change: Mapping[str, str]) -> None:
    st.session_state[_STATE] = _words({**st.session_state.get(_STATE, {}), **change})
    _ADDRESS.keep()


def _words(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: given[name] for name in NAMES if re.fullmatch(r"[a-z0-9]{1,12}", given.get(name, ""))}
