"""What the Embeddings page is asked: a token of the reader's choice, axes, a sum; kept, and in the address."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from explorer.analysis.embeddings import Side
from explorer.analysis.layout import SCALES, USUAL, Layout
from explorer.widgets import on_show
from explorer.widgets.address import Address, parse
from explorer.widgets.focus import on_focus

IDS = ("pick", "x", "y", "sum")  # words that name tokens by id: 12, 12.40 from one to another, 12.40.7 for a - b + c
LAYOUT = (
    "map",
    "scale",
    "mapseed",
)  # 3d, tsne or umap; of the last two about how many others each point minds, and a seed
NAMES = ("side", "shade", *LAYOUT, *IDS)
_ADDRESS = Address(*NAMES)
_STATE, _MODEL = "_embeddings", "_embeddings_model"

Axis = tuple[int, int]


@dataclass(frozen=True)
class Question:
    """What is asked of the vectors."""

    choices: Mapping[str, str]  # words of NAMES; the usual is not said
    pick: int | None = None  # a token that need not stand in the text
    side: Side = "input"
    axes: tuple[Axis | None, Axis | None] = (None, None)  # from one token to another; none is a principal component
    sum: tuple[int, int, int] | None = None  # a, b, c of a - b + c
    layout: Layout | None = None  # none is a map of components or axes


def read(n_vocab: int, tied: bool) -> Question:
    """What is asked, which the address is made to say; what this model has not is let go."""
    model = on_show.name()
    if (link := _ADDRESS.opened()) is not None:
        st.session_state[_STATE] = _words(link)
    elif st.session_state.get(_MODEL, model) != model:  # the same id is another token there
        said = st.session_state.get(_STATE, {})
        st.session_state[_STATE] = {name: word for name, word in said.items() if name not in IDS}
    st.session_state[_MODEL] = model
    said = st.session_state.get(_STATE, {})
    ids = {name: _ids(said.get(name, ""), n, n_vocab) for name, n in (("pick", 1), ("x", 2), ("y", 2), ("sum", 3))}
    kept = {name: word for name, word in said.items() if name not in IDS or ids[name]}
    if tied:
        kept.pop("side", None)
    st.session_state[_STATE] = kept
    _ADDRESS.say(kept)
    pick, x, y, terms = (ids[name] for name in IDS)
    return Question(
        choices=kept,
        pick=pick[0] if pick else None,
        side="output" if kept.get("side") == "output" else "input",
        axes=((x[0], x[1]) if x else None, (y[0], y[1]) if y else None),
        sum=(terms[0], terms[1], terms[2]) if terms else None,
        layout=_layout(kept),
    )


def _layout(said: Mapping[str, str]) -> Layout | None:
    method = next((one for one in USUAL if one == said.get("map")), None)
    if method is None:
        return None
    scale = parse(said.get("scale"))
    return Layout(method, scale if scale in SCALES else USUAL[method], parse(said.get("mapseed")) or 0)


def on_choices(key: str) -> Callable[[], None]:
    """The callback of the picture mounted under `key`: what it says of its own choices is kept."""

    def changed() -> None:
        sent = st.session_state[key].get("choices")
        if isinstance(sent, Mapping):
            _keep({name: str(sent[name]) for name in NAMES if name in sent})

    return changed


def on_look(key: str) -> Callable[[], None]:
    """The callback of the map for a token of the text that is looked at: the one that was picked is let go with it.

    Two messages for that, one after the other, could overtake the address.
    """
    look = on_focus(key)

    def changed() -> None:
        look()
        _keep({"pick": ""})

    return changed


def _keep(change: Mapping[str, str]) -> None:
    st.session_state[_STATE] = _words({**st.session_state.get(_STATE, {}), **change})
    _ADDRESS.keep()


def _ids(word: str, n: int, n_vocab: int) -> list[int] | None:
    """n tokens of this vocabulary, the two ends of an axis different; None for anything else."""
    found = [parse(part) for part in word.split(".")]
    known = [id for id in found if id is not None and id < n_vocab]
    return known if len(known) == len(found) == n and not (n == 2 and known[0] == known[1]) else None


def _words(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name in NAMES if re.fullmatch(r"[a-z0-9.]{1,30}", given.get(name, ""))}
