"""One score of the head in focus, term by term (components/attention_score/)."""

from typing import Any

import numpy as np

from explorer.analysis.head_maths import HeadMaths
from explorer.widgets.attention_look import Choice, on_choices
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import Focus, on_focus
from explorer.widgets.prompt import Prompt
from llm.model.config import GPTConfig
from llm.model.positions import alibi_slopes
from llm.trace import hook_name

KEY = "attention_score"
ROWS_BYTES = 1_000_000  # scores and weights of all queries; beyond, only of the one in focus
_PICTURE = picture("attention_score", "strips", "sums", "words")


def attention_score(text: Prompt, at: Focus, config: GPTConfig, maths: HeadMaths, asked: Choice) -> None:
    """Draw it; another pair is drawn by the browser alone."""
    header, arrays = payload(text, at, config, maths)
    header |= {"choices": dict(asked.choices)}
    _PICTURE(key=KEY, data=pack(header, **arrays), on_focus_change=on_focus(KEY), on_choices_change=on_choices(KEY))


def rows_sent(at: Focus, T: int) -> slice:
    """Queries whose rows travel: all of them, or of a long text the one in focus."""
    return slice(0, T) if 8 * T * T <= ROWS_BYTES else slice(at.token, at.token + 1)


def payload(
    text: Prompt, at: Focus, config: GPTConfig, maths: HeadMaths
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays; masked scores, which are -inf, travel as 0 and are not drawn."""
    rows = rows_sent(at, len(text.ids))
    header = {
        "tokens": [token.wire() for token in text.tokens],
        "focus": at.wire(),
        "of": {"layer": at.layer, "head": at.head},
        "first_row": rows.start,
        "positions": config.positions,
        "slope": float(alibi_slopes(config.n_heads)[at.head]) if config.positions == "alibi" else 0.0,
        "kv_head": maths.kv_head,
        "shared": config.n_kv_heads < config.n_heads,
        "hooks": {name: hook_name(short, at.layer) for name, short in _HOOKS.items()},
    }
    arrays = {name: getattr(maths, name) for name in ("q", "k", "v")}
    arrays |= {"scores": np.nan_to_num(maths.scores[rows], neginf=0.0), "pattern": maths.pattern[rows]}
    return header, arrays


_HOOKS = {"q": "rot_q", "k": "rot_k", "v": "v", "score": "attn_scores", "weight": "pattern"}
