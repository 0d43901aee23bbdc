"""The matrices of one head drawn to scale, each above the product it enters (components/attention_shapes/)."""

from typing import Any

import numpy as np

from explorer.analysis.head_maths import HeadMaths
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import Focus, on_focus
from explorer.widgets.prompt import Prompt
from llm.model.config import GPTConfig
from llm.model.positions import alibi_slopes
from llm.trace import hook_name

KEY = "attention_shapes"
_PICTURE = picture("attention_shapes")


def attention_shapes(text: Prompt, at: Focus, config: GPTConfig, maths: HeadMaths) -> None:
    """Draw q, k, v, scores, pattern and z of the head in focus with their shapes."""
    header, arrays = payload(text, at, config, maths)
    _PICTURE(key=KEY, data=pack(header, **arrays), on_focus_change=on_focus(KEY))


def payload(
    text: Prompt, at: Focus, config: GPTConfig, maths: HeadMaths
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays; masked scores, which are -inf, travel as 0 and are not drawn."""
    T, H, G, D = len(text.ids), config.n_heads, config.n_kv_heads, config.d_head
    per_head = {
        "q": ("rot_q", "B T H D", [1, T, H, D], f"[0, :, {at.head}, :]"),
        "k": ("rot_k", "B T G D" if G < H else "B T H D", [1, T, G, D], f"[0, :, {maths.kv_head}, :]"),
        "scores": ("attn_scores", "B H Tq Tk", [1, H, T, T], f"[0, {at.head}, :, :]"),
        "pattern": ("pattern", "B H Tq Tk", [1, H, T, T], f"[0, {at.head}, :, :]"),
        "v": ("v", "B T G D" if G < H else "B T H D", [1, T, G, D], f"[0, :, {maths.kv_head}, :]"),
        "z": ("z", "B T H D", [1, T, H, D], f"[0, :, {at.head}, :]"),
    }
    header = {
        "tokens": [token.wire() for token in text.tokens],
        "focus": at.wire(),
        "slope": float(alibi_slopes(H)[at.head]) if config.positions == "alibi" else None,
        "letters": "B batch · T tokens (q of queries, k of keys) · H query heads"
        + (" · G key/value heads" if G < H else "")
        + " · D width of a head",
        "parts": {
            name: {"hook": hook_name(short, at.layer), "letters": letters, "sizes": sizes, "index": index}
            for name, (short, letters, sizes, index) in per_head.items()
        },
    }
    arrays = {name: np.nan_to_num(getattr(maths, name), neginf=0.0) for name in per_head}
    return header, arrays
