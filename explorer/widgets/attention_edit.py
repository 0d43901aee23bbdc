"""A row of the head in focus to write by hand, and what a second forward pass says (components/attention_edit/)."""

from typing import Any

import numpy as np

from explorer.analysis.edited_row import RowTrial
from explorer.widgets.attention_look import Choice, on_choices
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import Focus, on_focus
from explorer.widgets.lens import named_tokens
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint
from llm.trace import hook_name

KEY = "attention_edit"
_PICTURE = picture("attention_edit", "row", "result", "words")


def attention_edit(
    checkpoint: Checkpoint,
    text: Prompt,
    at: Focus,
    trial: RowTrial,
    edits: tuple[tuple[int, float], ...],
    asked: Choice,
    problem: str,
) -> None:
    """Draw it. A weight that is let go of runs the model again; `problem` says in a sentence why that could not be."""
    header, arrays = payload(checkpoint, text, at, trial, edits)
    header |= {"total": asked.total, "problem": problem}
    _PICTURE(key=KEY, data=pack(header, **arrays), on_focus_change=on_focus(KEY), on_choices_change=on_choices(KEY))


def payload(
    checkpoint: Checkpoint, text: Prompt, at: Focus, trial: RowTrial, edits: tuple[tuple[int, float], ...]
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as the picture reads them."""
    named = named_tokens(checkpoint.tokenizer, np.unique(np.array([*trial.ids, *trial.answer])))
    header = {
        "tokens": [token.wire() for token in text.tokens],
        "words": {int(id): word.wire() for id, word in named.items()},
        "focus": at.wire(),
        "of": at.wire(),
        "answer": list(trial.answer),
        "edits": {str(key): weight for key, weight in edits},
        "hook": hook_name("pattern", at.layer),
    }
    arrays = {name: getattr(trial, name) for name in ("row", "written", "ids", "logit", "prob", "kl")}
    return header, arrays
