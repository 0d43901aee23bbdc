"""A small template language: "[a|b]" picks one, "{x}" or "{x.attr}" fills in; articles and capitals are put right."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

Node = str | tuple[str, tuple[str, ...]] | list["Sentence"]  # text, slot and its attributes, alternatives
Sentence = tuple[Node, ...]

_PIECE = re.compile(r"[\[\]|]|\{[^}]*\}|[^\[\]|{}]+")
_ARTICLE = re.compile(r"\b([Aa])n? (?=([A-Za-z]))")
_START = re.compile(r"(?<=[.!?] )[a-z]")


@cache
def compiled(template: str) -> Sentence:
    """The template as a tree; ValueError on unbalanced brackets."""
    stack: list[list[list[Node]]] = [[[]]]
    for piece in _PIECE.findall(template):
        if piece == "[":
            stack.append([[]])
        elif piece == "|":
            stack[-1].append([])
        elif piece == "]":
            options = stack.pop()
            if not stack:
                raise ValueError(f"expected balanced brackets, got a stray ] in {template!r}")
            stack[-1][-1].append([tuple(option) for option in options])
        elif piece[0] == "{":
            name, *attributes = piece[1:-1].split(".")
            stack[-1][-1].append((name, tuple(attributes)))
        else:
            stack[-1][-1].append(piece)
    if len(stack) != 1 or len(stack[0]) != 1:
        raise ValueError(f"expected balanced brackets and no bare |, got {template!r}")
    return tuple(stack[0][0])


def _write(nodes: Sentence, random: Callable[[], float], slots: Mapping[str, object], out: list[str]) -> None:
    for node in nodes:
        if isinstance(node, str):
            out.append(node)
        elif isinstance(node, list):
            _write(node[int(random() * len(node))], random, slots, out)
        else:
            value = slots[node[0]]
            for attribute in node[1]:
                value = getattr(value, attribute)
            out.append(str(value))


def fill(template: str, random: Callable[[], float], slots: Mapping[str, object]) -> str:
    """One expansion of the template, its sentences begun with capitals and each a or an agreeing with what follows."""
    out: list[str] = []
    _write(compiled(template), random, slots, out)
    text = "".join(out)
    text = _ARTICLE.sub(lambda m: m[1] + ("n " if m[2] in "aeiouAEIOU" else " "), text)
    text = _START.sub(lambda m: m[0].upper(), text)
    return text[0].upper() + text[1:] if text else text


def listed(words: Sequence[str], article: str = "", last: str = "and") -> str:
    """'a, b and c'; with an article before each word when one is given."""
    named = [f"{article} {word}" if article else word for word in words]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} {last} {named[-1]}"
