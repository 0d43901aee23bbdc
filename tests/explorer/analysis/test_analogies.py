"""Examples of sums: known where each word is one token, and held to what the model's vectors give."""

from explorer.analysis.analogies import known, tried
from explorer.analysis.embeddings import combined, cosines, rows
from explorer.paths import ASSETS
from llm.checkpoint import load_checkpoint
from llm.tokenizers.char import CharTokenizer


def test_the_shipped_model_gives_what_its_examples_say() -> None:
    checkpoint = load_checkpoint(ASSETS / "stories")
    asked = known(checkpoint.tokenizer)
    found = tried(checkpoint.model, asked, "input")
    assert {one.sum for one in found} == {one for one, _ in asked}
    assert [one.holds for one in found] == sorted((one.holds for one in found), reverse=True)
    assert sum(one.holds for one in found) >= 3
    assert not all(one.holds for one in found), "one that fails is shown too"
    matrix = rows(checkpoint.model, "input")
    for one in found:
        cosine = cosines(matrix, combined(matrix, *one.sum))
        cosine[list(one.sum)] = -2
        assert one.got == int(cosine.argmax())


def test_characters_know_none() -> None:
    assert known(CharTokenizer.train("abc ")) == ()
