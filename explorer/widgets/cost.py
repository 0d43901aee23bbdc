"""The section What it costs: one text by vocabularies of five sizes, their embeddings, and what models here reached."""

from html import escape
from pathlib import Path

import streamlit as st

from explorer.analysis.vocabulary_cost import MOST, SIZES, WIDTHS, Cost, bits_per_byte, cost, parameters
from explorer.display import many
from explorer.kept import Kept
from explorer.resources import load_model
from explorer.run_resources import RunNow, run_facts
from explorer.widgets import on_show
from explorer.widgets.background import FACTS
from explorer.widgets.component import pack, picture
from explorer.widgets.header import section_header
from explorer.widgets.labels import told_apart
from explorer.widgets.run_words import word
from explorer.widgets.waiting import waited
from llm.checkpoint import CheckpointError
from llm.model.config import GPTConfig
from llm.runs.config import RunError
from llm.tokenizers.split import PATTERNS

KEY = "cost"
AT_ONCE = 100_000  # characters that are learned from while the page waits
SOON = 0.5  # seconds in which others are waited for without a word
_COSTS = Kept(2**20)
_PICTURE = picture("cost")


def cost_section(text: str, pattern: str) -> None:
    """Draw it; `text` is what is learned from and cut, split by the pattern."""
    with st.container(key="cost_section"):
        section_header("What it costs: a larger vocabulary, fewer tokens", KEY)
        found = _found(text, pattern)
        if found is not None:
            _PICTURE(key=KEY, data=payload(found, _config()))
        if reached := _reached():
            st.html(reached)


def _found(text: str, pattern: str) -> Cost | None:
    """The cost; of a long text, or of one that may fail to be split, found beside the page, and None until then."""
    text = text[:MOST]
    key = ("vocabulary cost", hash(text), len(text), pattern)
    if len(text) <= AT_ONCE and pattern in PATTERNS:
        return _COSTS.get(key, lambda: cost(text, pattern))
    found: Cost | None = waited(FACTS, key, lambda say: cost(text, pattern, say), KEY, "Count again", SOON)
    return found


def _config() -> GPTConfig:
    """Of the model on show, whose blocks the tables are compared with."""
    shown = on_show.now()
    try:
        return load_model(shown.path).model.config if shown else GPTConfig()
    except CheckpointError:
        return GPTConfig()


def payload(found: Cost, config: GPTConfig) -> bytes:
    """Header and arrays for cost.js."""
    tables, whole = parameters(config, found.n_vocab)
    start = min(range(len(WIDTHS)), key=lambda i: abs(WIDTHS[i] - config.d_model))
    blocks = many(config.n_layers, "block")
    short = (
        f" It has pairs for {many(found.n_vocab[-1], 'token')} only, of {SIZES[-1]:,} asked for: learn from more text."
        if found.short
        else ""
    )
    header = {
        "n_vocab": found.n_vocab,
        "tokens": found.tokens,
        "n_bytes": found.n_bytes,
        "widths": WIDTHS,
        "start": start,
        "note": (
            f"Learned from and measured on the same {many(found.characters, 'character')}; on other text a large "
            f"vocabulary gains less.{short} The model: {blocks} as in the one on show, embedding "
            f"{'and unembedding one table' if config.tied else 'and unembedding two tables'}."
        ),
    }
    return pack(header, tables=tables, whole=whole)


def _reached() -> str:
    """Bits per byte of the models and runs here, as HTML: the one loss that does not depend on the vocabulary."""
    rows = {key: row for key, one in on_show.known().items() if (row := _row(key, one))}
    if not rows:
        return ""
    names = told_apart({key: name for key, (_, name, _, _) in rows.items()})
    lines = "".join(
        f"<tr><td>{escape(names[key])}</td><td>{escape(text)}</td><td><code>{n:,}</code></td>"
        f"<td><code>{bits:.3f}</code></td></tr>"
        for key, (n, _, text, bits) in sorted(rows.items(), key=lambda one: one[1])
    )
    return (
        '<div class="vitrine-scroll"><table class="vitrine-shapes">'
        f"<tr><td>Trained here</td><td>on</td><td>vocabulary</td><td>bits per byte</td></tr>{lines}</table></div>"
        '<p class="vitrine-note vitrine-quiet vitrine-under">Each on its own validation text: nats per '
        "token of two vocabularies do not compare, bits per byte on the same text do.</p>"
    )


def _row(key: str, one: object) -> tuple[int, str, str, float] | None:
    try:
        if isinstance(one, Path):
            checkpoint = load_model(one)
            bits, kind = bits_per_byte(checkpoint.provenance), checkpoint.provenance.get("corpus", {}).get("kind", "")
            return None if bits is None else (checkpoint.tokenizer.n_vocab, key, word(str(kind)), bits)
        if isinstance(one, RunNow):
            found, config = run_facts(one.directory), one.directory.config()
            if found.bits_per_byte is None:
                return None
            return config.model.d_vocab, one.name, word(config.corpus), found.bits_per_byte
    except (CheckpointError, RunError, AttributeError):
        return None
    return None
