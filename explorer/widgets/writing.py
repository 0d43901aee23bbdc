"""The model writes on: tokens behind the prompt, shown as they come, stopped or taken back by the reader."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from explorer.widgets import flow, prompt, sampling_settings
from explorer.widgets.focus import LAST, set_focus
from explorer.widgets.header import PageHeader, rich
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint
from llm.data import clean_text
from llm.generation.filters import SamplingConfig
from llm.generation.generate import generate

_ASKED = "_write_asked"  # how many tokens to write in the next run
_PART = "_write_part"  # Written so far by a run that a click may cut short
_DONE = "_write_done"  # list of Written, the last one on top
_TRIES = "_write_tries"  # prompt -> how often it was written on from: each time with the next seed
_SPARE = 3  # further tokens that may be needed to finish a character of several bytes


@dataclass(frozen=True)
class Written:
    """What was put behind a prompt, and what there is to say about it."""

    before: str
    after: str
    n: int  # tokens
    note: str


def ask() -> None:
    """Answers the picture's trigger "write": so many tokens."""
    wanted = flow.said("write")
    if isinstance(wanted, int) and 0 < wanted <= 1000:
        st.session_state[_ASKED] = wanted


def append(checkpoint: Checkpoint) -> None:
    """Answers "append": one token that the reader picked from the list."""
    id = flow.said("append")
    if isinstance(id, int) and 0 <= id < checkpoint.tokenizer.n_vocab and prompt.joins(checkpoint.tokenizer, id):
        before = prompt.current()
        _keep(Written(before, clean_text(before + checkpoint.tokenizer.decode([id])), 1, ""))


def undo() -> None:
    """Answers "undo": the prompt as it was before the last writing."""
    if can_undo():
        prompt.replace(st.session_state[_DONE].pop().before)
        set_focus(token=LAST)


def can_undo() -> bool:
    """Whether the prompt is still what the last writing left."""
    done: list[Written] = st.session_state.get(_DONE, [])
    return bool(done) and done[-1].after == prompt.current()


def note() -> str:
    """What there is to say about the last writing while its text stands; else nothing."""
    return str(st.session_state[_DONE][-1].note) if can_undo() else ""


def _keep(written: Written) -> None:
    st.session_state.setdefault(_DONE, []).append(written)
    prompt.replace(written.after)
    set_focus(token=LAST)


def run(checkpoint: Checkpoint, text: Prompt, top: PageHeader) -> None:
    """Write what was asked for, here on the page, then start again with the longer prompt. Any click stops it."""
    cut: Written | None = st.session_state.pop(_PART, None)
    if cut and cut.before == text.text:  # else the reader has another prompt by now
        _keep(Written(cut.before, cut.after, cut.n, f"Stopped after {_tokens(cut.n)}."))
        st.rerun()
    if not (wanted := st.session_state.pop(_ASKED, 0)):
        return
    settings, tries = sampling_settings.read(), st.session_state.setdefault(_TRIES, {})
    seed = settings.seed + tries.get(text.text, 0)
    tries[text.text] = tries.get(text.text, 0) + 1
    top.lead("The model writes on: it draws a token, puts it behind the text, and reads it.")
    with st.container(key="writing", horizontal=True, vertical_alignment="center"):
        slot = st.empty()
        st.button("Stop", key="write_stop")
    written = Written(text.text, text.text, 0, "")
    for written in continuation(checkpoint, text, wanted, settings.config, seed):
        st.session_state[_PART] = written
        said = f"Writing {written.n} of {wanted}: {written.after[len(text.text) :]}"
        slot.html(f'<p class="vitrine-note" role="status">{rich(said)}</p>')
    st.session_state.pop(_PART, None)
    _keep(written)
    st.rerun()


def continuation(
    checkpoint: Checkpoint, text: Prompt, wanted: int, config: SamplingConfig, seed: int
) -> Iterator[Written]:
    """The text after each token; the last one says why it ended. Only whole characters are put behind the prompt."""
    tokenizer, n_ctx = checkpoint.tokenizer, checkpoint.model.config.n_ctx
    specials = {id: name for name, id in tokenizer.special_tokens.items()}
    room = n_ctx - len(text.ids)
    decoder, after, n, note = codecs.getincrementaldecoder("utf-8")("replace"), text.text, 0, ""
    for token in generate(checkpoint.model, text.ids, config, min(wanted + _SPARE, room), seed, specials):
        if token.id in specials:
            note = f"The model ended its text here, after {_tokens(n)}." if n else "The model ends its text here."
            break
        piece = decoder.decode(tokenizer.token_bytes(token.id))
        if len(tokenizer.encode(clean_text(after + piece))) > n_ctx:  # the same text, split anew, can need more tokens
            break
        after, n = clean_text(after + piece), n + 1
        yield Written(text.text, after, n, "")
        if n >= wanted and not decoder.getstate()[0]:
            break
    if not note and len(tokenizer.encode(after)) >= n_ctx:
        note = f"The context is full: this model reads {n_ctx:,} tokens."
    yield Written(text.text, after, n, note or f"{_tokens(n)} drawn: {settings_in_words(config, seed)}.")


def _tokens(n: int) -> str:
    return f"{n} token{'s' * (n != 1)}"


def settings_in_words(config: SamplingConfig, seed: int | None = None) -> str:
    """temperature 0.8, top-k 40, seed 1337; filters that are off are left out."""
    if config.greedy:
        return "temperature 0, always the most likely token"
    said = [f"temperature {config.temperature:g}"]
    said += [f"top-k {config.top_k:,}"] if config.top_k else []
    said += [f"top-p {config.top_p:g}"] if config.top_p < 1 else []
    said += [f"min-p {config.min_p:g}"] if config.min_p else []
    said += [f"repetition penalty {config.repetition_penalty:g}"] if config.repetition_penalty != 1 else []
    return ", ".join(said + ([f"seed {seed}"] if seed is not None else []))
