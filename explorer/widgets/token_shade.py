"""How often the model saw each token in training, where a reader shades the map by it and it can be had."""

import numpy as np

from explorer.analysis.vocabulary import training_texts
from explorer.widgets import on_show
from explorer.widgets.embedding_question import Question
from explorer.widgets.training_counts import training_counts
from llm.checkpoint import Checkpoint


def counted(checkpoint: Checkpoint, asked: Question) -> tuple[np.ndarray | None, bool, str]:
    """The counts once they are asked for and there, whether they can be had, and a sentence on it."""
    shown = on_show.now()
    known = training_texts(checkpoint.provenance, shown.run.directory.path if shown and shown.run else None)
    if known is None:
        return None, False, "No shading by count: the training text of this model cannot be had again here."
    text, read = known
    if asked.choices.get("shade") != "count":
        return None, True, ""
    counts = training_counts(checkpoint, text, read, "embeddings_count")
    return counts, True, f"Count: in what it was trained on of {text}."
