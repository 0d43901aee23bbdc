"""What the address says: values that a session keeps, so that every view is a link and every link is a view."""

import re
import time
from collections.abc import Mapping

import streamlit as st


def parse(value: object) -> int | None:
    """A whole number from 0 up, from an address or a picture; anything else is None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    if isinstance(value, float):
        return int(value) if value >= 0 and value.is_integer() else None
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else None


ECHO = 3.0  # seconds in which a message that the browser sent before it had the new address may still bring the old one


class Address:
    """Some names of the address. They follow the session, until they say what it did not write: a link was opened."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self._written = f"_address_{names[0]}"
        self._replaced = f"_address_{names[0]}_replaced"  # what stood there before, and when that ended

    def opened(self) -> dict[str, str] | None:
        """What a link that was opened asks for, by name; None where the address is the session's own, or says nothing.

        A page that is changed to opens with an empty address, which is no link either.
        """
        now = self._now()
        if not any(now.values()) or now == st.session_state.get(self._written) or self._echoes(now):
            return None
        return {name: values[-1] for name, values in now.items() if values}

    def say(self, values: Mapping[str, str]) -> None:
        """Make the address say these of its names, and no others."""
        now, wanted = self._now(), {name: [values[name]] if name in values else [] for name in self.names}
        for name in self.names:
            if name in values and now[name] != wanted[name]:
                st.query_params[name] = values[name]
            elif now[name] and name not in values:
                del st.query_params[name]
        if (before := st.session_state.get(self._written, now)) != wanted:
            lately = [(old, when) for old, when in self._lately() if old != wanted]
            st.session_state[self._replaced] = [*lately, (before, time.monotonic())]
        st.session_state[self._written] = wanted

    def keep(self) -> None:
        """The session has changed and will say so in its next run: until then what stands there is no link."""
        st.session_state[self._written] = self._now()

    def _lately(self) -> list[tuple[dict[str, list[str]], float]]:
        replaced = st.session_state.get(self._replaced, [])
        return [(old, when) for old, when in replaced if time.monotonic() - when < ECHO]

    def _echoes(self, now: dict[str, list[str]]) -> bool:
        return any(old == now for old, _ in self._lately())

    def _now(self) -> dict[str, list[str]]:
        return {name: st.query_params.get_all(name) for name in self.names}
