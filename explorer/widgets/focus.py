"""The layer, head and token that all pages look at: kept for the session, written in the address, always valid."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from explorer.opening import opening
from explorer.widgets import model_picker
from explorer.widgets.prompt import KEY as PROMPT_KEY
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint

NAMES = ("layer", "head", "token")
_STATE = "_focus"  # what the reader asked for: names that are missing follow the opening and the last token
_NOTE = "_focus_note"
_WRITTEN = "_focus_written"  # the address as this session left it; another one means that a link was opened


@dataclass(frozen=True)
class Focus:
    """A place that exists in the model and the prompt on show; all count from 0."""

    layer: int
    head: int
    token: int

    def wire(self) -> dict[str, int]:
        """The JSON form that kit.js reads."""
        return {"layer": self.layer, "head": self.head, "token": self.token}


def parse(value: object) -> int | None:
    """A whole number from 0 up, from an address or a picture; anything else is None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    if isinstance(value, float):
        return int(value) if value >= 0 and value.is_integer() else None
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else None


def resolve(asked: Mapping[str, int], n_layers: int, n_heads: int, n_tokens: int, first: tuple[int, int]) -> Focus:
    """What was asked for, held within the model and the prompt; no token asked for is the last one."""
    limits = {"layer": n_layers - 1, "head": n_heads - 1, "token": n_tokens - 1}
    default = {"layer": first[0], "head": first[1], "token": n_tokens - 1}
    return Focus(**{name: min(asked.get(name, default[name]), limits[name]) for name in NAMES})


def read(checkpoint: Checkpoint, prompt: Prompt) -> Focus:
    """The focus for this model and prompt; the address is made to say it."""
    asked = _asked()
    start, config = opening(model_picker.name() or ""), checkpoint.model.config
    found = resolve(asked, config.n_layers, config.n_heads, len(prompt.ids), (start.layer, start.head))
    kept = {name: getattr(found, name) for name in NAMES if name in asked}
    if _foreign():
        wrong = [name for name in NAMES if name in st.query_params and asked.get(name) != getattr(found, name)]
        said = ", ".join(f"{name} {getattr(found, name)}" for name in wrong)
        st.session_state[_NOTE] = f"The link asked for a place that is not here; showing {said}." if wrong else ""
    if kept.get("token") == len(prompt.ids) - 1:
        del kept["token"]
    st.session_state[_STATE] = kept
    for name in NAMES:
        if name in kept and st.query_params.get_all(name) != [str(kept[name])]:
            st.query_params[name] = str(kept[name])
        elif name not in kept and name in st.query_params:
            del st.query_params[name]
    st.session_state[_WRITTEN] = _address()
    return found


def set_focus(layer: int | None = None, head: int | None = None, token: int | None = None) -> None:
    """Look elsewhere. From a callback it holds at once; in a page, st.rerun() after it."""
    change = {"layer": layer, "head": head, "token": token}
    st.session_state[_STATE] = {**_asked(), **{name: at for name, at in change.items() if at is not None}}
    st.session_state[_WRITTEN] = _address()
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
    state: dict[str, Any] = {**st.session_state.get(_STATE, {}), **change}
    for key in (model_picker.KEY, PROMPT_KEY):
        if st.session_state.get(key):
            state[key] = st.session_state[key]
    return f"{page}?{urlencode(state)}" if state else page


def _asked() -> dict[str, int]:
    """From the address if it is not the one this session wrote, else from the session."""
    if _foreign():
        address = _address()
        values = {name: parse(address[name][-1]) for name in NAMES if address[name]}
        return {name: value for name, value in values.items() if value is not None}
    return dict(st.session_state.get(_STATE, {}))


def _foreign() -> bool:
    address = _address()
    return any(address.values()) and address != st.session_state.get(_WRITTEN)


def _address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in NAMES}
