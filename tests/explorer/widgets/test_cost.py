"""The payload of What it costs: numbers of the analysis, a width to begin with, and what was left out said."""

import numpy as np

from explorer.analysis.vocabulary_cost import WIDTHS, cost, parameters
from explorer.widgets.cost import payload
from llm.model.config import GPTConfig
from tests.explorer.widgets.test_component import unpack

CONFIG = GPTConfig(d_vocab=300, n_ctx=16, n_layers=2, n_heads=2, n_kv_heads=2, d_model=200, d_mlp=256)


def test_payload() -> None:
    found = cost("the cat and the hat. " * 50)
    header, arrays = unpack(payload(found, CONFIG))
    assert header["n_vocab"] == list(found.n_vocab)
    assert header["tokens"] == list(found.tokens)
    assert header["widths"][header["start"]] == 192
    assert "pairs for" in header["note"]
    tables, whole = parameters(CONFIG, found.n_vocab)
    assert np.array_equal(arrays["tables"], tables)
    assert arrays["whole"].shape == whole.shape == (len(WIDTHS), len(found.n_vocab))
