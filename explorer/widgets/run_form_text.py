"""The part of a run's form that says what to learn from: a corpus or the person's own text, and how it is cut."""

import os
from html import escape
from typing import get_args

import streamlit as st

from explorer import paths
from explorer.analysis.corpus_facts import CorpusFacts
from explorer.display import loss, pct
from explorer.runs.draft import UPLOAD, corpora, kept
from explorer.runs.submission import TOKENIZER
from explorer.runs.uploads import LARGEST, SMALLEST, UploadError, read
from explorer.tokenizers import KeptTokenizers
from explorer.widgets import draft_fields as fields
from explorer.widgets.background import Answer
from explorer.widgets.field_names import sentence
from explorer.widgets.labels import told_apart
from explorer.widgets.run_on_show import uploads
from explorer.widgets.run_words import word
from llm.runs.config import TokenizerKind, WindowKind

FILE = "upload"
_REPLACE = "_replace_bad"  # the file in which bad bytes are to be replaced
_TOKENIZER = "Learned from the text, or one that was saved on the Tokenizer page."


def text_fields(facts: CorpusFacts | None, answer: Answer) -> None:
    """Corpus and upload, tokenizer, windows; below, what is known of the text."""
    _uploader()
    enough = [text for text in uploads().all() if text.characters >= SMALLEST]  # the Tokenizer page takes any
    own = told_apart({f"{UPLOAD}{text.sha256}": text.name for text in enough})
    fields.select(
        "text",
        [*corpora(), *own],
        words=lambda name: own.get(name) or word(name),
        then=lambda now: learn_from(now.removeprefix(UPLOAD)) if now.startswith(UPLOAD) else None,
    )
    left, right = st.columns(2)
    with left:
        fields.number("corpus_chars", step=100_000, help="To generate, or at most to read.")
        kinds = _tokenizers()
        fields.select("tokenizer", list(kinds), kinds.__getitem__, help=_TOKENIZER)
    with right:
        fields.number("validation_fraction", step=0.01, format="%g")
        if fields.value("tokenizer") == "bpe":
            fields.number("n_vocab", step=64)
    fields.select("windows", get_args(WindowKind))
    fields.words("prompt", placeholder="nothing: a new document")
    if facts:
        _say(facts)
    elif answer.error:
        st.html(f'<p class="vitrine-said" role="alert">{escape(sentence(answer.error))}</p>')


def _tokenizers() -> dict[str, str]:
    """Those to choose from by value, the person's own and a run's copy included, no two called the same."""
    own = KeptTokenizers(paths.tokenizers())
    now = fields.value("tokenizer")
    names = {
        one: word(one) for one in (*get_args(TokenizerKind), *(kept(name, own.path(name)) for name in own.names()))
    }
    if now not in names:
        copy = now.endswith(f"{os.sep}{TOKENIZER}")
        names = {now: f"{word(now)}, the run's copy" if copy else word(now), **names}
    return told_apart(names)


def _uploader() -> None:
    st.html(f'<style>:root {{ --vitrine-upload: "Plain text, up to {LARGEST >> 20} MB"; }}</style>')
    given = st.file_uploader(
        "Your own text",
        key=FILE,
        help=f"Plain text in UTF-8, or UTF-16 with its mark, up to {LARGEST >> 20} MB. It stays on this machine.",
    )
    if given is None:
        return
    raw, seen = given.getvalue(), given.file_id
    if st.session_state.get("_upload_taken") == seen:
        return
    try:
        text = read(raw, st.session_state.get(_REPLACE) == seen)
        kept = uploads().add(given.name, text)
    except UploadError as error:
        said = f"<b>{escape(given.name)}</b> is refused. {escape(str(error))}"  # it stands there until the next is read
        st.html(f'<p class="vitrine-said" role="alert">{said}</p>')
        if error.bad_bytes:
            many = "one bad byte" if error.bad_bytes == 1 else f"{error.bad_bytes:,} bad bytes"
            st.button(f"Replace {many}", key="replace", on_click=lambda: st.session_state.update({_REPLACE: seen}))
        return
    st.session_state["_upload_taken"] = seen
    learn_from(kept.sha256)
    st.rerun()


def learn_from(sha256: str) -> None:
    """All of a text of the person's own, without what a recipe says of its own corpus; before fields are drawn."""
    if kept := uploads().get(sha256):
        fields.put(text=f"{UPLOAD}{sha256}", corpus_chars=max(1, kept.characters), windows="anywhere", prompt="")


def _say(facts: CorpusFacts) -> None:
    """The text in numbers, and what a loss on it means."""
    many = "1 document" if facts.documents == 1 else f"{facts.documents:,} documents"
    repeated = pct(facts.repeated / facts.documents) if facts.documents else "0"
    st.html(
        '<p class="vitrine-note vitrine-quiet">'
        f"{facts.characters:,} characters in {many}, {repeated} of them said before; "
        f"{facts.training_tokens:,} tokens to learn from, {facts.validation_tokens:,} held out, "
        f"{facts.bytes_per_token:.2f} bytes each; {facts.used:,} of {facts.n_vocab:,} tokens occur.<br>"
        f"A model that knows nothing scores <b>{loss(facts.uniform)}</b> nats a token, one that counts tokens "
        f"<b>{loss(facts.unigram)}</b>, one that counts pairs <b>{loss(facts.bigram)}</b>: what lies below, "
        "it has understood from further back.</p>"
    )
