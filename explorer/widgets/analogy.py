"""The section on sums of token vectors, a - b + c, as bytes (components/analogy/)."""

from typing import Any

import numpy as np
import streamlit as st

from explorer.analysis.analogies import Analogy, Sum, known, tried
from explorer.analysis.embeddings import combined, nearest, plane_through, rows
from explorer.resources import of_weights
from explorer.widgets.component import pack, picture
from explorer.widgets.embedding_question import Question, on_choices
from explorer.widgets.embeddings import cosines_with, is_sent, name_of
from explorer.widgets.header import section_header
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint

KEY = "analogy"
_PICTURE = picture("analogy", "vectors/held", "vectors/field", "drawing")


def analogy_section(checkpoint: Checkpoint, text: Prompt, asked: Question) -> None:
    """Draw it."""
    with st.container(key="analogy_section"):
        section_header("Arithmetic with tokens: a − b + c", KEY)
        header, arrays = payload(checkpoint, text, asked)
        _PICTURE(key=KEY, data=pack(header, **arrays), on_choices_change=on_choices(KEY))


def payload(checkpoint: Checkpoint, text: Prompt, asked: Question) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as analogy.js reads them; of a large model with the answer."""
    presets = of_weights(tried, checkpoint.path, known(checkpoint.tokenizer), asked.side)
    now = asked.sum or opening(presets, text.ids, checkpoint.model.config.d_vocab)
    header: dict[str, Any] = {
        "vectors": name_of(checkpoint),
        "side": asked.side,
        "sum": now,
        "presets": [[*one.sum, one.expected, one.got] for one in presets],
        "n_params": checkpoint.model.n_params,
    }
    if is_sent(checkpoint.model.config):
        return header, {}
    matrix = rows(checkpoint.model, asked.side)
    vector = combined(matrix, *now)
    cosine = cosines_with(checkpoint, asked.side, vector)
    ends = np.stack([*(matrix[id] for id in now), vector, matrix[nearest(cosine, 1, now)[0]]])
    corners = plane_through(matrix, *now, ends)
    return header | {"length": float(np.linalg.norm(vector))}, {"cosines": cosine, "corners": corners}


def opening(presets: tuple[Analogy, ...], ids: tuple[int, ...], n_vocab: int) -> Sum:
    """What a page opens with: the first that is tried, else three tokens of the text or of the vocabulary."""
    if presets:
        return presets[0].sum
    several = [*dict.fromkeys((*ids, *range(min(3, n_vocab))))]
    return several[0], several[1 % len(several)], several[2 % len(several)]
