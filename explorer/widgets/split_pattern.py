"""Where no merge may cross: the split pattern that is chosen or written, and what it makes of the text."""

from html import escape

import streamlit as st

from explorer.analysis.merging import SHOWN
from explorer.display import many
from explorer.widgets.field_names import sentence
from explorer.widgets.fields import hold
from llm.tokenizers import own_pattern
from llm.tokenizers.base import TokenizerError
from llm.tokenizers.split import PATTERNS

OWN = "own"
FIRST = r"[ ]?\w+|[^\w\s]+|\s+"
SPLITS = {"gpt4": "GPT-4's pattern", "gpt2": "GPT-2's pattern", OWN: "A pattern of my own"}
CHOICE, FIELD = "learn_split", "learn_pattern"


def split_choice(split: str) -> str:
    """Which of them, in a field among others."""
    hold(CHOICE, split)
    return st.selectbox("Split words by", list(SPLITS), format_func=SPLITS.__getitem__, key=CHOICE, width=190)


def own_field(pattern: str) -> str:
    """The field in which one is written. It keeps what was typed, whatever that is."""
    hold(FIELD, pattern)
    label = "Your pattern, a regular expression: each match is a word, and so is what lies between two"
    return st.text_input(label, key=FIELD, max_chars=own_pattern.LONGEST) or ""


def usable(pattern: str, text: str) -> bool:
    """Whether the text can be split by it; of one's own, what it makes of the text or why not is said."""
    if pattern in PATTERNS:
        return True
    try:
        matched = [one for _, one in own_pattern.pieces(text[:SHOWN], pattern)]
    except TokenizerError as error:
        st.html(f'<p class="vitrine-said vitrine-noted" role="alert">{escape(sentence(str(error)))}</p>')
        return False
    said = _said(sum(matched), len(matched) - sum(matched), min(SHOWN, len(text)))
    st.html(f'<p class="vitrine-note vitrine-quiet vitrine-noted" role="status">{escape(said)}</p>')
    return True


def _said(words: int, left_out: int, characters: int) -> str:
    where = f"the first {many(characters, 'character')}"
    if not words:
        return f"It matches nothing in {where}: they are one word."
    if not left_out:
        return f"It takes {where} whole, as {many(words, 'word')}."
    return f"It takes {many(words, 'word')} of {where}; what lies between them makes {left_out:,} more."
