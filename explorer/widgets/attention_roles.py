"""How clear each role is in the head in focus, with the definition of every score (components/attention_roles/)."""

from typing import Any

import numpy as np

from explorer.analysis.head_roles import BAND, CLEAR, EVEN, ROLES
from explorer.widgets.attention_wall import Wall, head_words, measured_on
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import Focus, on_focus
from explorer.widgets.prompt import Prompt

KEY = "attention_role"
_PICTURE = picture("attention_roles", "attention/data")


def attention_roles(text: Prompt, at: Focus, wall: Wall) -> None:
    """Draw the scores of one head beside what they mean."""
    header, arrays = payload(text, at, wall)
    _PICTURE(key=KEY, data=pack(header, **arrays), on_focus_change=on_focus(KEY))


def payload(text: Prompt, at: Focus, wall: Wall) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays; scores of all heads travel, so that another one is drawn at once."""
    header = {
        "tokens": [token.wire() for token in text.tokens],
        "focus": at.wire(),
        "clear": CLEAR,
        "even": EVEN,
        "band": BAND,
        "roles": list(ROLES),
        "words": {"standing": head_words(wall.usual), "here": head_words(wall.here)},
        "standing": measured_on(*wall.standing) if wall.standing else None,
    }
    arrays = {
        "standing": wall.usual.astype(np.float32),
        "here": wall.here.astype(np.float32),
        "entropy": wall.heads.spread.entropy.astype(np.float32),
    }
    return header, arrays
