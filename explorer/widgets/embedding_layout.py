"""A map by t-SNE or UMAP: begun by a button, worked out beside the page, kept for everybody."""

import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from explorer.analysis.embeddings import Side, rows
from explorer.analysis.layout import ITERATIONS, NAMES, Layout, installed, lay_out
from explorer.display import many
from explorer.resources import of_weights
from explorer.widgets.background import Background, Say
from explorer.widgets.embedding_question import Question
from explorer.widgets.waiting import waited
from llm.checkpoint import Checkpoint
from llm.model.gpt import GPT

MOST = 24  # maps that are kept
UMAP_MISSING = (
    "UMAP is an optional extra that is not installed here. To have it: .venv/bin/pip install umap-learn==0.5.12"
)
_WORK = Background(most=MOST)
_MADE: OrderedDict[Hashable, np.ndarray] = OrderedDict()
_BEGUN = "_embedding_layouts"  # what the reader of this session has asked for


@dataclass(frozen=True)
class LaidOut:
    """A map that is there."""

    layout: Layout
    points: np.ndarray  # V 2, float32


def laid_out(checkpoint: Checkpoint, asked: Question) -> LaidOut | None:
    """The map that is asked for, once it is there; until then None, and a line on the page with its button."""
    if asked.layout is None:
        return None
    if not installed(asked.layout.method):
        _line(UMAP_MISSING)
        return None
    n = checkpoint.model.config.d_vocab
    layout = asked.layout.within(n)
    key = of_weights(fingerprint, checkpoint.path, asked.side), layout
    begun: set[Hashable] = st.session_state.setdefault(_BEGUN, set())
    if (points := _MADE.get(key)) is None:
        if key not in begun:
            _offer(layout, n, key, begun)
            return None
        vectors = rows(checkpoint.model, asked.side)

        def make(say: Say) -> np.ndarray:
            made = _MADE[key] = lay_out(layout, vectors, say)
            while len(_MADE) > MOST:
                _MADE.popitem(last=False)
            return made

        points = waited(_WORK, key, make, "layout", "Begin again")
    return None if points is None else LaidOut(layout, points)


def fingerprint(model: GPT, side: Side) -> str:
    """What a map is kept by: the same vectors have the same one, whatever their checkpoint is called."""
    return hashlib.blake2b(rows(model, side).tobytes(), digest_size=16).hexdigest()


def _offer(layout: Layout, n: int, key: Hashable, begun: set[Hashable]) -> None:
    name = NAMES[layout.method]
    steps = f", up to {ITERATIONS:,} iterations" if layout.method == "tsne" else ""
    with st.container(key="layout_offer", horizontal=True, gap="small", vertical_alignment="center"):
        _line(f"{name} of {many(n, 'vector')}{steps}: it takes a while. Until then the map is that of two components.")
        st.button(f"Work out {name}", key="layout_begin", on_click=begun.add, args=(key,))


def _line(words: str) -> None:
    st.html(f'<p class="vitrine-empty" role="status">{escape(words)}</p>', width="content")
