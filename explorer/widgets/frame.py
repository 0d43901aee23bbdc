"""The look around the pictures: the style sheet that Streamlit's own widgets follow."""

from pathlib import Path

import streamlit as st

from explorer.widgets import on_show

STYLE = (Path(__file__).resolve().parent / "streamlit.css").read_text("utf-8")


def style(page: str) -> None:
    """Inject the rules that config.toml cannot say, and the words of the bar on a phone."""
    st.html(f"<style>{STYLE}</style>")
    bar(f"{on_show.title() or 'no model'} · {page}")


def bar(words: str) -> None:
    """What the bar on a phone says; of a page that says it again, the last holds."""
    st.html(f"<style>:root {{ --vitrine-bar: {_css_string(words)}; }}</style>")


def _css_string(text: str) -> str:
    """A CSS string of any text: every character outside letters and digits as a code point."""
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in text) + '"'
