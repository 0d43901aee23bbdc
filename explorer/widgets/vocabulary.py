"""The section Vocabulary: every token with its parents, its count, and whether the model on show ever learned it."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from explorer.analysis.vocabulary import MEASURE, counts, parents, training_texts, undertrained
from explorer.kept import Kept
from explorer.resources import load_model
from explorer.widgets import on_show
from explorer.widgets.background import FACTS
from explorer.widgets.component import pack, picture
from explorer.widgets.header import section_header
from explorer.widgets.sampler import words
from explorer.widgets.training_counts import training_counts
from explorer.widgets.waiting import waited
from llm.checkpoint import Checkpoint, CheckpointError
from llm.tokenizers.base import Tokenizer
from llm.tokenizers.split import PATTERNS

KEY = "vocabulary"
_CHOSEN = "vocabulary_of"
_KEPT = "_vocabulary_of"
_ASKED = "_vocabulary_counted"  # paths of models whose training text a person asked to be counted
AT_ONCE = 1_000_000  # characters that are counted while the page waits
SOON = 0.5  # seconds in which others are waited for without a word
_COUNTS = Kept(32 * 2**20)
_PICTURE = picture("vocabulary", "rows")


def vocabulary_section(own: Mapping[str, Tokenizer], texts: Sequence[str]) -> None:
    """Draw it; `own` are the page's tokenizers by name, `texts` what they were learned from."""
    with st.container(key="vocabulary_section"):
        section_header("Vocabulary: every token", KEY)
        model = _model()
        names = [*own, *([model[0]] if model else [])]
        if not names:
            return
        name = _choice(names)
        if name in own:
            tokenizer = own[name]
            data = payload(tokenizer, _of_texts(tokenizer, texts), None, "Count: in the text that it was learned from.")
        else:
            assert model
            data = _of_model(model[1])
        _PICTURE(key=KEY, data=data)


def _of_texts(tokenizer: Tokenizer, texts: Sequence[str]) -> np.ndarray | None:
    """The counts; of a long text, or one whose splitting may fail, beside the page, and None until they are there."""
    n, vocabulary = sum(map(len, texts)), tuple(map(tokenizer.token_bytes, range(tokenizer.n_vocab)))
    pattern = getattr(tokenizer, "pattern", "")
    key = ("counts of texts", hash(vocabulary), hash(tuple(texts)), n, pattern)
    if n <= AT_ONCE and (not pattern or pattern in PATTERNS):
        return _COUNTS.get(key, lambda: counts(tokenizer, texts))

    found: np.ndarray | None = waited(FACTS, key, lambda say: counts(tokenizer, texts, say), KEY, "Count again", SOON)
    return found


def _choice(names: list[str]) -> str:
    """Which of them; one that is gone is let go."""
    before = st.session_state.get(_KEPT)
    st.session_state[_CHOSEN] = before if before in names else names[0]
    chosen = st.segmented_control(
        "Tokenizer",
        names,
        key=_CHOSEN,
        required=True,
        label_visibility="collapsed",
        on_change=lambda: st.session_state.update({_KEPT: st.session_state[_CHOSEN]}),
    )
    return chosen or names[0]


def _model() -> tuple[str, Checkpoint] | None:
    shown = on_show.now()
    try:
        return (f"{shown.name}, the model's", load_model(shown.path)) if shown else None
    except CheckpointError:
        return None


def _of_model(checkpoint: Checkpoint) -> bytes:
    """With the distance that tells learned rows from others, and once asked for with counts of the training text."""
    shown = on_show.now()
    base = shown.run.directory.path if shown and shown.run else None
    found, known = undertrained(checkpoint.model, checkpoint.tokenizer), training_texts(checkpoint.provenance, base)
    note = f"Distance: {MEASURE}; undertrained: below {found.threshold:.3f}. " if found else ""
    counted = None
    if known is None:
        note += "Its training text cannot be had again here, so nothing is counted."
    else:
        counted = _counted(checkpoint, *known)
        note += f"Count: in what it was trained on of {known[0]}." if counted is not None else ""
    return payload(
        checkpoint.tokenizer,
        counted,
        (found.distance, found.threshold) if found else None,
        note,
    )


def _counted(checkpoint: Checkpoint, text: str, read: Callable[[], list[str]]) -> np.ndarray | None:
    """The counts, once a person has asked for them; reading the text again takes seconds."""
    key = str(checkpoint.path)
    asked = st.session_state.setdefault(_ASKED, set())
    if key not in asked:
        with st.container(key="vocabulary_count", horizontal=True, gap="small", vertical_alignment="center"):
            st.html(f'<p class="vitrine-empty">Which of them has it never seen? {escape(text)}.</p>', width="content")
            st.button("Count its training text", key="count_training", on_click=lambda: asked.add(key))
        return None

    return training_counts(checkpoint, text, read, KEY)


def payload(
    tokenizer: Tokenizer, counted: np.ndarray | None, measured: tuple[np.ndarray, float] | None, note: str
) -> bytes:
    """Header and arrays for vocabulary.js; of counts and distances those that are there."""
    shown = words(tokenizer)
    raw = [tokenizer.token_bytes(id) for id in range(tokenizer.n_vocab)]
    arrays = {
        "letters": shown.letters,
        "ends": shown.ends,
        "kinds": shown.kinds,
        "raw": np.frombuffer(b"".join(raw), dtype=np.uint8),
        "raw_ends": np.cumsum([len(token) for token in raw], dtype=np.uint32),
        "made": parents(tokenizer),
    }
    header: dict[str, Any] = {"note": note, "bytes": tokenizer.kind != "char"}
    if counted is not None:
        arrays["counts"] = counted.astype(np.uint32)
    if measured is not None:
        arrays["distance"] = measured[0]
        header["threshold"] = measured[1]
    return pack(header, **arrays)
