"""The payload of the vocabulary table: every token with its bytes, parents and counts; what is unknown is not sent."""

import numpy as np

from explorer.analysis.vocabulary import counts, parents
from explorer.widgets.vocabulary import payload
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.char import CharTokenizer
from tests.explorer.widgets.test_component import unpack

TEXT = "the cat and the hat and the mat. " * 20
BPE = BPETokenizer.train(TEXT, 280)


def test_every_token_is_there() -> None:
    header, arrays = unpack(payload(BPE, counts(BPE, [TEXT]), (np.ones(BPE.n_vocab, np.float32), 0.5), "where"))
    assert (header["note"], header["threshold"], header["bytes"]) == ("where", 0.5, True)
    starts = [0, *arrays["raw_ends"][:-1]]
    read = [bytes(arrays["raw"][a:b]) for a, b in zip(starts, arrays["raw_ends"], strict=True)]
    assert read == [BPE.token_bytes(id) for id in range(BPE.n_vocab)]
    assert np.array_equal(arrays["made"], parents(BPE))
    assert arrays["counts"].sum() == len(BPE.encode(TEXT))
    assert len(arrays["ends"]) == len(arrays["kinds"]) == len(arrays["distance"]) == BPE.n_vocab


def test_what_is_not_known_is_not_sent() -> None:
    header, arrays = unpack(payload(CharTokenizer.train("abc"), None, None, ""))
    assert "counts" not in arrays
    assert "distance" not in arrays
    assert "threshold" not in header
    assert not header["bytes"]
