"""The corrupted prompt beside the shared one: its field, pairs to begin with, and a way to line the two up."""

from functools import partial
from html import escape

import streamlit as st

from explorer import display
from explorer.analysis.prompt_pairs import lined_up, swap_one
from explorer.resources import derived
from explorer.widgets import on_show, prompt
from explorer.widgets.fields import hold
from explorer.widgets.notice import empty, problem
from explorer.widgets.patching_question import Question, ask
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint
from llm.data import clean_text

KEY = "corrupted_field"


def field(checkpoint: Checkpoint, text: Prompt, asked: Question) -> Prompt:
    """The corrupted prompt as the model reads it: the one that was typed, else the known partner of the shared prompt,
    else the page's own. Where it cannot be read a sentence, and the page ends."""
    own = _own(checkpoint, text)
    with st.container(key="patching_pair", horizontal=True, vertical_alignment="bottom", gap="small"):
        hold(KEY, asked.corrupted or own)
        st.text_input("Corrupted prompt", key=KEY, on_change=partial(_typed, own))
        if pairs := on_show.start().pairs:
            st.menu_button(
                "Pairs",
                range(len(pairs)),
                key="patching_example",
                type="tertiary",
                format_func=lambda i: f"{pairs[i].clean[:44]}…",
                on_click=_paired,
            )
    return _read(checkpoint, text, asked.corrupted or own)


def _own(checkpoint: Checkpoint, text: Prompt) -> str:
    known = next((pair.corrupted for pair in on_show.start().pairs if pair.clean == text.text), None)
    return known or derived(swap_one, checkpoint.path, text.ids, checkpoint.tokenizer) or ""


def _typed(own: str) -> None:
    said = clean_text(st.session_state[KEY] or "")
    ask(corrupted="" if said == own else said)


def _paired() -> None:
    pair = on_show.start().pairs[st.session_state["patching_example"]]
    prompt.replace(pair.clean)
    ask(corrupted="", right="", wrong="", cell="")


def _read(checkpoint: Checkpoint, text: Prompt, said: str) -> Prompt:
    n_ctx, back = checkpoint.model.config.n_ctx, ("Use the page’s own", partial(ask, corrupted=""))
    try:
        ids = checkpoint.tokenizer.encode(said)
    except ValueError as error:
        problem("This model cannot read the corrupted prompt.", str(error)[:1].upper() + str(error)[1:], back)
        st.stop()
    if not ids:
        empty("Type a corrupted prompt above: the prompt with one word changed, so that another answer follows.")
        st.stop()
    if len(ids) > n_ctx:
        over = f"Shorten it by {display.many(len(ids) - n_ctx, 'token')}."
        problem(f"The corrupted prompt is {len(ids):,} tokens; this model reads {n_ctx:,}.", over, back)
        st.stop()
    return Prompt(said, tuple(ids), display.tokens(checkpoint.tokenizer, ids))


def unequal(checkpoint: Checkpoint, text: Prompt, corrupted: Prompt) -> bool:
    """Whether the two have not as many tokens, in which case it is said, with a way to line them up."""
    n, m = len(text.ids), len(corrupted.ids)
    if n == m:
        return False
    lengths = f"The prompt is {display.many(n, 'token')}, the corrupted one {display.many(m, 'token')}"
    what = f"{lengths}: a sweep goes place by place and needs as many in both."
    remedy = (
        f"Make the corrupted one {display.many(n, 'token')} long; the patch by hand below goes from any place to any."
    )
    made = lined_up(checkpoint.tokenizer, text.ids, corrupted.ids)
    with st.container(key="patching_unequal", horizontal=True, gap="small", vertical_alignment="center"):
        st.html(f'<p class="vitrine-empty" role="status">{escape(what)} {escape(remedy)}</p>', width="content")
        if made is not None:
            st.button(
                f"Line it up: “{made[-48:]}”",
                key="patching_line_up",
                type="tertiary",
                on_click=lambda: ask(corrupted=made),
            )
    return True
