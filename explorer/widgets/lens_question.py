"""Which token the Logit lens page follows, against which other, and how its pictures are drawn; kept, and in the
address."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from explorer.widgets import on_show
from explorer.widgets.address import Address, parse
from llm.model.config import GPTConfig
from llm.tokenizers.base import Tokenizer

NAMES = ("answer", "against", "shade", "places", "order", "parts")
SAYS, FOLLOWS = "says", "follows"  # what is followed: the whole model's own token, the one that the text goes on with
QUICK = 4e9  # multiply-adds; a lens that takes more reads after whole blocks alone, until every step is asked for
_ADDRESS = Address(*NAMES)
_STATE, _NOTE, _MODEL = "_lens", "_lens_note", "_lens_model"


@dataclass(frozen=True)
class Question:
    """What the reader asks of the position in focus."""

    choices: Mapping[str, str]  # words of NAMES; the usual is not said
    picked: int | None = None  # a token of the reader's choice, where that is followed
    against: int | None = None
    note: str = ""  # what was made of the word that was typed

    @property
    def place(self) -> int:
        """In Lens.answers: what the model says, what the text goes on with, the token picked."""
        return 2 if self.picked is not None else int(self.choices.get("answer") == FOLLOWS)

    def every_step(self, config: GPTConfig, n_tokens: int) -> bool:
        """Whether to read after each attention too: each depth costs an unembedding of the whole text."""
        cost = 2 * config.n_layers * n_tokens * config.d_model * config.d_vocab
        return cost <= QUICK or self.choices.get("places") == "every"


def read(n_vocab: int) -> Question:
    """What is asked, which the address is made to say; a token that this vocabulary lacks is let go."""
    model = on_show.name()
    if (link := _ADDRESS.opened()) is not None:
        st.session_state[_STATE], st.session_state[_NOTE] = _words(link), ""
    elif st.session_state.get(_MODEL, model) != model:  # the same id is another token there
        said = st.session_state.get(_STATE, {})
        st.session_state[_STATE] = {name: word for name, word in said.items() if not word.isdecimal()}
        st.session_state[_NOTE] = ""
    st.session_state[_MODEL] = model
    kept = dict(st.session_state.get(_STATE, {}))
    tokens = {name: parse(kept[name]) for name in ("answer", "against") if name in kept}
    for name, token in tokens.items():
        if not (token is not None and token < n_vocab) and kept[name] != FOLLOWS:
            del kept[name]
    st.session_state[_STATE] = kept
    _ADDRESS.say(kept)
    asked = {name: parse(kept.get(name)) for name in ("answer", "against")}
    return Question(kept, asked["answer"], asked["against"], str(st.session_state.get(_NOTE, "")))


def on_choices(key: str) -> Callable[[], None]:
    """The callback of the picture mounted under `key`: what it says of its own choices is kept."""

    def changed() -> None:
        sent = st.session_state[key].get("choices")
        if isinstance(sent, Mapping):
            _keep({name: str(sent[name]) for name in NAMES if name in sent}, "")

    return changed


def on_typed(key: str, tokenizer: Tokenizer) -> Callable[[], None]:
    """The callback of a picture in which a word is typed: its token is followed."""

    def typed() -> None:
        sent = (st.session_state.get(key) or {}).get("typed")
        if isinstance(sent, Mapping) and isinstance(text := sent.get("text"), str):
            token, note = token_of(tokenizer, text)
            _keep({} if token is None else {"answer": str(token)}, note)

    return typed


def token_of(tokenizer: Tokenizer, text: str) -> tuple[int | None, str]:
    """The token that a word begins with, and in a sentence what was made of it, if that is not plain.

    Words follow a space, so that is put before a text that comes without, unless the text alone is a token and with the
    space is not.
    """
    if not text.strip():
        return None, "Type a word or a token."
    try:
        tries = [tokenizer.encode(text)]
    except ValueError as error:
        said = str(error).removesuffix(".")
        return None, f"{said[:1].upper()}{said[1:]}."
    if not text[0].isspace():
        with suppress(ValueError):  # a tokenizer of characters may have no space
            tries.insert(0, tokenizer.encode(f" {text}"))
    whole = next((ids for ids in tries if len(ids) == 1), None)
    if whole:
        return whole[0], ""
    ids = tries[0]
    return ids[0], f"“{text.strip()[:40]}” is {len(ids)} tokens for this model; the first of them is followed."


def _keep(change: Mapping[str, str], note: str) -> None:
    st.session_state[_STATE] = _words({**st.session_state.get(_STATE, {}), **change})
    st.session_state[_NOTE] = note
    _ADDRESS.keep()


def _words(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name in NAMES if re.fullmatch(r"[a-z0-9.]{1,24}", given.get(name, ""))}
