"""What a head is for: scores for the known roles, on any text, and measured once per model on random tokens said twice.

A role score is the mean share of attention that goes where a head of that role looks, so it lies in [0, 1].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch

from explorer.analysis.attention import Spread, Tiles, n_layers, pattern, spread, spread_of, tiles
from llm.model.gpt import GPT
from llm.model.hooks import capture
from llm.trace import Trace, hook_name

# Shapes: L layers, H query heads, T position, n tokens in one saying, S sequences.

Role = Literal["previous", "induction", "duplicate", "first", "itself", "nearby"]
ROLES: tuple[Role, ...] = get_args(Role)
CLEAR: dict[Role, float] = {  # a role is clear from this score on; beside it, that of an even head on 51 tokens
    "previous": 0.3,  # 0.07
    "induction": 0.2,  # 0.03
    "duplicate": 0.2,  # 0.03
    "first": 0.3,  # 0.07
    "itself": 0.3,  # 0.07
    "nearby": 0.5,  # 0.17, four keys share it
}
EVEN = 0.8  # evenness from which a head without a clear role is called even; below, mixed
BATCH = 16  # sequences in one forward pass
BAND = 4  # keys that are near: the token itself and the three before


@dataclass(frozen=True)
class HeadRoles:
    """The standing roles of a model's heads, and all that is needed to measure them again."""

    scores: Mapping[Role, np.ndarray]  # L H each
    evenness: np.ndarray  # L H
    n_tokens: int  # tokens in one saying
    n_sequences: int
    n_pool: int  # ids that the tokens were drawn from
    first: int | None  # id put before them (end of text)
    seed: int


@dataclass(frozen=True)
class HeadsOnText:
    """What is known of all heads on one text, whichever of them is looked at."""

    tiles: Tiles
    spread: Spread
    roles: Mapping[Role, np.ndarray]  # L H each, NaN where the text cannot tell


def role_scores(pattern: np.ndarray, ids: Sequence[int] | np.ndarray) -> dict[Role, np.ndarray]:
    """Scores of patterns (..., T, T) on a text of ids (T,), each (...); NaN where the text cannot tell.

    The score is the mean, over the queries t that count, of the weight on the keys that count:

    - previous: key t - 1, for t >= 1.
    - induction: the keys after earlier copies of token t (key s + 1 for s < t - 1 with ids[s] = ids[t]), for the t that
      have one (Olsson et al. 2022, "In-context learning and induction heads").
    - duplicate: earlier copies of token t, for the t that have one (Wang et al. 2022, "Interpretability in the wild").
    - first: key 0, for t >= 1 (the attention sink of Xiao et al. 2023).
    - itself: key t, for t >= 1.
    - nearby: keys t - 3 to t, for t >= 8, where they are less than half of what can be seen.
    """
    ids = np.asarray(ids)
    T = len(ids)
    query, key = np.indices((T, T))
    earlier_copy = (ids[:, None] == ids) & (key < query)
    after_copy = np.zeros_like(earlier_copy)
    after_copy[:, 1:] = earlier_copy[:, :-1] & (key < query)[:, 1:]
    keys: dict[Role, np.ndarray] = {
        "previous": key == query - 1,
        "induction": after_copy,
        "duplicate": earlier_copy,
        "first": (key == 0) & (query > 0),
        "itself": (key == query) & (query > 0),
        "nearby": (key <= query) & (key > query - BAND) & (query >= 2 * BAND),
    }
    return {role: _mean_weight(pattern, mask) for role, mask in keys.items()}


def _mean_weight(pattern: np.ndarray, mask: np.ndarray) -> np.ndarray:
    n_queries = int(mask.any(axis=1).sum())
    if not n_queries:
        return np.full(pattern.shape[:-2], np.nan)
    return pattern[..., mask].sum(axis=-1, dtype=np.float64) / n_queries


def text_roles(trace: Trace) -> dict[Role, np.ndarray]:
    """Role scores of every head on the traced text, (L, H) each; NaN where the text cannot tell."""
    ids = np.asarray(trace.ids.cpu())
    found = [role_scores(pattern(trace, layer), ids) for layer in range(n_layers(trace))]
    return {role: np.stack([scores[role] for scores in found]) for role in ROLES}


def heads_on_text(trace: Trace, model: GPT) -> HeadsOnText:
    """Read all heads of a trace once; the model is not asked (resources.derived gives it to every analysis)."""
    return HeadsOnText(tiles(trace), spread(trace), text_roles(trace))


def name_role(scores: Mapping[Role, float], evenness: float) -> str:
    """The word for a head: what it does with a clear share of its attention, else "even" or "mixed".

    Previous and itself lie within nearby, so they must hold half of it. The first token is where heads rest when they
    find nothing, so it names a head, like nearby, only where no other role is clear.
    """
    clear = [role for role in ROLES if scores[role] >= CLEAR[role]]
    least = {"induction": 0.0, "duplicate": 0.0, "previous": scores["nearby"] / 2, "itself": scores["nearby"] / 2}
    special = [role for role in clear if role in least and not scores[role] < least[role]]
    if found := special or clear:
        return max(found, key=lambda role: scores[role])
    return "even" if evenness >= EVEN else "mixed"


def repeated_tokens(
    pool: Sequence[int], length: int, n_sequences: int, seed: int, first: int | None = None
) -> np.ndarray:
    """Random tokens said twice, (S, 2n) int64, or (S, 1 + 2n) with `first` in front; no token occurs twice in a saying.

    Drawn from `pool`, which should hold only ids that the model met in training: on others no head does its work.
    Raises ValueError when the pool has fewer ids than a saying has tokens.
    """
    distinct = np.unique(np.asarray(pool, dtype=np.int64))
    if not 1 <= length <= distinct.size:
        raise ValueError(f"Expected a length from 1 to the {distinct.size} ids of the pool, got {length}.")
    random = np.random.default_rng(seed)
    once = np.stack([random.choice(distinct, size=length, replace=False) for _ in range(n_sequences)])
    start = np.full((n_sequences, 0 if first is None else 1), first or 0)
    return np.concatenate([start, once, once], axis=1)


@torch.no_grad()
def head_roles(
    model: GPT, pool: Sequence[int], first: int | None = None, length: int = 25, n_sequences: int = 32, seed: int = 0
) -> HeadRoles:
    """Measure every head's standing role: the mean of its scores over random tokens said twice.

    In the second saying each token has been seen once, so induction and duplicate heads have a key to find, and the
    tokens are random, so nothing but the repetition helps. `length` is lowered to what the pool and the context allow.
    Raises ValueError when not even two tokens fit.
    """
    room = (model.config.n_ctx - (first is not None)) // 2
    length = min(length, room, len(set(pool)))
    if length < 2:
        raise ValueError(
            f"Expected room for two tokens said twice, got {length}; the context or the pool is too small."
        )
    sequences = repeated_tokens(pool, length, n_sequences, seed, first)
    names = [hook_name("pattern", layer) for layer in range(model.config.n_layers)]
    shape = (model.config.n_layers, model.config.n_heads)
    sums, evenness = {role: np.zeros(shape) for role in ROLES}, np.zeros(shape)
    for some in np.array_split(sequences, -(-n_sequences // BATCH)):
        with capture(model, names) as seen:
            model(torch.from_numpy(some).to(model.embed.weight.device))
        for layer, name in enumerate(names):
            patterns = seen[name].float().cpu().numpy()
            of_roles = role_scores(patterns, some[0])  # the same keys count in every sequence
            for role, value in of_roles.items():
                sums[role][layer] += value.sum(axis=0) / n_sequences
            evenness[layer] += spread_of(patterns).evenness.sum(axis=0) / n_sequences
    return HeadRoles(sums, evenness, length, n_sequences, len(set(pool)), first, seed)
