"""The interventions of this session, in the order in which they apply: kept, and in the address as ?edits=3.1x0,m2~."""

import streamlit as st

from explorer.analysis.stacks import Stack, parse
from explorer.widgets.address import Address

_STATE, _NOTE = "_edits", "_edits_note"
_ADDRESS = Address("edits")


def read() -> Stack:
    """Those of this session, or of the link that was opened; the address is made to say them."""
    if (link := _ADDRESS.opened()) is not None:
        stack, wrong = parse(link["edits"])
        st.session_state[_STATE] = stack
        named = ", ".join(f"“{piece[:20]}”" for piece in wrong[:3])
        st.session_state[_NOTE] = f"The link asks for edits that name no part of a model: {named}." if wrong else ""
    stack = now()
    _ADDRESS.say(values())
    return stack


def now() -> Stack:
    """As they stand, those that are switched off included."""
    stack: Stack = st.session_state.get(_STATE, ())
    return stack


def note() -> str:
    """What was wrong with the link that was opened, until the stack is changed; mostly nothing."""
    return str(st.session_state.get(_NOTE, ""))


def values() -> dict[str, str]:
    """What an address says of them."""
    return {"edits": ",".join(map(str, now()))} if now() else {}


def change(stack: Stack) -> None:
    """Have others. From a callback it holds at once; in a page, st.rerun() after it."""
    st.session_state[_STATE], st.session_state[_NOTE] = stack, ""
    _ADDRESS.keep()
