"""One word at encode time: which merges apply, in which order, by the tokenizer above and by another beside it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explorer import display
from explorer.analysis.word_tree import LONGEST, Node, merge_number, word_tree
from explorer.widgets.component import picture
from explorer.widgets.field_names import sentence
from explorer.widgets.fields import hold
from explorer.widgets.header import section_header
from explorer.widgets.tokenizer_choice import makers
from llm.tokenizers.base import Tokenizer, TokenizerError

KEY = "word"
FIRST = "together"
_WORD, _BESIDE = "word_typed", "word_beside"
_KEPT = "_word_kept"
_NO_MERGES = ("characters", "bytes")
_PICTURE = picture("word", "merges/data", "merges/tree")


def word_section(own: Mapping[str, Tokenizer]) -> None:
    """Draw it; `own` are the page's tokenizers, by the names it gives them."""
    available = makers(own)
    others = [name for name in available if name not in own and name not in _NO_MERGES]
    with st.container(key="word_section"):
        section_header("One word: which merges made it", KEY)
        with st.container(key="word_fields", horizontal=True, gap="small", vertical_alignment="bottom"):
            word, beside = st.session_state.get(_KEPT, (FIRST, ""))
            hold(_WORD, st.session_state.get(_WORD, word))
            word = st.text_input("A word, as after a space", key=_WORD, max_chars=LONGEST, width=260) or ""
            if others:
                now = st.session_state.get(_BESIDE, beside)
                hold(_BESIDE, now if now in others else _first(others))
                beside = st.selectbox("Beside it", others, key=_BESIDE, width=260)
            st.session_state[_KEPT] = word, beside
        if not word.strip():
            st.html('<p class="vitrine-empty" role="status">Type a word above to see which merges make it.</p>')
            return
        readers: dict[str, Any] = dict(own)
        panels = []
        if others:
            try:
                readers[beside] = available[beside]()
            except TokenizerError as error:
                panels.append({"name": beside, "said": "", "error": sentence(str(error))})
        panels = [panel(name, reader, f" {word.strip()}") for name, reader in readers.items()] + panels
        _PICTURE(key=KEY, data={"panels": panels})


def _first(names: list[str]) -> str:
    return next((name for name in names if name.endswith("the model's")), names[0])


def panel(name: str, tokenizer: Any, word: str) -> dict[str, Any]:
    """What word.js draws of one tokenizer."""
    try:
        if not hasattr(tokenizer, "ranks"):
            tokens = display.tokens(tokenizer, tokenizer.encode(word))
            nodes: list[dict[str, Any]] = [{"token": token.wire(), "merge": None, "parts": []} for token in tokens]
            return {
                "name": name,
                "said": f"{display.many(len(tokens), 'token')}, no merges",
                "tokens": nodes,
                "steps": [],
            }
        found = word_tree(word, tokenizer.ranks, tokenizer.pattern)
    except TokenizerError as error:
        return {"name": name, "said": "", "error": sentence(str(error))}
    return {
        "name": name,
        "said": f"{display.many(len(found.tokens), 'token')}, {display.many(len(found.steps), 'merge')}",
        "tokens": [_wire(node) for node in found.tokens],
        "steps": [
            {
                "left": display.token(step.left).wire(),
                "right": display.token(step.right).wire(),
                "joined": display.token(step.left + step.right).wire(),
                "merge": merge_number(step.rank),
            }
            for step in found.steps
        ],
    }


def _wire(node: Node) -> dict[str, Any]:
    return {"token": display.token(node.raw).wire(), "merge": node.merge, "parts": [_wire(part) for part in node.parts]}
