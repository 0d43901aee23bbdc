"""Keep a trained tokenizer by name, and take it away as a file that this program, tiktoken or Hugging Face reads."""

import re
from functools import partial
from html import escape

import streamlit as st

from explorer.tokenizers import FORMATS, Format, exported
from explorer.widgets.field_names import sentence
from explorer.widgets.flow_words import heading
from explorer.widgets.tokenizer_choice import kept
from llm.tokenizers.base import TokenizerError
from llm.tokenizers.bpe import BPETokenizer

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
    """Name and save it, download it in three formats, delete those kept before; `suggested` is a name for it."""
    suggested = kept().suggested(suggested)
    with st.container(key="keep_section"):
        st.html(heading("Keep this tokenizer"))
        if st.session_state.get(_SUGGESTED) != suggested or _NAME not in st.session_state:
            st.session_state[_SUGGESTED] = st.session_state[_NAME] = suggested
        left, right = st.columns(2, gap="large")
        with left:
            with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
                st.text_input("Name", key=_NAME, max_chars=60)
                st.button("Save", key="keep_save", on_click=partial(_save, tokenizer))
            said, wrong = st.session_state.pop(_SAID, ("", False))
            if said:
                role = "alert" if wrong else "status"
                st.html(f'<p class="vitrine-said" role="{role}">{escape(said)}</p>')
        with right:
            _downloads(tokenizer, st.session_state[_NAME] or suggested)
        _others()


def _downloads(tokenizer: BPETokenizer, name: str) -> None:
    st.html('<p class="vitrine-note">Download it</p>')
    stem = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "tokenizer"
    with st.container(horizontal=True, gap="small"):
        for format in FORMATS:
            st.download_button(
                _LABELS[format],
                data=partial(exported, tokenizer, format),
                file_name=f"{stem}{_ENDINGS[format]}",
                mime="application/octet-stream",
                key=f"download_{format}",
                on_click="ignore",
            )
    st.html(
        '<p class="vitrine-note vitrine-quiet vitrine-under">The ids are the same in all three. A rank file holds no '
        f"split pattern: give tiktoken that of {_AS_TIKTOKEN.get(tokenizer.pattern, 'this tokenizer')}. "
        "Hugging Face's library reads a special token's name in a text as that token, unless told not to.</p>"
    )


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
    try:
        kept().add(name, tokenizer)
    except TokenizerError as error:
        st.session_state[_SAID] = sentence(str(error)), True
    else:
        st.session_state[_SAID] = f"Saved as {name}: choose it on the Train page as the tokenizer.", False


def _forget(name: str) -> None:
    kept().remove(name)
    st.session_state[_SAID] = f"{name} is deleted. Runs that learned with it keep their copy.", False
