"""The ledger: sorted, filtered and chosen in the browser, drawn anew while a run is live (components/run_table/)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from explorer.widgets.component import pack, picture
from explorer.widgets.run_ledger import SLOTS, opened, ranked, varying_names, wire
from explorer.widgets.run_rows import Row

KEY = "run_table"
MOST = 24  # runs over each other
_CHOSEN = "_runs_chosen"  # ids by slot, None where one was let go; a slot is a colour
_TOLD = "_runs_told"  # counts the times that the choice was made here, not in the browser
_PICTURE = picture("run_table", "columns", "spark", "row")


def run_table(found: Sequence[Row]) -> None:
    """Draw the ledger. Choosing runs sets what `chosen` gives; opening one puts it in the address as ?run=."""
    now = opened(found)
    asked = now is not None and st.query_params.get("run") == now.id
    data = payload(found, chosen(found), now.id if now else None, st.session_state.get(_TOLD, 0), asked)
    _PICTURE(key=KEY, data=data, on_chosen_change=_keep, on_open_change=_open)


def payload(
    found: Sequence[Row], slots: Sequence[str | None], now: str | None, told: int, asked: bool = False
) -> bytes:
    """Header and the small curves, one after the other, for run_table.js."""
    names = varying_names(found)
    sparks = [row.facts.spark.astype(np.float32, copy=False).ravel() for row in found]
    header = {
        "rows": [wire(row, names) for row in found],
        "names": names,
        "chosen": list(slots),
        "open": now,
        "asked": asked,  # by the address
        "told": told,
        "slots": SLOTS,
    }
    return pack(header, sparks=np.concatenate(sparks) if sparks else np.zeros(0, np.float32))


def chosen(found: Sequence[Row]) -> list[str | None]:
    """The runs to lay over each other, by slot; at first the live ones and the best, three in all."""
    known = {row.id for row in found}
    if _CHOSEN not in st.session_state:
        st.session_state[_CHOSEN] = _first(found)
    kept: list[str | None] = [id if id in known else None for id in st.session_state[_CHOSEN]]
    if not any(kept) and any(st.session_state[_CHOSEN]):  # all of them are gone
        choose(kept := _first(found))
    return kept


def _first(found: Sequence[Row]) -> list[str | None]:
    own = [row for row in found if not row.shipped]
    live = [row for row in own if row.busy]
    ids: list[str | None] = [row.id for row in (*live, *ranked(found), *(own or found)) if row.facts.spark.size]
    return list(dict.fromkeys(ids))[:3]


def standing(found: Sequence[Row]) -> tuple[Any, ...]:
    """What the rest of the page hangs on: who is there and how they stand, which are chosen, which is open."""
    now = opened(found)
    return [(row.id, row.status.state, row.name) for row in found], chosen(found), now and now.id


def choose(slots: Sequence[str | None]) -> None:
    """Choose other runs from Python."""
    st.session_state[_CHOSEN] = list(slots)
    st.session_state[_TOLD] = st.session_state.get(_TOLD, 0) + 1


def show(id: str) -> None:
    """Open a run, and choose it beside those that are chosen while there are colours for all."""
    st.query_params["run"] = id
    slots = list(st.session_state.get(_CHOSEN, []))
    if id not in slots and sum(slot is not None for slot in slots) < SLOTS:
        free = slots.index(None) if None in slots else len(slots)
        choose([*slots[:free], id, *slots[free + 1 :]])


def color(slots: Sequence[str | None], id: str, now: str | None) -> str:
    """The CSS variable of a chosen run: a colour of its own, or among many ink for the open one."""
    if sum(slot is not None for slot in slots) <= SLOTS and slots.index(id) < 10:
        return f"--run-{slots.index(id)}"
    return "--ink" if id == now else "--axis"


def _keep() -> None:
    sent = _sent("chosen")
    if isinstance(sent, list) and all(id is None or isinstance(id, str) for id in sent):
        st.session_state[_CHOSEN] = sent[:MOST]


def _open() -> None:
    sent = _sent("open")
    if isinstance(sent, str):
        st.query_params["run"] = sent


def _sent(name: str) -> Any:
    state = st.session_state.get(KEY)
    return state.get(name) if isinstance(state, Mapping) else None
