"""Two models on one prompt: how the stream of each grows, and what its norms make of it (components/beside/)."""

from collections.abc import Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from explorer import display
from explorer.analysis.norms import stream
from explorer.in_force import under
from explorer.resources import derived, load_model
from explorer.widgets import on_show
from explorer.widgets.address import Address
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import Focus
from explorer.widgets.header import Depth
from explorer.widgets.prompt import Prompt
from explorer.widgets.residual import Sight, payload
from llm.checkpoint import Checkpoint
from llm.checkpoint_files import step_directory

KEY = "beside"
NOBODY = "none"
_PICTURE = picture("beside", "kit/grid", "residual/data", "residual/path", "words")
_ADDRESS = Address("beside")
_STATE = "_beside"


def others() -> dict[str, Path]:
    """The models that can stand beside the one on show, by key: a run by its newest checkpoint."""
    shown = on_show.now()
    found = {}
    for key, one in on_show.known().items():
        if isinstance(one, Path):
            found[key] = one
        elif one.steps:
            found[key] = step_directory(one.directory.checkpoints, one.steps[-1])
    return {key: path for key, path in found.items() if shown and key != shown.key}


def read(known: Mapping[str, Path]) -> str | None:
    """Which of them the reader chose, else the one that its opening names; the address is made to say it."""
    if (link := _ADDRESS.opened()) is not None:
        st.session_state[_STATE] = link["beside"]
    said = st.session_state.get(_STATE)
    if said not in (*known, NOBODY):
        said = None
    _ADDRESS.say({"beside": said} if said else {})
    usual = on_show.start().beside
    return said if said in known else usual if said is None and usual in known else None


def on_choice() -> None:
    """What the picture says is kept."""
    sent = st.session_state[KEY].get("beside")
    if isinstance(sent, str):
        st.session_state[_STATE] = sent
        _ADDRESS.keep()


def sight(path: Path, mine: Sight) -> Sight | str:
    """Another model, as it is, on the text that is on show; or in a sentence why it cannot be read so."""
    try:
        checkpoint = load_model(path)
        ids = tuple(checkpoint.tokenizer.encode(mine.text.text))
        with under(()):
            seen = derived(stream, path, ids)
    except ValueError as error:
        said = str(error)
        return f"It cannot be read on this prompt. {said[:1].upper()}{said[1:]}"
    text = Prompt(mine.text.text, ids, display.tokens(checkpoint.tokenizer, ids))
    at = Focus(0, 0, same_place(mine.checkpoint, mine.text.ids, mine.at.token, checkpoint, ids))
    return Sight(checkpoint, text, at, 0, seen, mine.asked)


def same_place(mine: Checkpoint, ids: tuple[int, ...], token: int, other: Checkpoint, theirs: tuple[int, ...]) -> int:
    """The other model's token in which a token of this one ends."""
    end = sum(len(mine.tokenizer.token_bytes(id)) for id in ids[: token + 1])
    ends = accumulate(len(other.tokenizer.token_bytes(id)) for id in theirs)
    return next((at for at, until in enumerate(ends) if until >= end), len(theirs) - 1)


def beside(
    mine: Sight, name: str, known: Mapping[str, Path], key: str | None, other: Sight | str, depth: Depth
) -> None:
    """Draw both; `other` is of the model called `key`, a sentence where it cannot be read, "" where there is none."""
    header, arrays = both(mine, name, key, other)
    header |= {"known": list(known), "chosen": key or NOBODY, "depth": depth}
    _PICTURE(key=KEY, data=pack(header, **arrays), on_beside_change=on_choice)


def both(mine: Sight, name: str, key: str | None, other: Sight | str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as beside/beside.js reads them: those of residual/data.js for each model, numbered."""
    header: dict[str, Any] = {"refused": other if isinstance(other, str) else "", "sides": []}
    arrays: dict[str, np.ndarray] = {}
    shown = [(name, mine), *([] if isinstance(other, str) else [(str(key), other)])]
    for n, (called, one) in enumerate(shown):
        config = one.checkpoint.model.config
        told, numbers = payload(Sight(one.checkpoint, one.text, one.at, 0, one.seen, one.asked))
        header["sides"].append({**told, "name": called, "layers": config.n_layers, "width": config.d_model})
        arrays |= {f"{n}_{array}": numbers[array] for array in numbers}
    return header, arrays
