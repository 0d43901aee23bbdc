"""Role scores against heads that do exactly one thing, and the standing measurement against the model read by hand."""

import numpy as np
import pytest

from explorer.analysis.head_roles import ROLES, Role, head_roles, name_role, repeated_tokens, role_scores, text_roles
from llm.model.gpt import GPT
from llm.trace import Trace, trace

TWICE = np.array([90, *range(12), *range(12)])  # a first token, then twelve tokens said twice


def looking(keys: list[int]) -> np.ndarray:
    """The pattern of a head that gives query t all its weight to keys[t]."""
    return np.eye(len(keys))[keys]


HEADS: dict[Role, np.ndarray] = {
    "previous": looking([max(0, t - 1) for t in range(25)]),
    "induction": looking([0 if t < 13 else t - 11 for t in range(25)]),
    "duplicate": looking([0 if t < 13 else t - 12 for t in range(25)]),
    "first": looking([0] * 25),
    "itself": looking(list(range(25))),
}


@pytest.mark.parametrize("role", HEADS)
def test_a_head_that_does_one_thing_scores_one(role: Role) -> None:
    scores = role_scores(HEADS[role], TWICE)
    assert scores[role] == 1.0
    assert name_role({name: float(score) for name, score in scores.items()}, 0.0) == role


def test_an_even_head_scores_its_share() -> None:
    T = 25
    even = np.tril(np.ones((T, T))) / np.arange(1, T + 1)[:, None]
    scores = role_scores(even, TWICE)
    share = 1 / np.arange(1, T + 1)
    alone: tuple[Role, ...] = ("previous", "first", "itself")
    twice: tuple[Role, ...] = ("induction", "duplicate")
    for role in alone:
        assert scores[role] == pytest.approx(share[1:].mean())
    for role in twice:
        assert scores[role] == pytest.approx(share[13:].mean())
    assert scores["nearby"] == pytest.approx(4 * share[8:].mean())
    assert name_role({name: float(score) for name, score in scores.items()}, 1.0) == "even"


def test_a_text_may_leave_a_role_undefined() -> None:
    once = role_scores(np.eye(5), [1, 2, 3, 4, 5])
    assert [role for role in ROLES if np.isnan(once[role])] == ["induction", "duplicate", "nearby"]
    assert all(np.isnan(score) for score in role_scores(np.eye(1), [7]).values())
    assert name_role(dict.fromkeys(ROLES, np.nan), 0.0) == "mixed"


def test_a_doubled_token_is_a_copy_but_no_induction() -> None:
    doubled = role_scores(np.eye(2), [7, 7])
    assert doubled["duplicate"] == 0.0
    assert np.isnan(doubled["induction"])


def test_the_words_for_a_head() -> None:
    nothing: dict[Role, float] = dict.fromkeys(ROLES, 0.0)
    assert name_role(nothing, 0.79) == "mixed"
    assert name_role(nothing, 0.8) == "even"
    assert name_role({**nothing, "first": 0.6, "induction": 0.25}, 0.3) == "induction"
    assert name_role({**nothing, "previous": 0.35, "nearby": 0.9}, 0.3) == "nearby"
    assert name_role({**nothing, "previous": 0.6, "nearby": 0.9}, 0.3) == "previous"
    assert name_role({**nothing, "first": 0.35}, 0.9) == "first"


def test_repeated_tokens() -> None:
    made = repeated_tokens(range(100, 140), 25, 6, seed=3, first=7)
    assert made.shape == (6, 51)
    assert (made[:, 0] == 7).all()
    assert np.array_equal(made[:, 1:26], made[:, 26:])
    assert all(len(set(row[1:26])) == 25 for row in made.tolist())
    assert set(made[:, 1:].ravel().tolist()) <= set(range(100, 140))
    assert np.array_equal(made, repeated_tokens(range(100, 140), 25, 6, seed=3, first=7))
    assert not np.array_equal(made, repeated_tokens(range(100, 140), 25, 6, seed=4, first=7))
    assert repeated_tokens([5, 5, 9], 2, 1, seed=0).shape == (1, 4)
    with pytest.raises(ValueError, match="2 ids of the pool, got 3"):
        repeated_tokens([5, 5, 9], 3, 1, seed=0)


def test_standing_roles_are_the_mean_over_the_sequences(tiny_model: GPT) -> None:
    measured = head_roles(tiny_model, range(5, 40), first=60, length=8, n_sequences=20, seed=2)
    texts = repeated_tokens(range(5, 40), 8, 20, seed=2, first=60)
    by_hand = [text_roles(trace(tiny_model, ids.tolist())) for ids in texts]
    for role in ROLES:
        assert np.allclose(measured.scores[role], np.mean([one[role] for one in by_hand], axis=0), atol=1e-6)
        assert measured.scores[role].shape == (2, 4)
    assert (measured.n_tokens, measured.n_sequences, measured.n_pool, measured.seed) == (8, 20, 35, 2)
    assert ((measured.evenness > 0) & (measured.evenness <= 1)).all()


def test_the_length_gives_way_to_context_and_pool(tiny_model: GPT) -> None:
    assert head_roles(tiny_model, range(40), first=60, n_sequences=2).n_tokens == 11  # 1 + 2 · 11 of 24
    assert head_roles(tiny_model, range(6), n_sequences=2).n_tokens == 6
    with pytest.raises(ValueError, match="said twice, got 1"):
        head_roles(tiny_model, [3], n_sequences=2)


def test_roles_on_a_text(tiny_trace: Trace) -> None:
    found = text_roles(tiny_trace)
    assert set(found) == set(ROLES)
    first = tiny_trace.activations["blocks.1.attn.hook_pattern"][0, :, 1:, 0].mean(dim=-1)
    assert np.allclose(found["first"][1], first.numpy(), atol=1e-6)
