"""Where in a corpus the neuron on show is most active: asked for by a button, read beside the page, drawn as tokens."""

import hashlib
from collections.abc import Hashable
from functools import partial
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from explorer import display
from explorer.analysis.snippets import SAME, Mined, Snippet, Source, budget, mine, training_source
from explorer.analysis.snippets import snippets as cut
from explorer.kept import Kept
from explorer.resources import effective, intervened
from explorer.widgets import on_show
from explorer.widgets.background import Background, Say
from explorer.widgets.component import pack, picture
from explorer.widgets.fields import hold
from explorer.widgets.header import section_header
from explorer.widgets.neuron_choice import Place
from explorer.widgets.prompt import Prompt
from explorer.widgets.waiting import waited
from llm.checkpoint import Checkpoint
from llm.data import clean_text

KEY = "snippets"
HIGHEST, DRAWN = 10, 4  # shown
LONGEST_TYPED = 20_000  # characters
CORPUS, PROMPT, OWN = "Its training corpus", "The prompt", "A text of mine"
_PICTURE = picture("snippets", "words")
_MINING = Background(most=6)
_CUT = Kept(16 * 2**20)
_ASKED, _WHICH, _TYPED = "_mining_asked", "_mining_which", "_mining_typed"
GONE = "The text that this model was trained on cannot be had again here, so it is looked for in another."


def snippets(checkpoint: Checkpoint, text: Prompt, place: Place) -> None:
    """The section: which text, the button that has it read, and the neuron's places once it is."""
    with st.container(key="snippets_section"):
        section_header(f"Where neuron {place[0]}.{place[1]} is most active", KEY)
        source = _source(checkpoint, text)
        if source is None:
            return
        key = _key(checkpoint, source)
        asked: set[Hashable] = st.session_state.setdefault(_ASKED, set())
        if key not in asked and not _MINING.knows(key):
            _offer(checkpoint, source, partial(asked.add, key))
            return
        edited = intervened(checkpoint.path)

        def work(say: Say) -> Mined:
            with edited:
                return mine(checkpoint.model, checkpoint.tokenizer, source, say)

        mined: Mined | None = waited(_MINING, key, work, "mining", "Read it again")
        if mined is not None:
            header, values = _CUT.get((key, place), lambda: payload(checkpoint, mined, place))
            _PICTURE(key=KEY, data=pack(header, values=values))


def _offer(checkpoint: Checkpoint, source: Source, ask: Any) -> None:
    config = checkpoint.model.config
    n = config.n_layers * config.d_mlp
    much = f"up to {budget(checkpoint.model):,} tokens of " if source.long else ""
    said = (
        f"The model reads {much}{source.words} once, and the places where each of its {n:,} neurons gives most are "
        "kept: for this neuron and all others."
    )
    with st.container(key="mining_offer", horizontal=True, gap="small", vertical_alignment="center"):
        st.button("Find them", key="mine", on_click=ask)
        st.html(f'<p class="vitrine-note vitrine-quiet">{escape(said)}</p>', width="content")


def _source(checkpoint: Checkpoint, text: Prompt) -> Source | None:
    """What is to be read; None, and a sentence, while there is nothing."""
    shown = on_show.now()
    base = shown.run.directory.path if shown and shown.run else None
    corpus = training_source(checkpoint.provenance, base, budget(checkpoint.model))
    texts = [PROMPT, OWN] if corpus is None else [CORPUS, PROMPT, OWN]
    if corpus is None:
        st.html(f'<p class="vitrine-note vitrine-quiet">{escape(GONE)}</p>')
    kept = st.session_state.get("mining_which", st.session_state.get(_WHICH))
    hold("mining_which", kept if kept in texts else texts[0])
    which = st.segmented_control("Text", texts, key="mining_which", required=True, label_visibility="collapsed")
    st.session_state[_WHICH] = which
    if which == CORPUS:
        return corpus
    return _own(checkpoint) if which == OWN else _given("the prompt", text.text)


def _own(checkpoint: Checkpoint) -> Source | None:
    """The text in the field; None, and why, where the model cannot read it."""
    hold("mining_typed", st.session_state.get("mining_typed", st.session_state.get(_TYPED, "")))
    typed = st.text_area("Your text", key="mining_typed", max_chars=LONGEST_TYPED, height=96)
    st.session_state[_TYPED] = typed
    own = clean_text(typed or "")
    try:
        ids = checkpoint.tokenizer.encode(own)
    except ValueError as error:
        said = str(error)
        st.html(f'<p class="vitrine-said" role="alert">{escape(said[:1].upper() + said[1:])}</p>')
        return None
    if not ids:
        st.html('<p class="vitrine-note vitrine-quiet">Type or paste a text to look in.</p>')
        return None
    return _given("the text you typed", own)


def _given(words: str, text: str) -> Source:
    return Source(words, lambda: [text], hashlib.blake2b(text.encode(), digest_size=8).hexdigest())


def _key(checkpoint: Checkpoint, source: Source) -> Hashable:
    """What the answer depends on; a checkpoint that was replaced is another."""
    try:
        changed = (checkpoint.path / "model.safetensors").stat().st_mtime_ns
    except OSError:
        changed = 0
    return str(checkpoint.path), changed, effective(checkpoint.path), source.name


def payload(checkpoint: Checkpoint, mined: Mined, place: Place) -> tuple[dict[str, Any], np.ndarray]:
    """Header and values as snippets.js reads them; both lists one after another, and all their values in a row."""
    layer, at = place
    with intervened(checkpoint.path):
        highest = cut(checkpoint.model, mined, mined.highest, layer, at, HIGHEST)
        drawn = cut(checkpoint.model, mined, mined.drawn, layer, at, DRAWN)
    kept = int((mined.highest.row[layer, at] >= 0).sum())
    values = [one.values for one in (*highest, *drawn)]
    header = {
        "place": list(place),
        "hook": f"blocks.{layer}.mlp.hook_post",
        "words": mined.words,
        "n_tokens": mined.n_tokens,
        "active": int(mined.active[layer, at]),
        "d_mlp": mined.active.shape[1],
        "never": mined.never(layer),
        "always": mined.always(layer),
        "kept": kept,
        "same": SAME,
        "highest": [_wire(checkpoint, one) for one in highest],
        "drawn": [_wire(checkpoint, one) for one in drawn],
    }
    return header, np.concatenate(values) if values else np.empty(0, np.float32)


def _wire(checkpoint: Checkpoint, one: Snippet) -> dict[str, Any]:
    tokens = display.tokens(checkpoint.tokenizer, one.ids)
    return {"tokens": [token.wire() for token in tokens], "at": one.at, "alike": one.alike}
