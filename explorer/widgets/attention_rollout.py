"""Where a token's attention comes from through all blocks (components/attention_rollout/)."""

from typing import Any

import numpy as np

from explorer.analysis.rollout import Rollout
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import Focus, on_focus
from explorer.widgets.prompt import Prompt
from llm.model.config import GPTConfig

KEY = "attention_rollout"
_PICTURE = picture("attention_rollout", "attention/data", "words")


def attention_rollout(text: Prompt, at: Focus, config: GPTConfig, seen: Rollout) -> None:
    """Draw the row in focus, block by block."""
    header, arrays = payload(text, at, config, seen)
    _PICTURE(key=KEY, data=pack(header, **arrays), on_focus_change=on_focus(KEY))


def payload(text: Prompt, at: Focus, config: GPTConfig, seen: Rollout) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as the picture reads them."""
    header = {
        "tokens": [token.wire() for token in text.tokens],
        "focus": at.wire(),
        "first": seen.queries[0],
        "n_heads": config.n_heads,
        "post_norm": config.block == "post_norm",
    }
    return header, {"rolled": seen.rolled, "block": seen.block.astype(np.float32)}
