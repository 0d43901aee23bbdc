"""Which deeper look at the head in focus stands under the wall, and what it is asked; kept, and in the address."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import streamlit as st

from explorer.analysis.edited_row import Sum
from explorer.widgets.address import Address
from explorer.widgets.focus import Focus
from explorer.widgets.header import section_header

Look = Literal["score", "role", "tables", "rollout", "edit"]
LOOKS: dict[Look, str] = {
    "score": "One score",
    "role": "Its role",
    "tables": "What it copies",
    "rollout": "Through the blocks",
    "edit": "Edit a row",
}
NAMES = ("look", "pair", "terms", "vocabulary", "row", "sum")
_ADDRESS = Address(*NAMES)
_STATE, _WIDGET = "_attention_look", "attention_look"
_EDIT = re.compile(r"(\d{1,6})x([01](?:\.\d{1,4})?)", re.ASCII)


@dataclass(frozen=True)
class Choice:
    """What the reader asks; the usual is not said."""

    choices: Mapping[str, str]  # words of NAMES

    @property
    def look(self) -> Look | None:
        """The one that is open; at first none, so that the page and its every step stay light."""
        said = self.choices.get("look", "")
        return cast(Look, said) if said in get_args(Look) else None

    @property
    def whole_vocabulary(self) -> bool:
        return self.choices.get("vocabulary") == "yes"

    @property
    def total(self) -> Sum:
        return "free" if self.choices.get("sum") == "free" else "one"

    def edits(self, at: Focus) -> tuple[tuple[int, float], ...]:
        """The weights written by hand in the row in focus, by key; those of another row do not count here."""
        place, *written = self.choices.get("row", "").split("_")
        if place != f"{at.layer}.{at.head}.{at.token}":
            return ()
        found = [match for piece in written if (match := _EDIT.fullmatch(piece))]
        weights = {int(match[1]): float(match[2]) for match in found}
        return tuple((key, weight) for key, weight in sorted(weights.items()) if key <= at.token and weight <= 1)


def read() -> Choice:
    """What is chosen, which the address is made to say."""
    if (link := _ADDRESS.opened()) is not None:
        st.session_state[_STATE] = _words(link)
    kept = dict(st.session_state.get(_STATE, {}))
    _ADDRESS.say(kept)
    return Choice(kept)


def chooser(asked: Choice) -> None:
    """The row of words that opens one look or another, and the share row of the one that is open."""
    st.session_state[_WIDGET] = asked.look
    with st.container(key="attention_looks", gap="small"):
        if asked.look:
            section_header("Look deeper", f"attention_{asked.look}")
        else:
            st.html('<h2 class="vitrine-h2">Look deeper</h2>')
        st.segmented_control(
            "Look deeper",
            list(LOOKS),
            format_func=lambda look: LOOKS[look],
            key=_WIDGET,
            label_visibility="collapsed",
            on_change=_looked,
        )


def _looked() -> None:
    _keep({"look": st.session_state.get(_WIDGET) or ""})


def on_choices(key: str) -> Callable[[], None]:
    """The callback of a picture mounted under `key`: what it says of its own choices is kept."""

    def changed() -> None:
        sent = st.session_state[key].get("choices")
        if isinstance(sent, Mapping):
            _keep({name: str(sent[name]) for name in NAMES if name in sent})

    return changed


def _keep(change: Mapping[str, str]) -> None:
    st.session_state[_STATE] = _words({**st.session_state.get(_STATE, {}), **change})
    _ADDRESS.keep()


def _words(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: word for name in NAMES if re.fullmatch(r"[a-z0-9._]{1,4000}", word := str(given.get(name, "")))}
