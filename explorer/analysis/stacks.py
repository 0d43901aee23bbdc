"""The stack of interventions: read from an address, changed, put in another order."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from explorer.analysis.interventions import LETTERS, Intervention, Matrix, Mean, Part, Patch, Scale, Steer
from llm.model.config import GPTConfig
from llm.tokenizers.base import Tokenizer

MOST = 10.0  # times: the largest factor
STRONGEST = 999.0  # the largest strength of a direction, either way
LONGEST = 4000  # characters of a text that an address holds
Stack = tuple[Intervention, ...]
_PART = r"(?:\d{1,4}\.\d{1,4}|[amr]\d{1,4})(?:@\d{1,5})?"
_WRITTEN = re.compile(
    rf"(?P<part>{_PART})(?:"
    r"(?:x(?P<factor>\d{1,2}(?:\.\d{1,4})?)|(?P<mean>~))(?P<off>-?)|"
    rf"(?:<(?P<origin>{_PART}))?(?P<unpatched>-?)=(?P<text>[^,#]{{1,{3 * LONGEST}}})(?:#(?P<made>[0-9a-f]{{6}}))?|"
    r"\+(?P<strength>-?\d{1,3}(?:\.\d{1,4})?)(?P<embed>e?)(?P<unsteered>-?):(?P<word>[^,/]{1,200})(?:/(?P<less>[^,/]{1,200}))?)",
    re.ASCII,
)


def part(text: str) -> Part | None:
    """The part that an address names: 3.1, m2@5."""
    if not re.fullmatch(_PART, text, re.ASCII):
        return None
    where, _, at = text.partition("@")
    token = int(at) if at else None
    if where[0] in "amr":
        return Part(int(where[1:]), kind=next(kind for kind, one in LETTERS.items() if one == where[0]), at=token)
    layer, head = map(int, where.split("."))
    return Part(layer, head, at=token)


def parse(text: str) -> tuple[Stack, list[str]]:
    """The interventions that an address names, and what of it names none; of those in one slot the last counts."""
    stack: Stack = ()
    wrong = []
    for piece in filter(None, text.split(",")):
        if (one := _read(piece)) is None:
            wrong.append(piece)
        else:
            stack = put(stack, one)
    return stack, wrong


def _read(piece: str) -> Intervention | None:
    found = _WRITTEN.fullmatch(piece)
    where = part(found["part"]) if found else None
    if not found or where is None:
        return None
    if found["mean"]:
        return Mean(where, on=not found["off"])
    if found["factor"]:
        factor = float(found["factor"])
        return Scale(where, factor, on=not found["off"]) if factor <= MOST else None
    if found["text"]:
        origin = part(found["origin"]) if found["origin"] else None
        if not like(origin or where, where):
            return None
        return Patch(where, unquote(found["text"]), origin, found["made"] or "", on=not found["unpatched"])
    if where.kind != "stream":
        return None
    matrix: Matrix = "embed" if found["embed"] else "unembed"
    words = unquote(found["word"]), unquote(found["less"] or "")
    return Steer(where, *words, float(found["strength"]), matrix, on=not found["unsteered"])


def like(one: Part, other: Part) -> bool:
    """Whether what one gives can stand where the other's stood."""
    same = (one.kind == "attention") == (other.kind == "attention") and (one.head is None) == (other.head is None)
    return same and (one.at is None) == (other.at is None)


def put(stack: Stack, one: Intervention) -> Stack:
    """With this one: in place of the one in the same slot, else behind the others."""
    if any(other.slot == one.slot for other in stack):
        return tuple(one if other.slot == one.slot else other for other in stack)
    return (*stack, one)


def switched(stack: Stack, on: bool, *slots: tuple[Any, ...]) -> Stack:
    """With those in these slots switched on or off, or all of them."""
    return tuple(replace(one, on=on) if not slots or one.slot in slots else one for one in stack)


def moved(stack: Stack, slot: tuple[Any, ...], by: int) -> Stack:
    """With the one in this slot so many places later, within the ends; of two on one part the later acts on the
    other's result."""
    at = next(i for i, one in enumerate(stack) if one.slot == slot)
    left = [*stack[:at], *stack[at + 1 :]]
    left.insert(max(0, min(len(left), at + by)), stack[at])
    return tuple(left)


def effective(stack: Stack, config: GPTConfig, tokenizer: Tokenizer) -> Stack:
    """Those that change something in such a model, in their order."""
    return tuple(one for one in stack if one.on and not one.idle and not one.lacks(config, tokenizer))
