"""The picture of Home: one forward pass from the tokens to the next one, drawn in the browser from the true numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from explorer.analysis.forward_pass import HEAD_CELLS, N_NEURONS, STREAM_CELLS, ForwardPass
from explorer.analysis.residual import chosen_heads
from explorer.display import Token
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import NAMES, Focus, on_focus, parse

KEY = "flow"
_SHOWN = "_flow_shown"  # the focus that the browser has
ARC = 0.1  # a weight under this gets no arc; the page says how much they carry together
EXACT_BYTES = 600_000  # an array up to this size travels as float32, a longer one in 16 bits
LOG_STEP = 5e-4  # of ln weight in a long pattern: 65535 is ln 1 = 0, 1 is -32.767, 0 is a weight under that
PAYLOAD_BYTES = 6_000_000  # beyond this, only the open block travels whole, and of the others the chosen head

_FLOW = picture("flow", "data", "layout", "surface", "cards", "head", "wide", "tall", "list")


def flow(
    passed: ForwardPass,
    every: np.ndarray | None,
    tokens: Sequence[Token],
    words: Mapping[int, Token],
    at: Focus,
    on_event: Mapping[str, Callable[[], None]],
    **extra: Any,
) -> None:
    """Mount the picture. `every` is every_head() of the text, `on_event` answers the triggers go, write, append and
    undo, `extra` joins the header.

    A focus that the browser already has is left out: then the same bytes can stand, and need not travel again.
    """
    header, arrays = payload(passed, tokens, words, at)
    if every is not None:
        arrays["without"] = every
    header |= extra
    if KEY not in st.session_state or st.session_state.get(_SHOWN) != at:
        header["focus"] = at.wire()
    st.session_state[_SHOWN] = at
    events: dict[str, Any] = {f"on_{name}_change": answer for name, answer in on_event.items()}
    _FLOW(key=KEY, data=pack(header, **arrays), on_focus_change=_focused, on_lost_change=_lost, **events)


def _focused() -> None:
    """The reader looks elsewhere, and the browser knows."""
    on_focus(KEY)()
    if isinstance(new := said("focus"), Mapping):
        st.session_state[_SHOWN] = Focus(**{name: parse(new.get(name)) or 0 for name in NAMES})


def _lost() -> None:
    """The browser put the picture on the page anew and asks where to look."""
    st.session_state.pop(_SHOWN, None)


def said(name: str) -> Any:
    """The value of a trigger, inside the callback that answers it."""
    return (st.session_state.get(KEY) or {}).get(name)


def payload(
    passed: ForwardPass, tokens: Sequence[Token], words: Mapping[int, Token], at: Focus
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as flow/data.js reads them. `words` holds every token of `passed.next.ids`."""
    c, n = passed.config, passed.next
    whole, part = _blocks(passed, at)
    arrays: dict[str, np.ndarray | None] = {
        "embed": passed.embed,
        "position": passed.position,
        "tiles": passed.tiles,
        "log_total": passed.log_total,
        "pattern": np.stack([passed.pattern[layer, head] for layer, head in part]),
        **{name: getattr(passed, name)[whole] for name in ("q", "k", "v")},
        **{name: getattr(passed.lengths, name) for name in passed.lengths.__dataclass_fields__},
        "next_ids": n.ids,
        "next_probs": n.probs.astype(np.float32),
        "next_rest": n.rest.astype(np.float32),
        "next_log_total": n.log_total.astype(np.float32),
        "told": n.told.astype(np.float32),
        "told_rank": n.told_rank,
    }
    for name in ("post", "neurons", "pre", "pre_linear"):
        array = getattr(passed, name)
        arrays[name] = None if array is None else array[whole]
    steps: dict[str, float] = {}
    packed = {name: _compact(name, array, steps) for name, array in arrays.items() if array is not None}
    packed["log_total"] = passed.log_total  # scores are read off it: never in steps
    header = {
        "tokens": [token.wire() for token in tokens],
        "words": {int(i): words[int(i)].wire() for i in np.unique(n.ids)},
        "n_ctx": c.n_ctx,
        "n_rest": n.n_rest,
        "config": c.to_dict(),
        "cells": {"stream": STREAM_CELLS, "head": HEAD_CELLS, "neurons": N_NEURONS},
        "limits": {"stream": passed.stream_limit, "head": passed.head_limit},
        "arc": ARC,
        "steps": steps,
        "layers": list(whole),
        "heads": [list(place) for place in part],
    }
    return header, packed


def _blocks(passed: ForwardPass, at: Focus) -> tuple[list[int], list[tuple[int, int]]]:
    """Which layers travel whole, and which (layer, head) patterns: all, or what this focus draws."""
    L, H = passed.config.n_layers, passed.config.n_heads
    large = [passed.pattern, passed.q, passed.k, passed.v, *([] if passed.post is None else [passed.post])]
    if sum(array.size * 2 for array in large) <= PAYLOAD_BYTES:
        return list(range(L)), [(layer, head) for layer in range(L) for head in range(H)]
    chosen = chosen_heads(passed.lengths.heads, at.layer, at.head, at.token)
    others = [(layer, head) for layer, head in enumerate(chosen) if layer != at.layer]
    return [at.layer], [*((at.layer, head) for head in range(H)), *others]


def _compact(name: str, array: np.ndarray, steps: dict[str, float]) -> np.ndarray:
    """A long float array as whole numbers of a step, which goes into `steps`; what is not zero does not become zero.

    Of a pattern the logarithm goes in steps, so that small weights and the scores behind them keep their digits.
    """
    if array.dtype.kind != "f" or array.nbytes <= EXACT_BYTES:
        return array
    if name == "pattern":
        steps[name] = LOG_STEP
        with np.errstate(divide="ignore"):
            places = np.rint(np.log(array) / LOG_STEP) + 65535
        return np.clip(places, 0, 65535).astype(np.uint16)
    steps[name] = float(np.abs(array).max()) / 32767 or 1.0
    whole = np.rint(array / steps[name])
    return np.where((whole == 0) & (array != 0), np.sign(array), whole).astype(np.int16)
