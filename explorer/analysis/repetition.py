"""Rows of repeated tokens: which next tokens can be looked up in them, and how much each head looks there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
import torch

from llm.corpora.repeats import LENGTH, repeats
from llm.tokenizers.base import END_OF_TEXT, Tokenizer

# Shapes: S rows, T position, H query heads.


@dataclass(frozen=True, eq=False)
class Rows:
    """Lists of random characters said over and over, each row from its start. Shared, so never written to."""

    ids: np.ndarray  # S T, what the model reads
    targets: np.ndarray  # S T, the token after each
    seed: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and self.ids.tobytes() == other.ids.tobytes()

    def __hash__(self) -> int:
        return hash((self.seed, self.ids.shape))

    @cached_property
    def copied(self) -> np.ndarray:
        """Which targets can be looked up, (S, T)."""
        return np.stack([looked_up(row) for row in self.ids])

    @cached_property
    def roles(self) -> tuple[torch.Tensor, torch.Tensor]:
        """For mean_weight: the previous-token role and the induction role."""
        return torch.from_numpy(previous_weights(self.ids)), torch.from_numpy(induction_weights(self.ids))


def held_out_rows(tokenizer: Tokenizer, n_ctx: int, n: int, seed: int) -> Rows:
    """`n` rows as long as the context or a list allows; from a seed that training does not use no list is the same.

    Raises ValueError when the tokenizer does not know a character, or the context holds no token and its copy.
    """
    length = min(LENGTH, n_ctx)
    if length < 4:
        raise ValueError(f"Expected a context of at least 4 tokens, got {n_ctx}.")
    first = tokenizer.special_tokens.get(END_OF_TEXT)
    before = [] if first is None else [first]
    read = [[*before, *tokenizer.encode(text)] for text in islice(repeats(seed), n)]
    whole = np.array([row[: length + 1] for row in read if len(row) > length], dtype=np.int64)
    if not len(whole):
        raise ValueError(f"Expected rows of more than {length} tokens, got shorter ones; use one token a character.")
    return Rows(whole[:, :-1], whole[:, 1:], seed)


def looked_up(ids: np.ndarray) -> np.ndarray:
    """For each token of a text (T,), whether an earlier copy of it shows what may come next.

    These are the queries of the induction score. The first token of a second saying is none of them as a target:
    nothing announces it.
    """
    return np.asarray(((ids[:, None] == ids) & np.tri(len(ids), k=-1, dtype=bool)).any(axis=1))


def split_loss(losses: np.ndarray, copied: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean loss (..., S, T) -> (...) each of the targets that are new, and of those that can be looked up."""
    return losses[..., ~copied].mean(axis=-1), losses[..., copied].mean(axis=-1)


def previous_weights(ids: np.ndarray) -> np.ndarray:
    """(S, T, T) whose product with the patterns sums to a head's previous-token score: its mean weight on key t - 1."""
    S, T = ids.shape
    return np.tile(np.eye(T, k=-1, dtype=np.float32) / max(1, T - 1) / S, (S, 1, 1))


def induction_weights(ids: np.ndarray) -> np.ndarray:
    """The same for the induction score: the weight of a query on the keys after its copies (Olsson et al. 2022).

    Averaged over the queries of a row that have one, then over the rows; head_roles.role_scores gives it row by row.
    """
    T = ids.shape[1]
    copy = (ids[:, :, None] == ids[:, None, :]) & np.tri(T, k=-1, dtype=bool)
    after = np.zeros_like(copy)
    after[:, :, 1:] = copy[:, :, :-1]
    after &= np.tri(T, k=-1, dtype=bool)
    queries = after.any(axis=2).sum(axis=1)
    shares = np.maximum(1, queries)[:, None, None] * max(1, int((queries > 0).sum()))
    return np.asarray(after / shares, dtype=np.float32)


def mean_weight(pattern: torch.Tensor, weights: torch.Tensor) -> np.ndarray:
    """Patterns (S, H, T, T) and weights (S, T, T) of a role -> the score of each head, (H,)."""
    return np.asarray(torch.einsum("shqk,sqk->h", pattern.float(), weights).cpu().numpy())
