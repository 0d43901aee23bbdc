"""The Tokenizer page: opens on why "the" is one token, learns from any text, and says where there is nothing."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer import paths
from explorer.runs.uploads import Uploads
from explorer.widgets import merging_text
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


def test_a_sentence_of_ones_own(app: AppTest) -> None:
    _fine(app.run()).selectbox(key="learn_from").set_value(merging_text.TYPED)
    _fine(app.run()).text_area(key="learn_typed").set_value("the the the the cat")
    lead = _lead(_fine(app.run()))
    assert "the</bdi>" in lead
    assert app.query_params["typed"] in ("the the the the cat", ["the the the the cat"])


@pytest.mark.parametrize(
    "text",
    ["", "a", " \n", "\x00\x01", "<b>x</b> <b>x</b>", "שלום שלום", "👩‍👩‍👧👩‍👩‍👧", "a" * 20_000],
    ids=lambda text: ascii(text)[:20],
)
def test_any_typed_text(app: AppTest, text: str) -> None:
    _fine(app.run()).selectbox(key="learn_from").set_value(merging_text.TYPED)
    _fine(app.run()).text_area(key="learn_typed").set_value(text)
    assert _lead(_fine(app.run()))


def test_the_link_brings_back_text_and_merge(app: AppTest) -> None:
    app.query_params.update({"learn": "typed", "typed": "ab ab ab ab", "merges": "7", "merge": "0"})
    lead = _lead(_fine(app.run()))
    assert "Every byte is a token" in lead
    assert app.number_input(key="learn_merges").value == 7
    assert app.text_area(key="learn_typed").value == "ab ab ab ab"


@pytest.mark.parametrize(
    "junk", [{"learn": "../x"}, {"learn": "upload:zz"}, {"merges": "1e9"}, {"merges": "999999999", "merge": "-1"}]
)
def test_junk_in_the_address(app: AppTest, junk: dict[str, str]) -> None:
    app.query_params.update(junk)
    assert "<i>·</i>the" in _lead(_fine(app.run()))


def test_an_upload_is_learned_from_with_progress(app: AppTest) -> None:
    upload = Uploads(paths.uploads()).add("mine.txt", "one fish two fish red fish blue fish " * 40)
    _fine(app.run()).selectbox(key="learn_from").set_value(f"upload:{upload.sha256}")
    for _ in range(200):
        _fine(app.run())
        if any(one.proto.component_name.endswith("merges") for one in app.get("bidi_component")):
            break
    assert "one</bdi> is one token" in _lead(app)


def test_a_training_that_was_stopped_can_begin_again(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = Uploads(paths.uploads()).add("long.txt", "stop and go on and on " * 30)
    key = (f"upload:{upload.sha256}", merging_text.Lesson.n_merges, "", 0)
    monkeypatch.setattr(merging_text, "_STOPPED", {key})
    _fine(app.run()).selectbox(key="learn_from").set_value(key[0])
    for _ in range(200):
        _fine(app.run())
        if any(button.key == "learn_again" for button in app.button):
            break
    app.button(key="learn_again").click()
    for _ in range(200):
        _fine(app.run())
        if any(one.proto.component_name.endswith("merges") for one in app.get("bidi_component")):
            break
    assert _lead(app)


@pytest.mark.parametrize("word", ["", "  ", "the", "don't stop", "👩‍👩‍👧", "<b>", "x" * 48, "漢" * 20], ids=ascii)
def test_any_word(app: AppTest, word: str) -> None:
    _fine(app.run()).text_input(key="word_typed").set_value(word)
    _fine(app.run())
    assert any(one.proto.component_name.endswith("word") for one in app.get("bidi_component"))
