"""The sampling picture: the scores of one position and every word there is, as bytes (components/sampler/)."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import streamlit as st

from explorer import display
from explorer.analysis.sampling import Funnel
from explorer.display import Token
from explorer.widgets import prompt, sampling_settings
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import LAST, Focus, on_focus, parse, set_focus
from explorer.widgets.header import Depth
from explorer.widgets.prompt import Prompt
from explorer.widgets.sampling_settings import LIMITS, Settings, parsed
from llm.checkpoint import Checkpoint
from llm.tokenizers.base import Tokenizer

KEY = "sampler"
_START = "_sampler_start"  # the settings when the picture came to the page: it keeps its own from there on
_KINDS = ("text", "byte", "special")
_NO_TEXT = 4
_PICTURE = picture("sampler", "filters", "draws", "controls", "funnel", "table", "maths")

# Shapes: V d_vocab.


@dataclass(frozen=True)
class Words:
    """Every token of a vocabulary as it is shown, in three arrays: 50,000 would be slow to read as JSON."""

    letters: np.ndarray  # uint8, UTF-8: pieces of a token parted by NUL, which none of them holds
    ends: np.ndarray  # V, uint32, of each token in letters
    kinds: np.ndarray  # V, uint8: place in _KINDS, and _NO_TEXT more if it cannot be put behind a text


_WORDS: WeakKeyDictionary[Tokenizer, Words] = WeakKeyDictionary()


def words(tokenizer: Tokenizer) -> Words:
    """The vocabulary of a tokenizer, worked out once and kept as long as the tokenizer."""
    if tokenizer not in _WORDS:
        _WORDS[tokenizer] = _words(tokenizer)
    return _WORDS[tokenizer]


def _words(tokenizer: Tokenizer) -> Words:
    tokens = display.tokens(tokenizer, range(tokenizer.n_vocab))
    pieces = ["\0".join(token.pieces).encode("utf-8", "replace") for token in tokens]
    kinds = [_KINDS.index(token.kind) + _NO_TEXT * (not prompt.joins(tokenizer, i)) for i, token in enumerate(tokens)]
    return Words(
        np.frombuffer(b"".join(pieces), dtype=np.uint8),
        np.cumsum([len(piece) for piece in pieces], dtype=np.uint32),
        np.array(kinds, dtype=np.uint8),
    )


def _whole(tokenizer: Tokenizer, text: Prompt, at: int) -> bool:
    """Whether the tokens up to this one are a piece of the text, not cut inside a character."""
    return text.text.startswith(tokenizer.decode(text.ids[: at + 1]))


def sampler(
    checkpoint: Checkpoint, text: Prompt, at: Focus, logits: np.ndarray, settings: Settings, depth: Depth
) -> None:
    """Draw it. Sliders and draws stay in the browser and are told here after a pause, for the address and the lead."""
    if KEY not in st.session_state or _START not in st.session_state:
        st.session_state[_START] = settings
    _PICTURE(
        key=KEY,
        data=payload(checkpoint, text, at, logits, st.session_state[_START], depth),
        on_focus_change=on_focus(KEY),
        on_settings_change=_keep,
        on_append_change=_append(checkpoint.tokenizer, text),
    )


def payload(
    checkpoint: Checkpoint, text: Prompt, at: Focus, logits: np.ndarray, start: Settings, depth: Depth
) -> bytes:
    """Header and arrays for sampler.js. The same bytes while only sliders move, so that they travel once."""
    seen, following = text.ids[: at.token + 1], text.ids[at.token + 1 :]
    place = repr((str(checkpoint.path), seen, following[:1])).encode("utf-8", "replace")
    vocabulary = words(checkpoint.tokenizer)
    header: dict[str, Any] = {
        "tokens": [token.wire() for token in text.tokens],
        "focus": at.wire(),
        "n_ctx": checkpoint.model.config.n_ctx,
        "at": at.token,
        "whole": _whole(checkpoint.tokenizer, text, at.token),
        "next": following[0] if following else None,
        "place": hashlib.blake2b(place, digest_size=8).hexdigest(),
        "depth": depth,
        "start": start.wire(),
        "opening": Settings().wire(),
        "limits": LIMITS,
    }
    return pack(
        header,
        logits=np.asarray(logits, dtype=np.float32),
        seen=np.array(sorted(set(seen)), dtype=np.uint32),
        letters=vocabulary.letters,
        ends=vocabulary.ends,
        kinds=vocabulary.kinds,
    )


def _keep() -> None:
    sent = st.session_state[KEY].get("settings")
    if isinstance(sent, Mapping):
        sampling_settings.keep(parsed(sent))


def _append(tokenizer: Tokenizer, text: Prompt) -> Callable[[], None]:
    """The drawn token behind the text that it was drawn for; what followed there is let go."""

    def append() -> None:
        sent = st.session_state[KEY].get("append")
        id, at = (parse(sent.get(name)) for name in ("id", "at")) if isinstance(sent, Mapping) else (None, None)
        if id is None or at is None or id >= tokenizer.n_vocab or at >= len(text.ids):
            return
        if not (prompt.joins(tokenizer, id) and _whole(tokenizer, text, at)):
            return
        prompt.replace(tokenizer.decode([*text.ids[: at + 1], id]))
        set_focus(token=LAST)

    return append


_NAMES = {"temperature": "temperature 0", "top_k": "top-k", "top_p": "top-p", "min_p": "min-p"}


def lead(drawn: Funnel, tokenizer: Tokenizer) -> tuple[str | Token, ...]:
    """What to look at: how many tokens each filter really leaves."""
    V = len(drawn.before)
    counts = [V, *(stage.kept for stage in drawn.stages)]
    falls = [(_NAMES[s.name], f"{s.kept:,}") for s, given in zip(drawn.stages, counts, strict=False) if s.kept < given]
    if not falls:
        best = int(drawn.after.argmax())
        likely = display.tokens(tokenizer, [best])[0]
        return (
            f"No filter removes a token: any of {V:,} tokens can be drawn, ",
            likely,
            f" with {display.pct(drawn.after[best])}.",
        )
    (first, kept), *others = falls
    said = [f"{first} leaves {kept} of {V:,} tokens", *(f"{name} {left}" for name, left in others)]
    return (f"Watch the count fall: {', '.join(said)} to draw from.",)
