"""Fields whose value the app sets."""

import time
from typing import Any

import streamlit as st

FIRST_PAINT = 4.0  # seconds in which the browser may not have drawn a field yet
_TOLD = "_fields_told"  # by key: the value that a field was last told, and when


def hold(key: str, value: Any) -> None:
    """Have the field of this key, drawn next, hold a value.

    One that holds it already is told again only while the run that told it may have been overtaken, which drops its
    messages; later the browser would put the value in place of what is being typed.
    """
    told = st.session_state.setdefault(_TOLD, {})
    before, when = told.get(key, (None, 0.0))
    if key not in st.session_state or st.session_state[key] != value:
        told[key] = value, time.monotonic()
    elif before != value or time.monotonic() - when > FIRST_PAINT:
        return
    st.session_state[key] = value
