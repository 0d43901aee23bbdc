"""The model writes on: tokens behind the prompt, shown as they come, stopped or taken back by the reader."""

import codecs
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import in_force, resources
from explorer.analysis.stacks import Stack
from explorer.widgets import flow, prompt, sampling_settings, stack
from explorer.widgets.focus import LAST, set_focus
from explorer.widgets.header import rich
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint
from llm.data import clean_text
from llm.generation.filters import SamplingConfig
from llm.generation.generate import generate

_ASKED = "_write_asked"  # how many tokens to write in the next run
_GOING = "_write_going"
_DONE = "_write_done"  # list of Written, the last one on top
_TRIES = "_write_tries"  # prompt -> how often it was written on from: each time with the next seed
_TURN = 0.3  # seconds of writing after which the reader is heard
_PAUSE = 0.05  # seconds between two turns
_SPARE = 3  # further tokens that may be needed to finish a character of several bytes


@dataclass(frozen=True)
class Written:
    """What was put behind a prompt, and what there is to say about it."""

    before: str
    after: str
    n: int  # tokens
    note: str


@dataclass
class Going:
    """A text that is being written, a turn at a time."""

    checkpoint: Checkpoint
    wanted: int  # tokens
    pieces: Iterator[Written]
    written: Written  # so far
    stack: Stack  # the interventions that it is written under
    turn: threading.Lock = field(default_factory=threading.Lock)  # a run that is overtaken may still be at its turn


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


def run(checkpoint: Checkpoint, text: Prompt) -> None:
    """Write what was asked for, here on the page, a turn at a time until it is done or stopped; another text or model
    on show drops it."""
    wanted, going = st.session_state.pop(_ASKED, 0), st.session_state.get(_GOING)
    if going and (
        going.checkpoint is not checkpoint or going.written.before != text.text or going.stack != stack.now()
    ):
        going = None
    if wanted and not going:
        going = _begun(checkpoint, text, wanted)
    st.session_state[_GOING] = going
    if going:
        st.fragment(_turn, run_every=_PAUSE)(going)


def _begun(checkpoint: Checkpoint, text: Prompt, wanted: int) -> Going:
    settings, tries = sampling_settings.read(), st.session_state.setdefault(_TRIES, {})
    seed = settings.seed + tries.get(text.text, 0)
    tries[text.text] = tries.get(text.text, 0) + 1
    pieces = continuation(checkpoint, text, wanted, settings.config, seed)
    return Going(checkpoint, wanted, pieces, Written(text.text, text.text, 0, ""), stack.now())


def _turn(going: Going) -> None:
    """Some tokens, shown as they come; after the last one the page starts again with the longer prompt."""
    if st.session_state.get(_GOING) is not going:
        st.rerun()
    with st.container(key="writing", horizontal=True, vertical_alignment="center"):
        slot = st.empty()
        st.button("Stop", key="write_stop", on_click=stop)
    until = time.monotonic() + _TURN
    with going.turn, in_force.under(going.stack), resources.intervened(going.checkpoint.path):
        _say(slot, going)
        for written in going.pieces:
            going.written = written
            _say(slot, going)
            if time.monotonic() > until:
                return
    _end(going.written)
    st.rerun()


def _say(slot: DeltaGenerator, going: Going) -> None:
    new = going.written.after[len(going.written.before) :]
    said = f"The model writes on, {going.written.n} of {going.wanted}: {new}"
    slot.html(f'<p class="vitrine-note" role="status">{rich(said)}</p>')


def stop() -> None:
    """Answers the button: what is written so far stands."""
    if (going := st.session_state.get(_GOING)) and not going.written.n:
        st.session_state[_GOING] = None
    elif going:
        _end(replace(going.written, note=f"Stopped after {_tokens(going.written.n)}."))


def _end(written: Written) -> None:
    st.session_state[_GOING] = None
    _keep(written)


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
