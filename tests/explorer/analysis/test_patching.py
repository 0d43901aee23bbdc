"""Patching by identity: what differs brings the other run back, what is alike changes nothing, a cell is its patch."""

import numpy as np
import pytest

from explorer import opening
from explorer.analysis.edits import edits, from_trace, means
from explorer.analysis.interventions import Intervention, Mean, Part, Patch, Scale
from explorer.analysis.patching import Way, answers, both_runs, cells, share, sweep, trial
from explorer.analysis.prompt_pairs import lined_up, swap_one
from explorer.paths import ASSETS
from llm.checkpoint import load_checkpoint
from llm.model.hooks import patch
from llm.tokenizers.char import CharTokenizer
from llm.trace import trace
from tests.explorer.analysis.variants import ADDITIVE, IDS, POST_NORM, build, named

VARIANTS = [pytest.param(variant, id=named(variant)) for variant in [*ADDITIVE, *POST_NORM]]
AT = 2
OTHER = (*IDS[:AT], 33, *IDS[AT + 1 :])


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("way", ["denoise", "noise"])
def test_where_the_prompts_differ_the_other_run_comes_back(variant: dict[str, object], way: Way) -> None:
    model, T = build(**variant), len(IDS)
    clean = trace(model, IDS)
    chosen, both = both_runs(clean, model, OTHER, (None, None))
    assert chosen == answers(clean, trace(model, OTHER))
    found = sweep(clean, model, OTHER, chosen, way)
    parts = cells(model.config, T)
    assert found.logits.shape == (len(parts), 2)
    shares = share(found.difference, both)
    start, other = (0.0, 1.0) if way == "denoise" else (1.0, 0.0)
    first = dict(zip(parts, shares, strict=True))
    for at in range(T):
        expected = other if at == AT else start
        assert first[Part(0, kind="stream", at=at)] == pytest.approx(expected, abs=1e-4)
    for part in parts:
        if part.at is not None and part.at < AT:
            assert first[part] == pytest.approx(start, abs=1e-4), "what comes before the difference is the same"


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_cell_is_the_intervention_of_that_name_and_the_patch_by_hand(variant: dict[str, object]) -> None:
    model, T = build(**variant), len(IDS)
    clean = trace(model, IDS)
    chosen, _ = both_runs(clean, model, OTHER, (None, None))
    usual = means(model, [IDS, OTHER], "two rows")
    parts = cells(model.config, T)
    for way, base in (("denoise", OTHER), ("noise", IDS), ("zero", IDS), ("mean", IDS)):
        found = sweep(clean, model, OTHER, chosen, way, usual)  # type: ignore[arg-type]  # its four words
        source = clean if way == "denoise" else trace(model, OTHER)
        for k in range(3, len(parts), 7):
            part = parts[k]
            one: Intervention = Scale(part) if way == "zero" else Mean(part) if way == "mean" else Patch(part)
            put = {one: usual.of(part) if way == "mean" else from_trace(source, part)}
            with patch(model, edits([one], put)):
                logits = trace(model, base).logits[-1]
            np.testing.assert_allclose(found.logits[k], logits[list(chosen)], rtol=0, atol=2e-4)
            by_hand = trial(clean, model, OTHER, chosen, way, part, part, usual)  # type: ignore[arg-type]
            np.testing.assert_allclose(by_hand.said.logits[1], found.logits[k], rtol=0, atol=2e-4)
            assert int(found.top[k, 0]) == int(logits.argmax())


def test_a_run_put_into_itself_changes_nothing() -> None:
    model = build()
    clean = trace(model, IDS)
    found = sweep(clean, model, IDS, (1, 2), "denoise")
    np.testing.assert_allclose(found.logits, clean.logits[-1, [1, 2]].double().expand(len(found.logits), 2), atol=1e-4)


def test_a_patch_by_hand_may_go_anywhere_and_says_what_does_not_fit() -> None:
    model = build()
    clean, short = trace(model, IDS), OTHER[:4]
    stream = Part(2, kind="stream", at=3)
    made = trial(clean, model, short, (1, 2), "denoise", stream, Part(2, kind="stream", at=6))
    np.testing.assert_allclose(made.after[:2], made.said.probs[1], rtol=1e-6)
    assert set(made.said.top[:, 0].tolist()) <= set(made.tokens.tolist())
    last = trial(clean, model, short, (1, 2), "noise", Part(2, kind="stream", at=6), stream)
    assert last.said.logits.shape == (2, 2)
    with pytest.raises(ValueError, match="from 0 to 3 of the run that is changed, got 5"):
        trial(clean, model, short, (1, 2), "denoise", Part(2, kind="stream", at=5), stream)
    with pytest.raises(ValueError, match="as many tokens"):
        trial(clean, model, short, (1, 2), "denoise", Part(1, 1), Part(1, 1))
    with pytest.raises(ValueError, match="as many tokens, got 7 and 4"):
        sweep(clean, model, short, (1, 2), "denoise")


def test_progress_is_told_and_a_stop_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build()
    monkeypatch.setattr("explorer.analysis.patching.CHUNK", 10 * len(IDS) * model.n_params)
    heard = []

    def told(done: int, total: int) -> None:
        heard.append((done, total))
        if done >= 20:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        sweep(trace(model, IDS), model, OTHER, (1, 2), "denoise", told=told)
    assert heard == [(0, 75), (10, 75), (20, 75)]


def test_the_shipped_model_gets_every_pair_right() -> None:
    found = load_checkpoint(ASSETS / "stories")
    model, tokenizer = found.model.eval(), found.tokenizer
    pairs = opening.opening("stories").pairs
    assert 3 <= len(pairs) <= 5
    for pair in pairs:
        rows = [tokenizer.encode(text) for text in (pair.clean, pair.corrupted)]
        assert len(rows[0]) == len(rows[1])
        for ids, answer in zip(rows, (pair.answer, pair.corrupted_answer), strict=True):
            probs = trace(model, ids).logits[-1].softmax(dim=-1)
            assert tokenizer.decode([int(probs.argmax())]) == answer, pair
            assert float(probs.max()) > 0.5
    assert pairs[0].clean == opening.opening("stories").examples[0], "the page opens on a pair"


def test_a_prompt_of_ones_own_gets_a_second_one() -> None:
    found = load_checkpoint(ASSETS / "stories")
    model, tokenizer = found.model.eval(), found.tokenizer
    ids = tuple(tokenizer.encode("Mia saw Tom. Jack saw"))
    text = swap_one(trace(model, ids), model, tokenizer)
    assert text
    other = tokenizer.encode(text)
    assert len(other) == len(ids)
    assert sum(a != b for a, b in zip(ids, other, strict=True)) == 1
    assert other[-1] == ids[-1]
    assert swap_one(trace(model, ids[:1]), model, tokenizer) is None


@pytest.mark.parametrize(
    ("clean", "corrupted"), [("abcd", "abXYcd"), ("abcdef", "abXf"), ("abc", "xyzabc"), ("abcd", "x")]
)
def test_prompts_of_unequal_length_are_lined_up(clean: str, corrupted: str) -> None:
    tokenizer = CharTokenizer.train("abcdefxyzXY")
    text = lined_up(tokenizer, tuple(tokenizer.encode(clean)), tuple(tokenizer.encode(corrupted)))
    assert text
    assert len(text) == len(clean)
    assert text != clean
    assert set(text) <= set(clean + corrupted)
