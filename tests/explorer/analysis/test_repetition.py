"""Repeated rows: what can be looked up in them, the split of the loss, and scores that are head_roles' own."""

import numpy as np
import pytest
import torch

from explorer.analysis.head_roles import role_scores
from explorer.analysis.repetition import (
    held_out_rows,
    induction_weights,
    looked_up,
    mean_weight,
    previous_weights,
    split_loss,
)
from llm.corpora.repeats import CHARACTERS
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.char import CharTokenizer

TOKENIZER = CharTokenizer.train(CHARACTERS)


def _patterns(S: int, H: int, T: int) -> np.ndarray:
    scores = torch.randn(S, H, T, T, generator=torch.Generator().manual_seed(0)) * 2
    return np.asarray(scores.masked_fill(torch.ones(T, T).triu(1).bool(), float("-inf")).softmax(-1).numpy())


def test_a_token_can_be_looked_up_after_a_copy_of_the_one_before() -> None:
    assert looked_up(np.array([9, 1, 2, 3, 1, 2, 3])).tolist() == [False] * 4 + [True] * 3


def test_rows_end_with_a_list_said_over_and_over() -> None:
    rows = held_out_rows(TOKENIZER, 64, 5, seed=3)
    assert rows.ids.shape == rows.targets.shape == (5, 64)
    assert (rows.ids[:, 1:] == rows.targets[:, :-1]).all()
    assert set(rows.ids[:, 0]) == {TOKENIZER.special_tokens["<|endoftext|>"]}
    for row, copied in zip(rows.ids, rows.copied, strict=True):
        second = int(copied.argmax())  # the first query with a copy is the second saying's first token
        n = second - int(np.flatnonzero(row == row[second])[0])
        assert (row[second:] == row[second - n : -n]).all()
        assert copied[second:].all()


def test_rows_fit_the_context_and_the_tokenizer() -> None:
    assert held_out_rows(TOKENIZER, 20, 3, seed=0).ids.shape == (3, 20)
    with pytest.raises(ValueError, match="at least 4"):
        held_out_rows(TOKENIZER, 2, 3, seed=0)
    with pytest.raises(ValueError, match="tokenizer"):
        held_out_rows(CharTokenizer.train("abc"), 64, 3, seed=0)


def test_another_seed_gives_other_lists() -> None:
    one, two = (held_out_rows(TOKENIZER, 64, 40, seed) for seed in (0, 1))
    assert not set(map(bytes, one.ids)) & set(map(bytes, two.ids))


def test_the_split_loss_averages_to_the_full_loss() -> None:
    rows = held_out_rows(TOKENIZER, 64, 7, seed=0)
    losses = np.random.default_rng(0).exponential(size=(3, *rows.ids.shape))
    new, copied = split_loss(losses, rows.copied)
    share = rows.copied.mean()
    assert new.shape == copied.shape == (3,)
    np.testing.assert_allclose(share * copied + (1 - share) * new, losses.mean(axis=(1, 2)))


def test_scores_are_those_of_head_roles() -> None:
    rows = held_out_rows(TOKENIZER, 64, 6, seed=1)
    patterns = _patterns(6, 3, 64)
    of_rows = [role_scores(pattern, ids) for pattern, ids in zip(patterns, rows.ids, strict=True)]
    for name, role in zip(("previous", "induction"), rows.roles, strict=True):
        expected = np.mean([scores[name] for scores in of_rows], axis=0)  # type: ignore[index]
        np.testing.assert_allclose(mean_weight(torch.from_numpy(patterns), role), expected, atol=1e-6)


def test_a_perfect_pattern_scores_one_in_its_role_and_nothing_in_the_other() -> None:
    ids = held_out_rows(TOKENIZER, 64, 2, seed=2).ids
    induction = (induction_weights(ids) > 0).astype(np.float32)
    induction /= np.maximum(1, induction.sum(-1, keepdims=True))
    previous = np.tile(np.eye(64, k=-1, dtype=np.float32), (2, 1, 1))
    patterns = torch.from_numpy(np.stack([induction, previous], axis=1))
    np.testing.assert_allclose(mean_weight(patterns, torch.from_numpy(induction_weights(ids))), [1, 0], atol=1e-5)
    np.testing.assert_allclose(mean_weight(patterns, torch.from_numpy(previous_weights(ids))), [0, 1], atol=1e-5)


def test_a_text_without_a_copy_scores_nothing() -> None:
    ids = np.arange(10)[None]
    assert mean_weight(torch.from_numpy(_patterns(1, 2, 10)), torch.from_numpy(induction_weights(ids))).tolist() == [
        0,
        0,
    ]


def test_a_tokenizer_of_longer_pieces_gives_rows_too() -> None:
    tokenizer = BPETokenizer.train("".join(CHARACTERS) * 20 + "ab " * 400, 300)
    rows = held_out_rows(tokenizer, 20, 8, seed=0)
    assert rows.ids.shape[1] == 20
