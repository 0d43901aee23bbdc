"""The prompt that all pages read: a text area in the sidebar, its text in the address."""

import time
from dataclasses import dataclass
from functools import partial

import streamlit as st

from explorer import display
from explorer.display import Token
from explorer.resources import load_model
from explorer.widgets import on_show
from explorer.widgets.fields import FIRST_PAINT
from explorer.widgets.notice import Action, empty, problem
from llm.checkpoint import Checkpoint, CheckpointError
from llm.data import clean_text
from llm.tokenizers.base import Tokenizer

KEY = "prompt"
_OPENED = "_prompt_opened"  # the example that the prompt was opened with
_BEGAN = "_prompt_began"
_NEXT = "_prompt_next"  # a text set while the widget already stands waits here for the next run
_SET = "_prompt_set"  # the last text set so, the one it took the place of, and when
ON_ITS_WAY = (
    3.0  # seconds in which a message that the browser sent before it had the new text may still bring the old one
)


@dataclass(frozen=True)
class Prompt:
    """A text the model can read: at least one token, at most its context."""

    text: str
    ids: tuple[int, ...]
    tokens: tuple[Token, ...]


def show() -> None:
    """The text area and its examples, for the sidebar."""
    examples, fresh = on_show.start().examples, _is_first_paint()
    _set_again()
    if (waiting := st.session_state.pop(_NEXT, None)) is not None:
        st.session_state[KEY] = waiting
    elif KEY in st.session_state:
        if (cleaned := clean_text(st.session_state[KEY] or "")) != st.session_state[KEY] or fresh:
            st.session_state[KEY] = cleaned
    elif KEY not in st.query_params:
        st.session_state[KEY] = st.session_state[_OPENED] = examples[0]
    opened = st.session_state.get(_OPENED)
    if opened is not None and st.session_state.get(KEY) == opened and not _readable(opened):
        st.session_state[KEY] = st.session_state[_OPENED] = examples[0]  # nobody typed it, and another model is on show
    with st.container(key="prompt_field"):
        st.text_area("Prompt", key=KEY, bind="query-params", height=112)
        st.menu_button(
            "Examples",
            range(len(examples)),
            key="example",
            type="tertiary",
            format_func=lambda i: _plain(examples[i]),
            on_click=lambda: replace(examples[st.session_state["example"]]),
        )


def _is_first_paint() -> bool:
    """Whether the browser may not have drawn the text area yet: a run that overtakes the first one, whose messages are
    dropped then, must say the text again, or the field would come up empty."""
    return time.monotonic() - st.session_state.setdefault(_BEGAN, time.monotonic()) < FIRST_PAINT


def _readable(text: str) -> bool:
    try:
        shown = on_show.now()
        return not shown or bool(load_model(shown.path).tokenizer.encode(text))
    except CheckpointError:
        return True  # the page says what is wrong
    except ValueError:
        return False


def _plain(text: str) -> str:
    """A menu label shows Markdown; an example is shown as it is, cut to fit."""
    cut = text if len(text) <= 44 else text[:43] + "…"
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|~$:<>" else c for c in cut.replace("\n", " ↵ "))


def replace(text: str) -> None:
    """Put another text in place of the prompt. From a callback it holds at once; in a page, st.rerun() after it."""
    text = clean_text(text)
    st.session_state[_SET] = current(), text, time.monotonic()
    st.session_state[_NEXT] = text


def _set_again() -> None:
    """Put a text that was set here back, if a message sent before it was known has undone it."""
    before, text, when = st.session_state.get(_SET, ("", "", 0.0))
    undone = before != text and st.session_state.get(KEY) == before and _NEXT not in st.session_state
    if undone and time.monotonic() - when < ON_ITS_WAY:
        st.session_state[_NEXT] = text


def append(text: str) -> None:
    """Put text behind the prompt; see replace()."""
    replace(current() + text)


def waits() -> bool:
    """Whether the text area still has to take over another text."""
    _set_again()
    return _NEXT in st.session_state


def joins(tokenizer: Tokenizer, id: int) -> bool:
    """Whether a token can be put behind a text: whole characters, and no special one."""
    try:
        return id not in tokenizer.special_tokens.values() and bool(tokenizer.token_bytes(id).decode("utf-8"))
    except UnicodeDecodeError:
        return False


def current() -> str:
    """The text as it stands, cleaned; also before the model has looked at it."""
    waiting = st.session_state.get(_NEXT)
    return clean_text(waiting if waiting is not None else st.session_state.get(KEY) or "")


def peek(checkpoint: Checkpoint) -> Prompt | None:
    """The prompt if the model can read it, without a word if it cannot."""
    try:
        ids = checkpoint.tokenizer.encode(current())
    except ValueError:
        return None
    if not 0 < len(ids) <= checkpoint.model.config.n_ctx:
        return None
    return Prompt(current(), tuple(ids), display.tokens(checkpoint.tokenizer, ids))


def read(checkpoint: Checkpoint) -> Prompt:
    """The prompt as the model reads it. Empty, too long or unreadable: says so, offers a way out and ends the page."""
    text, n_ctx = current(), checkpoint.model.config.n_ctx
    try:
        ids = checkpoint.tokenizer.encode(text)
    except ValueError as error:
        said = str(error)
        problem("This model cannot read the prompt.", said[:1].upper() + said[1:], _example())
        st.stop()
    if not ids:
        empty("The prompt is empty, and a model continues a text. Type one in the sidebar, or", _example())
        st.stop()
    if len(ids) > n_ctx:
        over = len(ids) - n_ctx
        problem(
            f"The prompt is {len(ids):,} tokens; this model reads {n_ctx:,}.",
            f"Shorten it by {over:,} token{'s' * (over > 1)}, or keep only the last {n_ctx:,}.",
            (f"Keep the last {n_ctx:,}", partial(replace, last_tokens(checkpoint, ids, n_ctx))),
        )
        st.stop()
    return Prompt(text, tuple(ids), display.tokens(checkpoint.tokenizer, ids))


def last_tokens(checkpoint: Checkpoint, ids: list[int], n: int) -> str:
    """The end of a text, at most n tokens when read again: cutting can change how the first ones join."""
    tokenizer = checkpoint.tokenizer
    for start in range(len(ids) - n, len(ids)):
        text = tokenizer.decode(ids[start:])
        whole = not text.startswith("\ufffd") or tokenizer.encode(text) == ids[start:]  # no character cut in two
        if whole and len(tokenizer.encode(text)) <= n:
            return text
    return ""


def _example() -> Action:
    return "Try an example", partial(replace, on_show.start().examples[0])
