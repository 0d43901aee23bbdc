"""The position lab: every scheme on the person's own text, the model's own first, as bytes (components/positions/)."""

from typing import Any

import numpy as np
import streamlit as st

from explorer.analysis.position_lab import Lab
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import Focus
from explorer.widgets.header import section_header
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint

KEY = "positions"
_PICTURE = picture("positions", "lines", "tables", "rope", "alibi", "words")


def positions_section(checkpoint: Checkpoint, text: Prompt, at: Focus, lab: Lab) -> None:
    """Draw it."""
    with st.container(key="positions_section"):
        section_header("Position lab: how does it know the order?", KEY)
        header, arrays = payload(checkpoint, text, at, lab)
        _PICTURE(key=KEY, data=pack(header, **arrays))


def payload(checkpoint: Checkpoint, text: Prompt, at: Focus, lab: Lab) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as positions.js reads them; a scheme that these sizes cannot have is left out."""
    config = checkpoint.model.config
    header: dict[str, Any] = {
        "own": lab.own,
        "tokens": [token.wire() for token in text.tokens],
        "at": at.wire(),
        "n_ctx": lab.n_ctx,
        "d_model": config.d_model,
        "d_head": config.d_head,
        "base": config.rope_base,
    }
    arrays = {"slopes": lab.slopes, "bias": lab.bias, "plain": lab.plain, "scores": lab.scores}
    for name, table in (("learned", lab.learned), ("sinusoidal", lab.sinusoidal)):
        if table:
            arrays |= {
                name: table.rows,
                f"{name}_cosine": table.cosine,
                f"{name}_least": table.least,
                f"{name}_most": table.most,
            }
    if lab.rope:
        arrays |= {"angles": lab.rope.angles, "curves": lab.rope.curves, "parts": lab.rope.parts}
    return header, arrays
