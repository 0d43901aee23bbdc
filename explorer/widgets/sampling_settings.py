"""Filters, seed and draws as the reader set them: kept for the session, and in the address where they differ from the
opening."""

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import streamlit as st

from explorer.widgets.address import Address
from llm.generation.filters import SamplingConfig

OPENING = SamplingConfig(temperature=1.1, top_k=40, top_p=0.85, min_p=0.05)
LIMITS: dict[str, tuple[float, float]] = {  # of what can be typed; the sliders show the usual part
    "temperature": (0, 10),
    "top_k": (0, 10_000_000),
    "top_p": (0, 1),
    "min_p": (0, 1),
    "repetition_penalty": (0.1, 10),
    "seed": (0, 2**32 - 1),
    "draws": (0, 10_000),
}
_WHOLE = ("top_k", "seed", "draws")
_STATE = "_sampling"
_ADDRESS = Address(*LIMITS)


@dataclass(frozen=True)
class Settings:
    """The filters, and the draws to show: so many from the stream of a seed."""

    config: SamplingConfig = OPENING
    seed: int = 1337
    draws: int = 0

    def wire(self) -> dict[str, float]:
        """Flat, by the names of the address."""
        return {**asdict(self.config), "seed": self.seed, "draws": self.draws}


def parsed(values: Mapping[str, object]) -> Settings:
    """Settings from an address or a picture; what is missing or makes no sense stays as it opens."""
    good: dict[str, Any] = {}
    for name, (least, most) in LIMITS.items():
        number = _number(values.get(name))
        if number is not None and least <= number <= most and (number.is_integer() or name not in _WHOLE):
            good[name] = int(number) if name in _WHOLE else number
    seed, draws = good.pop("seed", Settings.seed), good.pop("draws", Settings.draws)
    return Settings(replace(OPENING, **good), seed, draws)


def _number(value: object) -> float | None:
    if isinstance(value, str):
        return float(value) if re.fullmatch(r"[0-9]{1,10}(\.[0-9]{0,10})?", value) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def read() -> Settings:
    """The settings of this session, or of the link that was opened; the address is made to say them."""
    if (link := _ADDRESS.opened()) is not None:
        st.session_state[_STATE] = parsed(link)
    settings: Settings = st.session_state.get(_STATE, Settings())
    opening, now = Settings().wire(), settings.wire()
    _ADDRESS.say({name: f"{now[name]:.10g}" for name in LIMITS if now[name] != opening[name]})
    return settings


def keep(settings: Settings) -> None:
    """Remember; from a callback it holds at once."""
    st.session_state[_STATE] = settings
    _ADDRESS.keep()
