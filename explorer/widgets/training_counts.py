"""How often each token stands in the text that a model was trained on, counted beside the page and kept."""

from collections.abc import Callable

import numpy as np

from explorer.analysis.vocabulary import counts
from explorer.widgets.background import FACTS, Say
from explorer.widgets.waiting import waited
from llm.checkpoint import Checkpoint


def training_counts(checkpoint: Checkpoint, text: str, read: Callable[[], list[str]], name: str) -> np.ndarray | None:
    """The counts, once they are there; until then None, and a line on the page. `text` and `read` as training_texts()
    gives them, `name` a key of the page."""

    def make(say: Say) -> np.ndarray:
        say(f"Reading {text}")
        return counts(checkpoint.tokenizer, read(), say)

    work = "token counts", str(checkpoint.path), text, checkpoint.tokenizer.n_vocab
    found: np.ndarray | None = waited(FACTS, work, make, name, "Count again")
    return found
