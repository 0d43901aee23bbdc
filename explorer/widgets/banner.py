"""What is edited in the model that a page shows, above its picture, and the clean model a click away."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape

import streamlit as st

from explorer import resources
from explorer.analysis.interventions import Mean, Patch, mark
from explorer.analysis.stacks import Stack, switched
from explorer.display import many
from explorer.widgets import prompt, stack
from llm.checkpoint import Checkpoint

_PAGE: ContextVar[str] = ContextVar("page", default="")
_WEIGHTS = {
    "embeddings": "The map shows weights, which they do not change; the position lab below it follows them.",
}


@contextmanager
def on_page(name: str) -> Iterator[None]:
    """Inside, the banner speaks of this page."""
    token = _PAGE.set(name)
    try:
        yield
    finally:
        _PAGE.reset(token)


def banner(checkpoint: Checkpoint) -> None:
    """What is edited in the model that this page shows, and the clean one a click away."""
    here, config = stack.now(), checkpoint.model.config
    if note := stack.note():
        st.html(f'<p class="vitrine-said vitrine-astray" role="status">{escape(note)}</p>')
    if not here:
        return
    active = resources.effective(checkpoint.path)
    with st.container(key="banner", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<p class="vitrine-banner" role="status">{_said(here, active, checkpoint)}</p>')
        if active:
            st.button("Show the clean model", key="banner_clean", type="tertiary", on_click=_all, args=(False,))
        elif any(not one.lacks(config, checkpoint.tokenizer) for one in here):
            st.button("Show the edited model", key="banner_edited", type="tertiary", on_click=_all, args=(True,))


def _said(here: Stack, active: Stack, checkpoint: Checkpoint) -> str:
    config, tokenizer = checkpoint.model.config, checkpoint.tokenizer
    lacking = [(one, why) for one in here if (why := one.lacks(config, tokenizer))]
    if not active:
        off = len(here) - len(lacking)
        words = f"{many(off, 'intervention')} switched off" if off else "the interventions name no part of it"
        return f"<b>The clean model</b>: {escape(words)}."
    said = ["; then ".join(one.words for one in active) + "."]
    said += [f"Left out: {one.words}, {why}." for one, why in lacking if one.on]
    if any(isinstance(one, Mean) for one in active):
        said.append(f"Means are taken over {resources.usual_results(checkpoint.path).words}.")
    said += _places(active, checkpoint)
    if here_only := _WEIGHTS.get(_PAGE.get()):
        said.append(here_only)
    return f"<b>An edited model</b>: {escape(' '.join(said))}"


def _places(active: Stack, checkpoint: Checkpoint) -> list[str]:
    """Where the prompt is not the one that they were meant for."""
    if not (text := prompt.peek(checkpoint)):
        return []
    n, said = len(text.ids), []
    if beyond := sorted({one.part.at for one in active if one.part.at is not None and one.part.at >= n}):
        named = ", ".join(map(str, beyond))
        said.append(
            f"This prompt ends before token {named}, so nothing happens there."
            if len(beyond) == 1
            else f"This prompt ends before tokens {named}, so nothing happens there."
        )
    if any(isinstance(one, Patch) and one.made_on not in ("", mark(text.text)) for one in active):
        said.append("A patch was made on another prompt: here it puts the same vectors at the same places.")
    return said


def _all(on: bool) -> None:
    stack.change(switched(stack.now(), on))
