"""The panel of one word, for tokenizers that have merges and that have none."""

from explorer.widgets.word import panel
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.char import CharTokenizer


def test_a_tokenizer_with_merges_shows_its_tree() -> None:
    found = panel("mine", BPETokenizer.train("the the the the", 260), " the")
    assert found["said"].endswith("merge")
    assert [step["merge"] for step in found["steps"]] == [1]


def test_characters_have_no_merges() -> None:
    found = panel("letters", CharTokenizer.train(" abc"), " cab")
    assert (found["said"], found["steps"]) == ("4 tokens, no merges", [])


def test_a_word_that_cannot_be_read_is_said() -> None:
    found = panel("sums", CharTokenizer.train("0123456789+=\n"), " together")
    assert "tokens" not in found
    assert "Expected" in found["error"] or "expected" in found["error"]
