"""Ids that a corpus holds often are found by generating it again; elsewhere all but the special ones count."""

from collections import Counter

from explorer.analysis.seen_tokens import seen_tokens
from llm.corpora.catalog import documents
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.char import CharTokenizer


def test_a_generated_corpus_is_read_again() -> None:
    texts = documents("stories", 3, 20_000)
    tokenizer = BPETokenizer.train("\n".join(texts), 300)
    options = {"corpus": "stories", "corpus_seed": 3, "corpus_chars": 20_000}
    pool = seen_tokens(tokenizer, {"options": options})
    times = Counter(id for text in texts for id in tokenizer.encode(text))
    assert set(pool.ids) == {id for id, n in times.items() if n >= 20}
    assert 1 < len(pool.ids) < tokenizer.n_vocab
    assert pool.words == f"{len(pool.ids)} ids seen 20 times or more in 20,000 characters of its corpus"


def test_another_corpus_leaves_the_vocabulary() -> None:
    tokenizer = CharTokenizer.train(["abcab"])
    special = set(tokenizer.special_tokens.values())
    for provenance in ({}, {"options": {"corpus": "file"}}, {"options": {"corpus": "stories"}}):
        pool = seen_tokens(tokenizer, provenance)
        assert set(pool.ids) == set(range(tokenizer.n_vocab)) - special
        assert pool.words.startswith("all ")
