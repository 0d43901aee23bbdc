"""The layer, head and token that all pages look at: kept for the session, written in the address, always valid."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from explorer.widgets import on_show, stack
from explorer.widgets.address import Address
from explorer.widgets.address import parse as parse
from explorer.widgets.prompt import KEY as PROMPT_KEY
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint

NAMES = ("layer", "head", "token")
LAST = 10**8  # a token beyond any text: the focus takes the last there is
_STATE = "_focus"  # what the reader asked for: names that are missing follow the opening and the last token
_NOTE = "_focus_note"
_ADDRESS = Address(*NAMES)


@dataclass(frozen=True)
class Focus:
    """A place that exists in the model and the prompt on show; all count from 0."""

    layer: int
    head: int
    token: int

    def wire(self) -> dict[str, int]:
        """The JSON form that kit.js reads."""
        return {"layer": self.layer, "head": self.head, "token": self.token}


def resolve(asked: Mapping[str, int], n_layers: int, n_heads: int, n_tokens: int, first: tuple[int, int]) -> Focus:
    """What was asked for, held within the model and the prompt; no token asked for is the last one."""
    limits = {"layer": n_layers - 1, "head": n_heads - 1, "token": n_tokens - 1}
    default = {"layer": first[0], "head": first[1], "token": n_tokens - 1}
    return Focus(**{name: min(asked.get(name, default[name]), limits[name]) for name in NAMES})


def read(checkpoint: Checkpoint, prompt: Prompt) -> Focus:
    """The focus for this model and prompt; the address is made to say it."""
    asked, link = _asked(), _ADDRESS.opened()
    start, config = on_show.start(), checkpoint.model.config
    found = resolve(asked, config.n_layers, config.n_heads, len(prompt.ids), (start.layer, start.head))
    kept = {name: getattr(found, name) for name in NAMES if name in asked}
    if link is not None:
        wrong = [name for name in link if asked.get(name) != getattr(found, name)]
        said = ", ".join(f"{name} {getattr(found, name)}" for name in wrong)
        st.session_state[_NOTE] = f"The link asked for a place that is not here; showing {said}." if wrong else ""
    if kept.get("token") == len(prompt.ids) - 1:
        del kept["token"]
    st.session_state[_STATE] = kept
    _ADDRESS.say({name: str(at) for name, at in kept.items()})
    return found


def within(n_layers: int, n_heads: int) -> tuple[int, int]:
    """Layer and head of the focus, held within another model than the one on show."""
    start = on_show.start()
    at = resolve(_asked(), n_layers, n_heads, 1, (start.layer, start.head))
    return at.layer, at.head


def set_focus(layer: int | None = None, head: int | None = None, token: int | None = None) -> None:
    """Look elsewhere. From a callback it holds at once; in a page, st.rerun() after it."""
    change = {"layer": layer, "head": head, "token": token}
    st.session_state[_STATE] = {**_asked(), **{name: at for name, at in change.items() if at is not None}}
    _ADDRESS.keep()
    st.session_state[_NOTE] = ""


def note() -> str:
    """What was wrong with the link that was opened, until the reader looks elsewhere; mostly nothing."""
    return str(st.session_state.get(_NOTE, ""))


def on_focus(key: str) -> Callable[[], None]:
    """The callback of a picture mounted under `key`: its state "focus" becomes everybody's."""

    def changed() -> None:
        sent = st.session_state[key].get("focus")
        if isinstance(sent, Mapping):
            set_focus(**{name: parse(sent.get(name)) for name in NAMES})

    return changed


def link(page: str = "", **change: int) -> str:
    """The address of a page ("attention"; "" is Home) with this model, prompt and focus, and what is changed in it."""
    state: dict[str, Any] = {**st.session_state.get(_STATE, {}), **change, **on_show.values(), **stack.values()}
    if st.session_state.get(PROMPT_KEY):
        state[PROMPT_KEY] = st.session_state[PROMPT_KEY]
    return f"{page}?{urlencode(state)}" if state else page


def _asked() -> dict[str, int]:
    """From the address if it is not the one this session wrote, else from the session."""
    if (link := _ADDRESS.opened()) is not None:
        values = {name: parse(value) for name, value in link.items()}
        return {name: value for name, value in values.items() if value is not None}
    return dict(st.session_state.get(_STATE, {}))
