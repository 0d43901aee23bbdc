import math

import numpy as np
import pytest
import torch

from explorer.analysis.corpus_facts import corpus_facts, losses
from llm.corpora.catalog import documents
from llm.data import TokenDataset, dataset, validation_windows
from llm.tokenizers.base import END_OF_TEXT
from llm.tokenizers.char import CharTokenizer
from llm.training.evaluate import evaluate

TOLD = {"documents": 9, "repeated": 2, "characters": 99}


def pairs(text: list[int]) -> tuple[np.ndarray, np.ndarray]:
    ids = np.array(text)
    return ids[:-1], ids[1:]


def test_by_hand() -> None:
    unigram, bigram = losses(pairs([0, 1, 0, 1, 0, 2]), (np.array([0, 1, 2]), np.array([1, 0, 0])), 3)
    p = {0: 3 / 8, 1: 3 / 8, 2: 2 / 8}  # targets 1 0 1 0 2, one added to each of three
    assert unigram == pytest.approx(-(math.log(p[1]) + 2 * math.log(p[0])) / 3)
    after_0 = (2 + 2 * p[1]) / (3 + 2)  # 0 is followed by 1, 1, 2: two kinds
    after_1 = (2 + 1 * p[0]) / (2 + 1)
    assert bigram == pytest.approx(-(math.log(after_0) + math.log(after_1) + math.log(p[0])) / 3)


def test_each_conditional_sums_to_one() -> None:
    ids = np.random.default_rng(0).integers(0, 7, 300)
    for before in range(8):  # 7 is never seen
        p = [math.exp(-losses((ids[:-1], ids[1:]), (np.array([before]), np.array([b])), 8)[1]) for b in range(8)]
        assert sum(p) == pytest.approx(1)


def test_no_targets() -> None:
    assert all(math.isnan(x) for x in losses(pairs([0, 1]), (np.array([], int), np.array([], int)), 2))


def test_a_real_corpus() -> None:
    texts = documents("sums", 0, 30_000)
    tokenizer = CharTokenizer.train(texts)
    separator = tokenizer.special_tokens[END_OF_TEXT]
    data = dataset(tokenizer, texts, separator, 0.1)
    facts = corpus_facts(TOLD, data, tokenizer.n_vocab, 64)
    assert facts.bigram < facts.unigram < facts.uniform == pytest.approx(math.log(tokenizer.n_vocab))
    assert (facts.documents, facts.repeated, facts.characters) == (9, 2, 99)
    assert facts.used == 10 + 3 + 1  # digits, + = newline, end of text


def test_windows_at_documents_score_what_validation_scores() -> None:
    texts = documents("repeats", 0, 6400)
    tokenizer = CharTokenizer.train(texts)
    separator = tokenizer.special_tokens[END_OF_TEXT]
    data = dataset(tokenizer, texts, separator, 0.2).at_documents(separator)
    facts = corpus_facts(TOLD, data, tokenizer.n_vocab, 64)
    targets = [y for _, y in validation_windows(data.validation, 64, data.validation_starts)]
    assert targets
    assert not any((y == separator).any() for y in targets)
    train = [data.train[s : s + 65] for s in data.train_starts if s + 65 <= len(data.train)]  # type: ignore[union-attr]
    x, y = np.concatenate([w[:-1] for w in train]), np.concatenate([w[1:] for w in train])
    vx = np.concatenate([x.numpy().ravel() for x, _ in validation_windows(data.validation, 64, data.validation_starts)])
    vy = np.concatenate([y.numpy().ravel() for y in targets])
    assert (facts.unigram, facts.bigram) == pytest.approx(
        losses((x[: len(y)], y), (vx, vy), tokenizer.n_vocab), abs=0.02
    )
    assert facts.bigram == pytest.approx(math.log(96), abs=0.6), "pairs say next to nothing of random lists"


class Counts(torch.nn.Module):
    """A model that says how often each token is a target, whatever it reads."""

    def __init__(self, train: np.ndarray, n_vocab: int) -> None:
        super().__init__()
        counted = np.bincount(train[1:], minlength=n_vocab) + 1.0
        self.logits = torch.nn.Parameter(torch.from_numpy(np.log(counted)))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.logits.expand(*ids.shape, -1)


@pytest.mark.parametrize("n_windows", [0, 5])
def test_unigram_is_what_evaluate_says_of_it(n_windows: int) -> None:
    texts = documents("stories", 0, 60_000)
    tokenizer = CharTokenizer.train(texts)
    data = dataset(tokenizer, texts, tokenizer.special_tokens[END_OF_TEXT], 0.1)
    facts = corpus_facts(TOLD, data, tokenizer.n_vocab, 64, n_windows)
    found = evaluate(Counts(data.train, tokenizer.n_vocab), data, 64, n_windows)
    assert facts.unigram == pytest.approx(found.loss, rel=1e-5)


def test_a_text_without_a_full_window_has_no_losses() -> None:
    short = TokenDataset(np.arange(5), np.arange(5), 5)
    facts = corpus_facts(TOLD, short, 8, 64)
    assert math.isnan(facts.unigram)
    assert math.isnan(facts.bigram)
