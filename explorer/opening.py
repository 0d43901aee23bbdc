"""What a model shows before anyone has typed: example prompts and the head to look at, from assets/openings.json."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from explorer.paths import ASSETS

_EXAMPLES = ("Once upon a time there was a girl", "one two three one two three one two")


@dataclass(frozen=True)
class Pair:
    """Two prompts of as many tokens whose answers the model gets right, and differ."""

    clean: str
    answer: str
    corrupted: str
    corrupted_answer: str


@dataclass(frozen=True)
class Opening:
    """The first example is the first screen."""

    examples: tuple[str, ...] = _EXAMPLES
    layer: int = 0
    head: int = 0
    pairs: tuple[Pair, ...] = ()
    beside: str = ""  # a model that it is worth comparing with


def opening(model_name: str) -> Opening:
    """The opening of a model by name; a plain one where the file says nothing usable."""
    try:
        entry = _entries((ASSETS / "openings.json").stat().st_mtime_ns)[model_name]
        examples = tuple(str(text) for text in entry["examples"])
        focus = entry.get("focus", {})
        pairs = tuple(Pair(*map(str, pair)) for pair in entry.get("pairs", []))
        layer, head = int(focus.get("layer", 0)), int(focus.get("head", 0))
        return Opening(examples or _EXAMPLES, layer, head, pairs, str(entry.get("beside", "")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Opening()


@lru_cache(maxsize=1)
def _entries(changed: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ASSETS / "openings.json").read_text("utf-8"))
    return found
