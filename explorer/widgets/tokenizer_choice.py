"""Which tokenizers are at hand: characters, bytes, the page's, the model's, kept ones, and published ones if here."""

from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from pathlib import Path
from threading import Event

import streamlit as st

from explorer import paths
from explorer.analysis.cutting import Bytes, Characters, Cutter
from explorer.kept import Kept
from explorer.resources import load_model
from explorer.tokenizers import KeptTokenizers
from explorer.widgets import on_show
from explorer.widgets.background import Background
from explorer.widgets.field_names import sentence
from llm.checkpoint import CheckpointError
from llm.tokenizers.base import Tokenizer
from llm.tokenizers.published import PUBLISHED, Published, fetch, load_published, place_of

_LOADED = Kept(256 * 2**20)
_FETCHES = Background()
_ATTEMPT, _CANCEL = "_fetch_attempt", "_fetch_cancel"
_MEGABYTES = 6  # of the three rank files together


def kept() -> KeptTokenizers:
    """The person's own."""
    return KeptTokenizers(paths.tokenizers())


def model_tokenizer() -> tuple[str, Tokenizer] | None:
    """Of the model on show, with the model's name; None where there is none that can be read."""
    shown = on_show.now()
    try:
        return (shown.name, load_model(shown.path).tokenizer) if shown else None
    except CheckpointError:
        return None


def makers(own: Mapping[str, Tokenizer]) -> dict[str, Callable[[], Cutter]]:
    """By name, what gives each tokenizer; `own` are the page's. A name is used once."""
    found: dict[str, Callable[[], Cutter]] = {"characters": Characters, "bytes": Bytes}
    for name, tokenizer in own.items():
        found[name] = partial(_same, tokenizer)
    if model := model_tokenizer():
        found[_free(f"{model[0]}, the model's", found)] = partial(_same, model[1])
    for name in kept().names():
        found[_free(name, found)] = partial(_kept, name)
    for name, published in PUBLISHED.items():
        if path := place_of(published, directory()):
            found[_free(name, found)] = partial(_published, published, path.stat().st_mtime_ns)
    return found


def directory() -> Path:
    """Where fetched rank files lie."""
    return paths.cache() / "tiktoken"


def _same(tokenizer: Tokenizer) -> Cutter:
    return tokenizer


def _kept(name: str) -> Cutter:
    return _LOADED.get(("kept", str(paths.home()), name, kept().stamp(name)), lambda: kept().get(name))


def _published(published: Published, stamp: int) -> Cutter:
    return _LOADED.get((published.name, stamp), lambda: load_published(published, directory()))


def _free(name: str, taken: Mapping[str, object]) -> str:
    while name in taken:
        name = f"{name} (again)"
    return name


def offer_published() -> None:
    """A line about the published vocabularies that are not here, and the way to fetch them; nothing where all are."""
    missing = [one for one in PUBLISHED.values() if place_of(one, directory()) is None]
    if not missing:
        return
    attempt = st.session_state.get(_ATTEMPT)
    with st.container(key="published", horizontal=True, gap="small", vertical_alignment="center"):
        if attempt is None:
            *most, last = [one.name for one in missing]
            names, are = (f"{', '.join(most)} and {last}", "are") if most else (last, "is")
            _say(f"{names} {are} not on this machine; all else here works without.")
            st.button(f"Download {_MEGABYTES} MB", key="fetch", type="tertiary", on_click=_begin)
        else:
            _progress(missing, attempt)


@st.fragment(run_every=1.0)
def _progress(missing: list[Published], attempt: int) -> None:
    cancel: Event = st.session_state[_CANCEL]
    place = directory()

    def make(say: Callable[[str], None]) -> bool:
        for one in missing:
            fetch(one, place, say, cancel.is_set)
        return True

    answer = _FETCHES.ask((id(cancel), attempt), make)
    if answer.pending:
        _say(answer.phase or "Asking for the rank files.")
        st.button("Cancel", key="fetch_cancel", type="tertiary", on_click=cancel.set)
        return
    if answer.error:
        _say(f"{sentence(answer.error).removesuffix('.')}. All else here works without.")
        st.button("Try again", key="fetch_again", type="tertiary", on_click=_begin)
        return
    del st.session_state[_ATTEMPT]
    st.rerun()


def _begin() -> None:
    st.session_state[_ATTEMPT] = st.session_state.get(_ATTEMPT, 0) + 1
    st.session_state[_CANCEL] = Event()


def _say(words: str) -> None:
    st.html(f'<p class="vitrine-empty" role="status">{escape(words)}</p>', width="content")
