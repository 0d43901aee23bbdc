"""The wall of all heads with one of them large: what the browser draws it from, as bytes (components/attention/)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from explorer.analysis.attention import Exact
from explorer.analysis.head_roles import CLEAR, ROLES, HeadRoles, HeadsOnText, name_role
from explorer.analysis.seen_tokens import TokenPool
from explorer.display import Token, pct, weight
from explorer.widgets.address import Address
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import Focus, on_focus
from explorer.widgets.header import Depth
from explorer.widgets.prompt import Prompt
from llm.model.config import GPTConfig
from llm.model.positions import alibi_slopes

KEY = "attention"
_ADDRESS = Address("sort", "measured", "show")
_CHOICES = "_attention_choices"
_PICTURE = picture("attention", "data", "wall", "matrix", "few", "many", "facts", "row", "words", "choices")

DOES = {
    "previous": "reads the token just before the current one",
    "induction": "finds an earlier copy of the current token and reads the token after it",
    "duplicate": "finds earlier copies of the current token",
    "first": "mostly rests on the first token",
    "itself": "mostly looks at the current token itself",
    "nearby": "looks at the current token and the three before it",
    "even": "spreads its attention almost evenly over all it can see",
    "mixed": "has none of the known habits to a clear degree",
}

# Shapes: L layers, H query heads, T position.


@dataclass(frozen=True)
class Wall:
    """All that is drawn for one text and one head in focus."""

    heads: HeadsOnText
    exact: Exact
    standing: tuple[HeadRoles, TokenPool] | None  # on random tokens said twice; None where the context has no room
    value_sizes: np.ndarray  # L H T: ‖v W_O‖ of each head and token
    loss_change: float | None  # nats a token without the head in focus; None for a single token

    @property
    def here(self) -> np.ndarray:
        """Role scores and evenness on this text, (7, L, H) in the order of ROLES; NaN where the text cannot tell."""
        return _stacked(self.heads.roles, self.heads.spread.evenness)

    @property
    def usual(self) -> np.ndarray:
        """The same on random tokens said twice; on this text where those could not be measured."""
        return _stacked(self.standing[0].scores, self.standing[0].evenness) if self.standing else self.here


def attention_wall(text: Prompt, at: Focus, config: GPTConfig, wall: Wall, depth: Depth) -> None:
    """Draw it; a click moves the focus of all pages."""
    header, arrays = payload(text, at, config, wall)
    header |= {"depth": depth, "focus": at.wire(), "choices": _choices()}
    _PICTURE(key=KEY, data=pack(header, **arrays), on_focus_change=on_focus(KEY), on_choices_change=_chosen)


def _choices() -> dict[str, str]:
    """Order, basis and switches of the wall, which the address is made to say: words that only the picture reads."""
    if (link := _ADDRESS.opened()) is not None:
        st.session_state[_CHOICES] = _words(link)
    kept: dict[str, str] = st.session_state.get(_CHOICES, {})
    _ADDRESS.say(kept)
    return kept


def _chosen() -> None:
    sent = st.session_state[KEY].get("choices")
    if isinstance(sent, Mapping):
        st.session_state[_CHOICES] = _words(sent)


def _words(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: word for name in _ADDRESS.names if re.fullmatch(r"[a-z.]{1,32}", word := str(given.get(name, "")))}


def payload(text: Prompt, at: Focus, config: GPTConfig, wall: Wall) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as attention/data.js reads them."""
    T, tiles, spread = len(text.ids), wall.heads.tiles, wall.heads.spread
    header = {
        "tokens": [token.wire() for token in text.tokens],
        "n_ctx": config.n_ctx,
        "d_head": config.d_head,
        "positions": config.positions,
        "slopes": alibi_slopes(config.n_heads).tolist() if config.positions == "alibi" else [],
        "shape": f"B H Tq Tk = 1 {config.n_heads} {T} {T}",
        "heads": wall.exact.heads,
        "tokens_per_cell": tiles.tokens_per_cell,
        "clear": CLEAR,
        "does": DOES,
        "words": {"standing": head_words(wall.usual), "here": head_words(wall.here)},
        "standing": measured_on(*wall.standing) if wall.standing else None,
        "effect": {"layer": at.layer, "head": at.head, "loss": wall.loss_change},
    }
    arrays = {
        "cells": tiles.cells,
        "without_first": tiles.without_first,
        "pattern": wall.exact.pattern,
        "scores": wall.exact.scores,
        "standing": wall.usual.astype(np.float32),
        "here": wall.here.astype(np.float32),
        "entropy": spread.entropy.astype(np.float32),
        "value_sizes": wall.value_sizes,
        "reach": spread.reach.astype(np.float32),
    }
    return header, arrays


def _stacked(scores: Mapping[Any, np.ndarray], evenness: np.ndarray) -> np.ndarray:
    return np.stack([*(scores[role] for role in ROLES), evenness])


def head_words(scores: np.ndarray) -> list[str]:
    """The role of every head, in reading order, from scores (7, L, H)."""
    columns = scores.reshape(len(ROLES) + 1, -1).T
    return [name_role(dict(zip(ROLES, column[:-1], strict=True)), column[-1]) for column in columns]


def measured_on(roles: HeadRoles, pool: TokenPool) -> str:
    """What the standing roles were measured on, in a sentence."""
    start = "" if roles.first is None else ", end of text first"
    return (
        f"{roles.n_sequences} texts of {roles.n_tokens} random tokens said twice{start}; "
        f"drawn from {pool.words}, seed {roles.seed}."
    )


def lead(text: Prompt, at: Focus, wall: Wall, row: np.ndarray) -> tuple[str | Token, ...]:
    """What the head in focus does, and where its row (T,) puts the largest weight."""
    role = head_words(wall.usual[:, at.layer : at.layer + 1, at.head : at.head + 1])[0]
    does = f"Head {at.head} of block {at.layer} {DOES[role]}."
    if len(text.ids) == 1:
        return (f"{does} With a single token there is nothing to choose: all attention stays on it.",)
    key = int(row.argmax())
    back = at.token - key
    return (
        f"{does}{_here(role, wall, at)} Follow the row of ",
        text.tokens[at.token],
        f": {pct(float(row[key]))} of its attention goes to ",
        *((text.tokens[key], f", {back} token{'s' * (back > 1)} back.") if back else ("itself.",)),
    )


def _here(role: str, wall: Wall, at: Focus) -> str:
    """Where the role does not show on this text, say so."""
    if role not in ROLES:
        return ""
    usual, here = (scores[ROLES.index(role), at.layer, at.head] for scores in (wall.usual, wall.here))
    if np.isnan(here) and role in ("induction", "duplicate"):
        return " Here nothing repeats that it could use."
    return f" Here it does so less, {weight(here)} against {weight(usual)}." if here < usual / 2 else ""
