"""Where a logit comes from: bars that add up to it, and its shares by token, as bytes (components/logit_parts/)."""

from typing import Any

import numpy as np

from explorer import display
from explorer.analysis.attribution import Attribution, agreement
from explorer.widgets import leaving
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import Focus, on_focus
from explorer.widgets.header import Depth
from explorer.widgets.lens import named_tokens
from explorer.widgets.lens_question import Question, on_choices
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint

KEY = "logit_parts"
_PICTURE = picture("logit_parts", "data", "sources", "waterfall", "maths", "words")

# Shapes: L layers, H query heads, S source position.


def logit_parts(
    checkpoint: Checkpoint,
    text: Prompt,
    at: Focus,
    target: tuple[int, int | None],
    made: Attribution | str,
    gradient: np.ndarray,
    rivals: list[int],
    asked: Question,
    depth: Depth,
) -> None:
    """Draw it; a click on a bar goes to that component. `made` may be why there is none, in a sentence; `rivals` are
    likely tokens that the logit can be held against."""
    header, arrays = payload(checkpoint, text, target, made, gradient)
    header |= {
        "rivals": [
            (id, word.wire()) for id, word in named_tokens(checkpoint.tokenizer, rivals).items() if id != target[0]
        ],
        "choices": dict(asked.choices),
        "depth": depth,
        "focus": at.wire(),
        "pages": leaving.addresses("home", "attention", "neurons"),
    }
    _PICTURE(
        key=KEY,
        data=pack(header, **arrays),
        on_focus_change=on_focus(KEY),
        on_choices_change=on_choices(KEY),
        on_go_change=leaving.on_go(KEY),
    )


def payload(
    checkpoint: Checkpoint, text: Prompt, target: tuple[int, int | None], made: Attribution | str, gradient: np.ndarray
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as logit_parts/data.js reads them."""
    config = checkpoint.model.config
    token, *against = display.tokens(checkpoint.tokenizer, [one for one in target if one is not None])
    header: dict[str, Any] = {
        "tokens": [token.wire() for token in text.tokens],
        "token": token.wire(),
        "against": against[0].wire() if against else None,
        "norm": config.norm,
        "gain": "b" if config.norm == "layernorm" and config.bias else "",
        "at": len(gradient) - 1,
        "refused": made if isinstance(made, str) else "",
    }
    arrays = {"gradient": gradient}
    if isinstance(made, str):
        return header, arrays
    header |= {
        "logit": made.logit,
        "divisor": made.divisor,
        "remainder": made.remainder,
        "own": made.own,
        "parts": [[part.kind, part.layer, part.head, part.value] for part in made.parts],
    }
    if made.by_token is not None and made.moved is not None:
        both = agreement(made.by_token, gradient)
        header |= {"first": both.first, "opposite": both.opposite}
        arrays |= {"by_token": made.by_token, "moved": made.moved}
    return header, arrays
