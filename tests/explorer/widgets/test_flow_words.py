"""The sentences of Home: each says what the numbers say."""

from dataclasses import replace

import numpy as np
import pytest

from explorer import display
from explorer.analysis.ablation import HeadEffect
from explorer.analysis.forward_pass import ForwardPass, forward_pass, left_out
from explorer.analysis.residual import chosen_heads
from explorer.display import Token
from explorer.widgets.flow_words import description, lead, next_table, not_shown, said, weight_table, without
from explorer.widgets.focus import Focus
from explorer.widgets.prompt import Prompt
from llm.model.gpt import GPT
from llm.trace import trace

IDS = (4, 7, 9, 4)
WORDS = {i: display.token(b" t%d" % i) for i in range(61)}
TEXT = Prompt("", IDS, tuple(WORDS[i] for i in IDS))
AT = Focus(layer=0, head=1, token=3)


@pytest.fixture(scope="module")
def real(tiny_model: GPT) -> ForwardPass:
    return forward_pass(trace(tiny_model, IDS), tiny_model)


def reading(real: ForwardPass, *weights: float) -> ForwardPass:
    """The same pass, but the head in focus reads with these weights from tokens 0 to 3."""
    pattern = real.pattern.copy()
    pattern[0, 1, 6:10] = weights
    return replace(real, pattern=pattern)


def plain(parts: tuple[str | Token, ...]) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in parts)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ((0.05, 0.9, 0.03, 0.02), "looks back from ·t4 to ·t7, the token after the earlier one, with 90%"),
        ((0.05, 0.03, 0.9, 0.02), "looks back from ·t4 to ·t9, the token just before it, with 90%"),
        ((0.9, 0.05, 0.03, 0.02), "looks back from ·t4 to ·t4, the same token, earlier, with 90%"),
        ((0.02, 0.05, 0.03, 0.9), "looks from ·t4 at itself, with 90%"),
        ((0.24, 0.23, 0.23, 0.22), "spreads its attention from ·t4 widely: the most for one token is 24%"),
    ],
)
def test_lead_names_what_the_head_reads(real: ForwardPass, weights: tuple[float, ...], words: str) -> None:
    sentence = plain(lead(reading(real, *weights), TEXT, WORDS, AT))
    assert f"In block 0, head 1 {words}" in sentence
    best, p = int(real.next.ids[3, 0]), float(real.next.probs[3, 0])
    expected = "it" if "looks back" in sentence and best == IDS[int(np.argmax(weights))] else f"·t{best}"
    assert sentence.endswith(f"The model expects {expected} next: {said(p)}.")


def test_a_first_token_has_nothing_behind_it(real: ForwardPass) -> None:
    assert "has nothing to look back to" in plain(lead(real, TEXT, WORDS, Focus(0, 0, 0)))


def test_a_copy_is_called_one(real: ForwardPass) -> None:
    ids = real.next.ids.copy()
    ids[3, 0] = 7
    copied = replace(reading(real, 0.05, 0.9, 0.03, 0.02), next=replace(real.next, ids=ids))
    assert " The model expects it next: " in plain(lead(copied, TEXT, WORDS, AT))


def effect(before: float, after: float, instead: int) -> HeadEffect:
    one = np.ones(4)
    return HeadEffect(np.full(4, 9), one * before, one * after, np.full(4, instead), one * 0.5)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (0.61, 0.18, "falls from 61% to 18%."),
        (0.18, 0.61, "rises from 18% to 61%."),
        (0.61, 0.612, "stays at 61%."),
        (0.9999, 0.5, "falls from more than 99% to 50%."),
        (0.5, 0.0001, "falls from 50% to under 0.1%."),
    ],
)
def test_without_says_the_change(before: float, after: float, words: str) -> None:
    html = without(effect(before, after, 9), None, WORDS, TEXT, AT)
    assert "<b>Without block 0 head 1</b>" in html
    assert words in html
    assert "becomes" not in html
    assert "becomes the most likely one, 50%." in without(effect(before, after, 8), None, WORDS, TEXT, AT)


@pytest.mark.parametrize(
    ("least", "place", "words"),
    [
        (0.2, (1, 3), " leans most on block 1 head 3: without that, 20%."),
        (0.2, (0, 1), " leans on no other head as much."),
        (0.5, (1, 3), "No single head carries it."),
    ],
)
def test_the_head_that_matters_most_is_named(least: float, place: tuple[int, int], words: str) -> None:
    every = np.full((2, 4, 4), 0.5)
    every[(*place, 3)] = least
    assert words in without(effect(0.5, 0.4, 9), every, WORDS, TEXT, AT)


def test_a_token_in_the_middle_is_named() -> None:
    assert " after " in without(effect(0.5, 0.4, 9), None, WORDS, TEXT, Focus(0, 1, 2))
    assert " after " not in without(effect(0.5, 0.4, 9), None, WORDS, TEXT, AT)


def test_what_is_not_shown_is_counted(real: ForwardPass) -> None:
    share = left_out(real, chosen_heads(real.lengths.heads, 0, 1, 3), 0.1)
    assert f"they carry {said(share)} of the weight" in not_shown(real, TEXT, AT)


def test_text_is_never_markup(real: ForwardPass) -> None:
    words = {i: display.token(b"<b>&") for i in range(61)}
    text = replace(TEXT, tokens=tuple(words[i] for i in IDS))
    for html in (without(effect(0.5, 0.4, 8), None, words, text, Focus(0, 1, 2)), not_shown(real, text, AT)):
        assert "<b>&" not in html
        assert "&lt;b&gt;&amp;" in html


def test_tables_hold_the_whole(real: ForwardPass) -> None:
    assert next_table(real, WORDS, 3)["probability"].sum() == pytest.approx(1)
    weights = weight_table(real, TEXT, AT)
    assert weights["weight"].sum() == pytest.approx(1, abs=1e-6)
    assert weights["weight"].is_monotonic_decreasing


def test_description_is_one_for_those_who_do_not_see(real: ForwardPass) -> None:
    words = description(real, TEXT, WORDS, AT)
    assert words.startswith("4 tokens through 2 blocks of 4 heads.")
    assert "The most likely token after it is" in words
