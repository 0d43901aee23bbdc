"""The sampler's filters.js and draws.js against llm.generation.filters, in the browser that runs them."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from explorer.analysis.sampling import REMOVERS, funnel
from explorer.widgets.component import COMPONENTS
from llm.generation.filters import SamplingConfig

pytestmark = pytest.mark.browser

SCRIPTS = "\n".join((COMPONENTS / "sampler" / f"{part}.js").read_text("utf-8") for part in ("filters", "draws"))
RUN = """cases => cases.map(({ logits, seen, settings }) => {
  const board = scoreboard(Float32Array.from(logits), Uint32Array.from(seen));
  const result = board.funnel(settings), again = board.funnel(settings);
  const ids = logits.map((_, id) => id);
  return { before: Array.from(board.before), after: ids.map(result.probability), removed: ids.map(result.remover),
    kept: result.stages.map(stage => stage.kept), mass: result.stages.map(stage => stage.mass),
    on: result.stages.map(stage => stage.on),
    entropy: [board.entropy, result.entropy], same: ids.every(id => result.probability(id) === again.probability(id)) };
})"""

Case = tuple[np.ndarray, list[int], SamplingConfig]


@pytest.fixture
def twin(page: Page) -> Page:
    """A bare page in which the picture's arithmetic is global."""
    page.goto("about:blank")
    page.add_script_tag(content=SCRIPTS)
    return page


def _logits(rng: np.random.Generator, V: int) -> Iterator[np.ndarray]:
    yield rng.normal(0, 3, V)
    yield rng.normal(0, 3, V).round()  # many equal scores
    yield np.full(V, -1.5)
    yield rng.normal(-80, 20, V)
    yield rng.normal(0, 1, V) * 10.0 ** rng.integers(-30, 6, V)  # scores that division makes equal


def _settings(rng: np.random.Generator, V: int) -> SamplingConfig:
    return SamplingConfig(
        temperature=float(rng.choice([0, 1e-38, 1e-9, 0.01, 0.5, 0.9, 1, 1, 1.1, 3, 1e6])),
        top_k=int(rng.choice([0, 0, 1, 2, 5, 10, V - 1, V, V + 1, 40])),
        top_p=float(rng.choice([0, 0.1, 0.3, 0.5, 0.8, 0.85, 0.999, 1, 1])),
        min_p=float(rng.choice([0, 0, 0.01, 0.05, 0.3, 1])),
        repetition_penalty=float(rng.choice([1, 1, 1.3, 0.5, 10])),
    )


def _cases() -> list[Case]:
    rng = np.random.default_rng(1)
    made: list[Case] = []
    for V in (1, 2, 3, 10, 61, 320):
        for logits in _logits(rng, V):
            for _ in range(12):
                seen = sorted({int(i) for i in rng.integers(0, V, int(rng.integers(0, 20)))})
                made.append((logits.astype(np.float32), seen, _settings(rng, V)))
    halved = rng.integers(-4, 5, 61).astype(np.float32)  # a penalty of 2 makes seen tokens equal to others
    made += [(halved, list(range(0, 61, 2)), SamplingConfig(top_k=k, repetition_penalty=2)) for k in range(1, 60)]
    ten = np.zeros(10, np.float32)
    made += [(ten, [], SamplingConfig(top_p=n / 10)) for n in range(11)]  # cuts that fall on a sum
    return made


def _agree(case: Case, made: dict[str, Any]) -> None:
    logits, seen, config = case
    true = funnel(logits, config, seen)
    assert made["kept"] == [stage.kept for stage in true.stages]
    assert made["on"] == [stage.on for stage in true.stages]
    assert made["removed"] == [REMOVERS[code] for code in true.removed_by]
    assert made["mass"] == pytest.approx([stage.mass for stage in true.stages], abs=1e-12)
    assert made["before"] == pytest.approx(true.before, abs=1e-12)
    assert made["after"] == pytest.approx(true.after, abs=1e-12)
    assert made["entropy"] == pytest.approx(true.entropy, abs=1e-9)
    assert made["same"]


def _wire(cases: list[Case]) -> list[dict[str, Any]]:
    return [{"logits": logits.tolist(), "seen": seen, "settings": vars(config)} for logits, seen, config in cases]


def test_filters_are_exact_twins(twin: Page) -> None:
    cases = _cases()
    for case, made in zip(cases, twin.evaluate(RUN, _wire(cases)), strict=True):
        _agree(case, made)


def test_a_whole_vocabulary(twin: Page) -> None:
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 3, 50_257).astype(np.float32)
    seen = sorted({int(i) for i in rng.integers(0, 50_257, 300)})
    cases: list[Case] = [(logits, seen, SamplingConfig(1.1, 4000, 0.95, 0.001, 1.3))]
    for case, made in zip(cases, twin.evaluate(RUN, _wire(cases)), strict=True):
        _agree(case, made)


def _uniform(seed: int, position: int, n: int) -> list[float]:
    """mulberry32, two steps a number."""
    mask, state = 0xFFFFFFFF, (seed ^ (position + 1) * 0x9E3779B9) & 0xFFFFFFFF

    def step() -> int:
        nonlocal state
        state = (state + 0x6D2B79F5) & mask
        t = (state ^ state >> 15) * (1 | state) & mask
        t = (t + ((t ^ t >> 7) * (61 | t) & mask)) & mask ^ t
        return t ^ t >> 14

    return [((step() >> 5) * 2**26 + (step() >> 6)) / 2**53 for _ in range(n)]


@pytest.mark.parametrize(("seed", "position"), [(1337, 0), (0, 7), (2**32 - 1, 255)])
def test_stream_is_the_documented_one(twin: Page, seed: int, position: int) -> None:
    made = twin.evaluate(
        "([seed, at]) => { const first = stream(seed, at); first(3); return Array.from(first(2500)).slice(0, 2500); }",
        [seed, position],
    )
    assert made == _uniform(seed, position, 2500)
    assert abs(np.mean(made) - 0.5) < 5 * math.sqrt(1 / 12 / 2500)


def test_draws_follow_the_exact_distribution(twin: Page) -> None:
    logits, config = np.random.default_rng(3).normal(0, 2, 200).astype(np.float32), SamplingConfig(1.2, 50, 0.95, 0.01)
    n, true = 10_000, funnel(logits, config)
    drawn = twin.evaluate(
        """([logits, settings, n]) => {
          const result = scoreboard(Float32Array.from(logits), []).funnel(settings);
          const numbers = stream(1337, 4)(n);
          return { counts: [...tally(result, numbers, n).counts], first: tally(result, numbers, 1).last };
        }""",
        [logits.tolist(), vars(config), n],
    )
    counts = np.zeros(200)
    for id, times in drawn["counts"]:
        counts[id] = times
    assert counts.sum() == n
    assert not counts[true.after == 0].any()
    error = np.sqrt(true.after * (1 - true.after) / n)
    assert (np.abs(counts / n - true.after) <= 5 * error + 1e-12).all()
    order = np.lexsort((np.arange(200), -logits.astype(float)))
    place = np.searchsorted(true.after[order].cumsum(), _uniform(1337, 4, 1)[0], side="right")
    assert drawn["first"] == order[place]


def test_a_share_of_zero_or_almost_one_stays_inside(twin: Page) -> None:
    made = twin.evaluate(
        """() => { const result = scoreboard(Float32Array.from([0, 0, 0, -1]), []).funnel(
          { temperature: 1, top_k: 3, top_p: 1, min_p: 0, repetition_penalty: 1 });
          return [drawAt(result, 0), drawAt(result, 1 - 2 ** -53)]; }"""
    )
    assert made == [0, 2]
