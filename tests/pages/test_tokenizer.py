"""The Tokenizer page: opens on why "the" is one token, learns from any text, and says where there is nothing."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer import paths
from explorer.runs.uploads import Uploads
from explorer.tokenizers import KeptTokenizers
from explorer.widgets import merging_text
from llm.tokenizers import own_pattern
from llm.tokenizers.bpe import BPETokenizer
from tests.tiny_home import NAME

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def app(tiny_checkpoint: Path) -> AppTest:
    app = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=60)
    app.query_params["model"] = NAME
    app.run()
    return app.switch_page(str(ROOT / "pages" / "tokenizer.py"))


def _fine(app: AppTest) -> AppTest:
    assert not app.exception, [e.message for e in app.exception]
    return app


def _lead(app: AppTest) -> str:
    return next(html.proto.body for html in app.main.get("html") if "vitrine-lead" in html.proto.body)


def test_opens_on_the_merge_that_made_the(app: AppTest) -> None:
    lead = _lead(_fine(app.run()))
    assert "<i>·</i>the" in lead
    assert "more often than any other pair" in lead


def _said(app: AppTest) -> str:
    return " ".join(html.proto.body for html in app.main.get("html"))


def _typed(app: AppTest, text: str) -> None:
    _fine(app.run()).selectbox(key="learn_from").set_value(merging_text.TYPED)
    _fine(app.run()).text_area(key="learn_typed").set_value(text)
    _fine(app.run())


def test_a_sentence_of_ones_own(app: AppTest) -> None:
    _fine(app.run()).selectbox(key="learn_from").set_value(merging_text.TYPED)
    _fine(app.run()).text_area(key="learn_typed").set_value("the the the the cat")
    lead = _lead(_fine(app.run()))
    assert "the</bdi>" in lead
    assert app.query_params["typed"] in ("the the the the cat", ["the the the the cat"])
    _typed(app, long := "zebra quagga okapi " * 1_000)
    assert app.query_params["typed"] in (long, [long]), "a link of any text that can be typed holds it"


@pytest.mark.parametrize(
    "text",
    ["a", " \n", "\x00\x01", "<b>x</b> <b>x</b>", "שלום שלום", "👩‍👩‍👧👩‍👩‍👧", "a" * 20_000],
    ids=lambda text: ascii(text)[:20],
)
def test_any_typed_text(app: AppTest, text: str) -> None:
    _typed(app, text)
    assert _lead(app)


def test_no_text_is_a_sentence_with_a_way_out(app: AppTest) -> None:
    _typed(app, "")
    assert "There is no text to learn from: type or paste one above" in _said(app)
    app.button(key="offer").click()
    assert "<i>·</i>the" in _lead(_fine(app.run()))


def test_a_very_long_token_is_named_by_its_ends_and_its_length(app: AppTest) -> None:
    _typed(app, "a" * 20_000)
    lead = _lead(app)
    assert f"{'a' * 12}<i>…</i>{'a' * 11}</bdi> (1,024 bytes) is one token" in lead
    assert f"{'a' * 25}" not in lead


def test_the_link_brings_back_text_and_merge(app: AppTest) -> None:
    app.query_params.update({"learn": "typed", "typed": "ab ab ab ab", "merges": "7", "merge": "0"})
    lead = _lead(_fine(app.run()))
    assert "Every byte is a token" in lead
    assert app.number_input(key="learn_merges").value == 7
    assert app.text_area(key="learn_typed").value == "ab ab ab ab"


@pytest.mark.parametrize(
    ("junk", "words"),
    [
        ({"learn": "../x"}, "The text asked for is not here; showing Example: stories."),
        ({"learn": "upload:zz"}, "The text asked for is not here"),
        ({"merges": "1e9"}, "Expected 1 to 8,192 merges in the link, got “1e9”; learning 500."),
        ({"merges": "999999999", "merge": "-1"}, "got 999,999,999; learning 8,192."),
        ({"merges": "999999999", "merge": "-1"}, "Expected the number of a merge in the link, got “-1”;"),
        ({"learn": "typed", "merges": "9000", "merge": "77"}, "got 9,000; learning 8,192. The link asks for merge 77"),
        ({"learn": "typed", "split": "own", "pattern": "a" * 3_000}, "3,000 characters long: its first 2,000 are used"),
        ({"merges": "7", "merge": "9"}, "The link asks for merge 9; this text has 7 merges, so the last is shown."),
    ],
)
def test_what_a_link_asks_for_in_vain_is_said(app: AppTest, junk: dict[str, str], words: str) -> None:
    app.query_params.update(junk)
    _lead(_fine(app.run()))
    assert words in _said(app)
    app.number_input(key="learn_merges").set_value(20)
    assert words not in _said(_fine(app.run()))


@pytest.mark.parametrize(("asked", "learned"), [(9_999, 8_192), (0, 1), (-5, 1)])
def test_a_number_of_merges_out_of_range_is_said_and_mended(app: AppTest, asked: int, learned: int) -> None:
    _typed(app, "the cat the cat")
    app.number_input(key="learn_merges").set_value(asked)
    assert f"Expected 1 to 8,192 merges, got {asked:,}; learning {learned:,}." in _said(_fine(app.run()))
    assert app.number_input(key="learn_merges").value == learned


def test_a_text_of_two_words_can_be_uploaded(app: AppTest) -> None:
    _fine(app.run()).file_uploader(key="learn_upload").upload("two.txt", b"the the")
    for _ in range(50):
        if "is one token" in _said(_fine(app.run())):
            break
    assert str(app.selectbox(key="learn_from").value).startswith("upload:")
    assert "the</bdi>" in _lead(app)


def test_a_refusal_goes_when_the_next_file_is_good(app: AppTest) -> None:
    uploader = _fine(app.run()).file_uploader(key="learn_upload")
    uploader.upload("bad.txt", b"the \xff the the the")
    assert "or have what is none replaced" in _said(_fine(app.run()))
    app.button(key="learn_replace")
    app.file_uploader(key="learn_upload").upload("good.txt", b"the the cat")
    assert "or have what is none replaced" not in _said(_fine(app.run()))
    assert not any(button.key == "learn_replace" for button in app.button)


def test_an_upload_is_learned_from_with_progress(app: AppTest) -> None:
    upload = Uploads(paths.uploads()).add("mine.txt", "one fish two fish red fish blue fish " * 40)
    _fine(app.run()).selectbox(key="learn_from").set_value(f"upload:{upload.sha256}")
    for _ in range(200):
        _fine(app.run())
        if any(one.proto.component_name.endswith("merges") for one in app.get("bidi_component")):
            break
    assert "one</bdi> is one token" in _lead(app)


@pytest.mark.parametrize("word", ["the", "don't stop", "👩‍👩‍👧", "<b>", "x" * 48, "漢" * 20], ids=ascii)
def test_any_word(app: AppTest, word: str) -> None:
    _fine(app.run()).text_input(key="word_typed").set_value(word)
    _fine(app.run())
    assert any(one.proto.component_name.endswith("word") for one in app.get("bidi_component"))


@pytest.mark.parametrize("word", ["", "  "], ids=ascii)
def test_no_word_is_a_sentence(app: AppTest, word: str) -> None:
    _fine(app.run()).text_input(key="word_typed").set_value(word)
    assert "Type a word above" in _said(_fine(app.run()))
    assert not any(one.proto.component_name.endswith("word") for one in app.get("bidi_component"))


def _own(app: AppTest, pattern: str, text: str = "the cat. the cat. the cat.") -> AppTest:
    _typed(app, text)
    app.selectbox(key="learn_split").set_value("own")
    _fine(app.run()).text_input(key="learn_pattern").set_value(pattern)
    return _fine(app.run())


def test_a_pattern_of_ones_own_splits_what_is_learned_from(app: AppTest) -> None:
    _own(app, r"[^.]+")
    assert "It takes 3 words of the first 26 characters; what lies between them makes 3 more." in _said(app)
    assert "the·cat" in re.sub("<[^>]+>", "", _lead(app)), "with blanks in a word, merges join over them"
    assert app.query_params["split"] in ("own", ["own"])
    assert app.query_params["pattern"] in (r"[^.]+", [r"[^.]+"])
    assert [button.proto.label for button in app.get("download_button")] == ["tokenizer.json, Vitrine's"]
    app.text_input(key="keep_name").set_value("sentences")
    app.number_input(key="learn_merges").set_value(40)
    assert _fine(app.run()).text_input(key="keep_name").value == "sentences", "a name that was typed stays"
    next(button for button in app.button if button.key == "keep_save").click()
    _fine(app.run())
    kept = KeptTokenizers(paths.tokenizers()).get("sentences")
    assert isinstance(kept, BPETokenizer)
    assert kept.pattern == r"[^.]+"
    assert any(b"the cat" in token for token in kept.ranks)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (
            "",
            "Expected a split pattern named gpt4 or gpt2, or a regular expression of 1 to 2,000 characters, got &#x27;",
        ),
        ("(((", "missing"),
        (r"\p{Foo}", "unknown property"),
        ("(a|aa|a?)+$", "took more than 0.5 seconds"),
        ("(?r)a", "searches forwards"),
    ],
)
def test_a_pattern_that_is_none_is_refused_beside_its_field_and_kept(app: AppTest, pattern: str, words: str) -> None:
    _own(app, pattern)
    assert words in _said(app)
    assert app.text_input(key="learn_pattern").value == pattern
    assert not any(one.proto.component_name.endswith("merges") for one in app.get("bidi_component"))
    app.text_input(key="learn_pattern").set_value(r"\w+|\W+")
    assert "It takes the first 26 characters whole, as 12 words." in _said(_fine(app.run()))
    assert _lead(app)
    app.selectbox(key="learn_split").set_value("gpt2")
    _fine(app.run())
    app.selectbox(key="learn_split").set_value("own")
    assert _fine(app.run()).text_input(key="learn_pattern").value == r"\w+|\W+"


def test_a_pattern_that_matches_nothing_is_said(app: AppTest) -> None:
    _own(app, "q{7}")
    assert "It matches nothing in the first 26 characters: they are one word." in _said(app)
    assert _lead(app)


def test_a_pattern_that_explodes_on_the_whole_text_alone_is_a_sentence(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_pattern, "PATIENCE", 0.3)
    _own(app, "(q|qq|q?)+$", "the cat " * 300 + "q" * 60 + "y")
    assert "took more than 0.3 seconds on 2,461 characters" in _said(app)
    assert any(button.key == "learn_again" for button in app.button)


def test_the_link_brings_back_the_pattern(app: AppTest) -> None:
    app.query_params.update({"learn": "typed", "typed": "ab ab", "split": "own", "pattern": ".."})
    _lead(_fine(app.run()))
    assert app.text_input(key="learn_pattern").value == ".."
    assert "It takes 2 words of the first 5 characters; what lies between them makes 1 more." in _said(app)


def test_a_link_with_a_split_that_is_none_is_answered(app: AppTest) -> None:
    app.query_params.update({"split": "gpt9"})
    _lead(_fine(app.run()))
    assert "There is no split pattern named “gpt9”; GPT-4&#x27;s pattern is used." in _said(app)
