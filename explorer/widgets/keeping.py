"""Keep a trained tokenizer by name, and take it away as a file that this program, tiktoken or Hugging Face reads."""

import re
from collections.abc import Callable
from functools import partial
from html import escape

import streamlit as st

from explorer.tokenizers import FORMATS, Format, exported
from explorer.widgets.field_names import sentence
from explorer.widgets.flow_words import heading
from explorer.widgets.tokenizer_choice import kept
from llm.tokenizers.base import TokenizerError
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.split import PATTERNS

_NAME = "keep_name"
_SUGGESTED = "_keep_suggested"
_SAID = "_keep_said"
_LABELS: dict[Format, str] = {
    "vitrine": "tokenizer.json, Vitrine's",
    "tiktoken": ".tiktoken ranks",
    "huggingface": "tokenizer.json, Hugging Face's",
}
_ENDINGS: dict[Format, str] = {"vitrine": ".json", "tiktoken": ".tiktoken", "huggingface": "-hf.json"}
_AS_TIKTOKEN = {"gpt2": "gpt2", "gpt4": "cl100k_base"}  # whose split pattern there cuts as ours of this name


def keep_section(tokenizer: BPETokenizer, suggested: str) -> None:
    """Name and save it, download it in the formats that hold it, delete those kept before; `suggested` is its name."""
    suggested = kept().suggested(suggested)
    with st.container(key="keep_section"):
        st.html(heading("Keep this tokenizer"))
        if st.session_state.get(_NAME) in (None, st.session_state.get(_SUGGESTED)):  # a name that was typed stays
            st.session_state[_NAME] = suggested
        st.session_state[_SUGGESTED] = suggested
        left, right = st.columns(2, gap="large")
        with left:
            with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
                st.text_input("Name", key=_NAME, max_chars=60)
                st.button("Save", key="keep_save", on_click=partial(_save, tokenizer))
            _answer()
        with right:
            _downloads(tokenizer, st.session_state[_NAME] or suggested)
        _others()


def _answer() -> None:
    """What the last press came to, with a way back from a deletion."""
    said, wrong, gone = st.session_state.pop(_SAID, ("", False, None))
    if not said:
        return
    with st.container(key="keep_said", horizontal=True, gap="small", vertical_alignment="center"):
        st.html(f'<p class="vitrine-said" role="{"alert" if wrong else "status"}">{escape(said)}</p>', width="content")
        if gone:
            st.button("Undo", key="keep_undo", type="tertiary", on_click=_bring_back, args=(gone,))


def _downloads(tokenizer: BPETokenizer, name: str) -> None:
    st.html('<p class="vitrine-label">Download it</p>')
    stem = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "tokenizer"
    own = tokenizer.pattern not in PATTERNS
    with st.container(horizontal=True, gap="small"):
        for format in FORMATS[:1] if own else FORMATS:
            st.download_button(
                _LABELS[format],
                data=partial(exported, tokenizer, format),
                file_name=f"{stem}{_ENDINGS[format]}",
                mime="application/octet-stream",
                key=f"download_{format}",
                on_click="ignore",
            )
    said = (
        "It carries its split pattern. Other programs read a pattern of one's own in another way, so that ids would "
        "differ: there is no file for them."
        if own
        else "The ids are the same in all three. A rank file holds no split pattern: give tiktoken that of "
        f"{_AS_TIKTOKEN[tokenizer.pattern]}. Hugging Face's library reads a special token's name in a text as that "
        "token, unless told not to."
    )
    st.html(f'<p class="vitrine-note vitrine-quiet vitrine-under">{escape(said)}</p>')


def _others() -> None:
    """Those kept before, and the way to be rid of one."""
    names = kept().names()
    if not names:
        return
    with st.popover(f"{len(names)} kept", type="tertiary"):
        st.html('<p class="vitrine-note vitrine-quiet">Choose one on the Train page, or under Cut.</p>')
        for name in names:
            line, button = st.columns([4, 1], vertical_alignment="center")
            line.html(f'<p class="vitrine-note">{escape(name)}</p>')
            button.button("Delete", key=f"forget_{name}", type="tertiary", on_click=partial(_forget, name))


def _save(tokenizer: BPETokenizer) -> None:
    name = " ".join(str(st.session_state.get(_NAME) or "").split())
    _attempt(lambda: kept().add(name, tokenizer), f"Saved as {name}: choose it on the Train page as the tokenizer.")


def _forget(name: str) -> None:
    said = f"{name} is deleted. Runs that learned with it keep their copy."
    _attempt(lambda: kept().remove(name), said, gone=name)


def _bring_back(name: str) -> None:
    _attempt(lambda: kept().bring_back(name), f"{name} is kept again.")


def _attempt(act: Callable[[], object], said: str, gone: str | None = None) -> None:
    """Do it, and say on the next run what it came to."""
    try:
        act()
    except (TokenizerError, OSError) as error:
        st.session_state[_SAID] = sentence(str(error)), True, None
    else:
        st.session_state[_SAID] = said, False, gone
