"""What the browser is told of a lens and of a logit's parts, what the page asks, and the sentence over the picture."""

import numpy as np
import pytest

from explorer import display
from explorer.analysis.attribution import attribution, gradient_x_input
from explorer.analysis.logit_lens import Lens, logit_lens
from explorer.widgets import lens_question, logit_parts
from explorer.widgets.component import pack
from explorer.widgets.focus import Focus
from explorer.widgets.lens import followed, in_words, lead, payload, shape_table
from explorer.widgets.lens_question import Question, token_of
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint
from llm.model.config import GPTConfig
from llm.tokenizers.base import Tokenizer
from llm.tokenizers.char import CharTokenizer
from llm.trace import Trace, trace
from tests.explorer.widgets.conftest import Session

TEXT = "Ben and Jack. Ben and"


def made(tiny: Checkpoint, text: str = TEXT, picked: int | None = None) -> tuple[Prompt, Trace, Lens]:
    ids = tuple(tiny.tokenizer.encode(text))
    seen = trace(tiny.model, ids)
    return Prompt(text, ids, display.tokens(tiny.tokenizer, ids)), seen, logit_lens(seen, tiny.model, picked)


def said(*parts: object) -> str:
    return "".join(part if isinstance(part, str) else getattr(part, "text", "") for part in parts)


def test_the_grid_holds_every_cell_and_names_every_token_in_it(tiny: Checkpoint) -> None:
    text, _, seen = made(tiny, picked=40)
    header, arrays = payload(tiny, text, seen, Question({"answer": "40"}, picked=40))
    pack(header, **arrays)
    T = len(text.ids)
    assert len(header["depths"]) == 5
    assert arrays["top"].shape[:2] == (5, T)
    assert arrays["log_prob"].shape == (3, 5, T)
    assert {int(id) for id in seen.top.ravel()} | {40} <= set(header["words"])
    assert -1 not in header["words"]
    assert not header["post_norm"]


def test_followed_is_what_is_asked_for_or_where_the_text_ends_what_the_model_says(tiny: Checkpoint) -> None:
    text, seen, lens = made(tiny, picked=40)
    end, follows = len(text.ids) - 1, Question({"answer": "follows"})
    assert followed(lens, follows, 0) == text.ids[1]
    assert followed(lens, follows, end) == int(seen.logits[end].argmax())
    assert followed(lens, Question({"answer": "40"}, picked=40), 0) == 40


def test_the_lead_says_where_the_answer_comes_to_the_top(tiny: Checkpoint) -> None:
    text, _, lens = made(tiny)
    for token in range(len(text.ids)):
        words = said(*lead(text, Focus(0, 0, token), lens, Question({}), tiny.tokenizer))
        first = lens.first_to_stay(0, token)
        assert first is not None
        assert display.pct(float(np.exp(lens.log_prob[0, -1, token]))) in words
        assert (in_words(lens.depths[first], lens.halves) in words) if first else ("from the embedding on" in words)
    unlikely = int(lens.top[-1, 0, -1])
    text, _, lens = made(tiny, picked=unlikely)
    words = said(
        *lead(text, Focus(0, 0, 0), lens, Question({"answer": str(unlikely)}, picked=unlikely), tiny.tokenizer)
    )
    assert f"rank {lens.rank[2, -1, 0]}" in words


def test_one_shape_for_each_thing_that_is_read(tiny: Checkpoint) -> None:
    text, seen, lens = made(tiny)
    table = shape_table(tiny.model.config, lens, len(text.ids))
    shapes = dict(zip(table["hook or weight"], table["shape"], strict=True))
    for name, value in seen.activations.items():
        if name in shapes:
            assert shapes[name] == " × ".join(str(n) for n in value.shape)
    assert shapes["unembed.weight"] == f"{tiny.model.config.d_vocab} × {tiny.model.config.d_model}"


def test_parts_travel_whole(tiny: Checkpoint) -> None:
    text, seen, _ = made(tiny)
    at, target = len(text.ids) - 1, (40, 41)
    parts = attribution(seen, tiny.model, at, *target)
    gradient = gradient_x_input(seen, tiny.model, at, *target)
    header, arrays = logit_parts.payload(tiny, text, target, parts, gradient)
    pack(header, **arrays)
    assert sum(value for *_, value in header["parts"]) + header["remainder"] == pytest.approx(header["logit"])
    assert header["at"] == at
    assert header["against"] == display.tokens(tiny.tokenizer, [41])[0].wire()
    assert parts.by_token is not None
    assert np.array_equal(arrays["by_token"], parts.by_token)


def test_a_refusal_travels_as_its_sentence_with_the_gradient(tiny: Checkpoint) -> None:
    text, seen, _ = made(tiny)
    gradient = gradient_x_input(seen, tiny.model, 2, 40)
    header, arrays = logit_parts.payload(tiny, text, (40, None), "No.", gradient)
    pack(header, **arrays)
    assert header["refused"] == "No."
    assert set(arrays) == {"gradient"}
    assert "parts" not in header


def test_a_word_becomes_the_token_that_it_begins_with(tiny: Checkpoint) -> None:
    tokenizer: Tokenizer = tiny.tokenizer
    (whole,) = tokenizer.encode(" and")
    assert token_of(tokenizer, "and") == token_of(tokenizer, " and") == (whole, "")
    (alone,) = tokenizer.encode(",")
    assert len(tokenizer.encode(" ,")) > 1
    assert token_of(tokenizer, ",") == (alone, "")
    ids = tokenizer.encode(" xylophone")
    assert token_of(tokenizer, "xylophone") == (
        ids[0],
        f"“xylophone” is {len(ids)} tokens for this model; the first of them is followed.",
    )
    assert token_of(tokenizer, "  ")[0] is None


def test_a_letter_that_a_tokenizer_lacks_is_said() -> None:
    token, note = token_of(CharTokenizer.train("abc "), "ø")
    assert token is None
    assert "'ø' (U+00F8) at position 0" in note
    assert note.endswith(".")


def test_characters_without_a_space_among_them() -> None:
    tokenizer = CharTokenizer.train("abc")
    assert token_of(tokenizer, "b") == (tokenizer.encode("b")[0], "")


@pytest.fixture
def session(session_of: Session) -> dict[str, object]:
    return session_of(lens_question)


def test_choices_of_two_pictures_are_kept_side_by_side(session: dict[str, object]) -> None:
    session["lens"] = {"choices": {"shade": "kl", "answer": "follows", "places": "", "evil": "x"}}
    lens_question.on_choices("lens")()
    session["logit_parts"] = {"choices": {"order": "size", "against": "7", "parts": "<b>"}}
    lens_question.on_choices("logit_parts")()
    asked = lens_question.read(61)
    assert asked.choices == {"shade": "kl", "answer": "follows", "order": "size", "against": "7"}
    assert (asked.place, asked.picked, asked.against) == (1, None, 7)


def test_a_token_of_another_model_is_let_go(session: dict[str, object], tiny: Checkpoint) -> None:
    lens_question.read(tiny.model.config.d_vocab)
    session["lens"] = {"typed": {"text": "elephants"}, "choices": {"shade": "kl", "against": "7"}}
    lens_question.on_typed("lens", tiny.tokenizer)()
    lens_question.on_choices("lens")()
    lens_question.on_typed("lens", tiny.tokenizer)()
    assert lens_question.read(tiny.model.config.d_vocab).note
    session["model"] = "another"
    asked = lens_question.read(5_000)
    assert (asked.choices, asked.picked, asked.against, asked.note) == ({"shade": "kl"}, None, None, "")


def test_a_token_beyond_the_vocabulary_is_let_go(session: dict[str, object]) -> None:
    session["lens"] = {"choices": {"answer": "61", "against": "60"}}
    lens_question.on_choices("lens")()
    asked = lens_question.read(61)
    assert asked.choices == {"against": "60"}
    assert (asked.place, asked.picked) == (0, None)


def test_a_typed_word_is_followed(session: dict[str, object], tiny: Checkpoint) -> None:
    session["lens"] = {"typed": {"text": "and"}}
    lens_question.on_typed("lens", tiny.tokenizer)()
    (word,) = tiny.tokenizer.encode(" and")
    assert lens_question.read(tiny.model.config.d_vocab).picked == word
    session["lens"] = {"typed": {"text": " "}}
    lens_question.on_typed("lens", tiny.tokenizer)()
    asked = lens_question.read(tiny.model.config.d_vocab)
    assert asked.picked == word, "nothing is lost by an empty word"
    assert asked.note == "Type a word or a token."


def test_every_step_is_read_where_that_is_quick_or_asked_for() -> None:
    small, large = (
        GPTConfig(),
        GPTConfig(d_vocab=50_257, n_ctx=1024, n_layers=12, n_heads=12, n_kv_heads=12, d_model=768),
    )
    assert Question({}).every_step(small, 256)
    assert Question({"places": "blocks"}).every_step(small, 256), "the browser leaves out what is there"
    assert not Question({}).every_step(large, 64)
    assert Question({"places": "every"}).every_step(large, 64)
