"""The head of every page: the question, what to look at, how deep to explain, and the share row."""

import inspect
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.display import Token
from explorer.widgets.address import Address
from explorer.widgets.component import picture

Depth = Literal["idea", "shapes", "code"]
DEPTHS: dict[Depth, str] = {"idea": "Idea", "shapes": "Shapes", "code": "Code"}
ROOT = Path(__file__).resolve().parents[2]

_SHARE = picture("share")
_DEPTH = "_depth"  # of the page that was shown last
_ADDRESS = Address("depth")


class PageHeader:
    """What page_header() drew; the lead is filled in once the numbers it names are there."""

    def __init__(self, depth: Depth, slot: DeltaGenerator) -> None:
        self.depth = depth
        self._slot = slot

    def lead(self, *parts: str | Token) -> None:
        """Say in a sentence or two what to see. Text as it is, tokens as chips. Until then the last sentence stands."""
        self._slot.html(f'<p class="vitrine-lead">{rich(*parts)}</p>')


def page_header(question: str) -> PageHeader:
    """Title, depth switch (in the address as ?depth=) and share row; returns the depth and the slot of the lead."""
    with st.container(key="page_header", gap=None):
        st.title(question, anchor=False)
        slot = st.container(gap=None)
        with st.container(key="page_tools", gap=None):
            link = (_ADDRESS.opened() or {}).get("depth", "").lower()
            if link in DEPTHS:
                st.session_state["depth"] = link
            else:  # said at every run: a page change forgets it, and a run that overtakes the first one drops its words
                st.session_state["depth"] = st.session_state.get("depth") or st.session_state.get(_DEPTH, "idea")
            chosen = st.segmented_control(
                "Depth",
                list(DEPTHS),
                required=True,
                format_func=lambda depth: DEPTHS[depth],
                key="depth",
                label_visibility="collapsed",
            )
            depth = chosen or "idea"
            st.session_state[_DEPTH] = depth
            _ADDRESS.say({} if depth == "idea" else {"depth": DEPTHS[depth]})
            _SHARE(key="share", data={})
    return PageHeader(depth, slot)


def section_header(title: str, of: str) -> None:
    """A part of a page with a picture of its own, mounted under the key `of`: its title, and a share row for it."""
    with st.container(key=f"section_{of}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<h2 class="vitrine-h2">{escape(title)}</h2>')
        _SHARE(key=f"share_{of}", data={"of": of, "title": title})


def token_html(token: Token) -> str:
    """A token as HTML, its marks in <i>."""
    return "".join(f"<i>{escape(p)}</i>" if i % 2 else escape(p) for i, p in enumerate(token.pieces))


def rich(*parts: str | Token) -> str:
    """A sentence as HTML: text as it is, tokens as chips."""
    return "".join(escape(part) if isinstance(part, str) else _chip(part) for part in parts)


def _chip(token: Token) -> str:
    return f'<bdi class="vitrine-chip vitrine-{token.kind}">{token_html(token)}</bdi>'


def code_panel(*functions: Callable[..., Any]) -> None:
    """The source of the functions that ran, read from the running modules."""
    for function in functions:
        code = inspect.unwrap(function)
        lines, first = inspect.getsourcelines(code)
        source = Path(inspect.getsourcefile(code) or "")
        place = source.relative_to(ROOT) if source.is_relative_to(ROOT) else source
        st.html(f'<p class="vitrine-place">{escape(str(place))}, line {first}</p>')
        st.code(inspect.cleandoc("\n" + "".join(lines)), language="python", wrap_lines=True)
