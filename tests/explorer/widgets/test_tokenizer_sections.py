"""Cut, Keep, Vocabulary and What it costs as a person uses them: presets, hostile texts, names, deleting, offline."""

import hashlib
import time
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer import paths
from explorer.tokenizers import KeptTokenizers
from explorer.widgets import tokenizer_choice
from explorer.widgets.cut_presets import PRESETS
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.published import PUBLISHED
from llm.tokenizers.rank_file import write_ranks
from tests.tiny_home import NAME

BPE = BPETokenizer.train("the cat and the hat and the mat. " * 20, 280)
HOSTILE = [" ", "<script>alert(1)</script>", "a\x00b\x1b", "\u202eabc\u200b", "$x$ :red[x] `", "x" * 20_000]


def page() -> None:
    """A page of nothing but these sections."""
    from explorer.widgets import on_show
    from explorer.widgets.cost import cost_section
    from explorer.widgets.cutting import cut_section
    from explorer.widgets.keeping import keep_section
    from explorer.widgets.vocabulary import vocabulary_section
    from llm.tokenizers.bpe import BPETokenizer

    on_show.settle()
    text = "the cat and the hat and the mat. " * 20
    tokenizer = BPETokenizer.train(text, 280)
    cut_section({"mine": tokenizer})
    cost_section(text, tokenizer.pattern)
    vocabulary_section({"mine": tokenizer}, [text])
    keep_section(tokenizer, "cats")


@pytest.fixture
def app(tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    (tmp_path / "models").symlink_to(tiny_checkpoint.parent)
    monkeypatch.setenv(paths.VARIABLE, str(tmp_path))
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "theirs"))
    app = AppTest.from_function(page, default_timeout=60)
    app.query_params["model"] = NAME
    return fine(app.run())


def fine(app: AppTest) -> AppTest:
    assert not app.exception, [e.message for e in app.exception]
    return app


def said(app: AppTest) -> str:
    return " ".join(html.proto.body for html in app.get("html"))


def pictures(app: AppTest) -> list[str]:
    names = [one.proto.component_name.rsplit("_", 1)[-1] for one in app.get("bidi_component")]
    return [name for name in names if name != "share"]


def press(app: AppTest, key: str) -> AppTest:
    return fine(next(b for b in app.button if b.key == key).click().run())


def names(app: AppTest, key: str = "cut_with") -> Any:
    return next(group for group in app.get("button_group") if group.key == key)


def test_it_opens_on_the_pages_the_models_and_bytes(app: AppTest) -> None:
    assert list(names(app).value) == ["bytes", "mine", f"{NAME}, the model's"]
    assert app.text_area(key="cut_text").value == PRESETS["A story"]
    assert "Fertility" in said(app)
    assert "Special tokens of" in said(app)
    assert pictures(app) == ["cut", "cost", "vocabulary"]


@pytest.mark.parametrize("text", [*PRESETS.values(), *HOSTILE])
def test_any_text_is_cut(app: AppTest, text: str) -> None:
    app.text_area(key="cut_text").set_value(text)
    fine(app.run())
    assert pictures(app) == ["cut", "cost", "vocabulary"]


def test_no_text_is_a_sentence(app: AppTest) -> None:
    app.text_area(key="cut_text").set_value("")
    assert "Type a text above" in said(fine(app.run()))
    assert pictures(app) == ["cost", "vocabulary"]


def test_others_are_chosen_and_never_none(app: AppTest) -> None:
    fine(names(app).set_value(["characters", "mine"]).run())
    assert "mine" in said(app)
    assert list(names(fine(app.run())).value) == ["characters", "mine"]
    fine(names(app).set_value([]).run())
    assert list(names(app).value) == ["characters", "mine"]


def test_saved_found_and_deleted(app: AppTest) -> None:
    app.text_input(key="keep_name").set_value("My cats")
    press(app, "keep_save")
    assert "Saved as My cats" in said(app)
    assert "My cats" in names(app).options
    kept = KeptTokenizers(paths.tokenizers())
    assert kept.get("My cats").encode("the cat") == BPE.encode("the cat")
    press(app, "keep_save")
    assert "There is a tokenizer named My cats already" in said(app)
    fine(names(app).set_value(["My cats"]).run())
    press(app, "forget_My cats")
    assert kept.names() == []
    assert "My cats" not in names(app).options
    press(app, "keep_undo")
    assert "My cats is kept again" in said(app)
    assert kept.get("My cats").encode("the cat") == BPE.encode("the cat")
    assert not any(button.key == "keep_undo" for button in app.button)


def test_a_bad_name_is_a_sentence(app: AppTest) -> None:
    app.text_input(key="keep_name").set_value("../cats")
    press(app, "keep_save")
    assert "Expected a name of 1 to 60" in said(app)
    assert KeptTokenizers(paths.tokenizers()).names() == []


def test_a_damaged_one_is_said_in_its_panel_and_the_page_goes_on(app: AppTest) -> None:
    path = KeptTokenizers(paths.tokenizers()).add("broken", BPE)
    (path / "tokenizer.json").write_text("{")
    fine(app.run())
    fine(names(app).set_value(["mine", "broken"]).run())
    assert "Fertility" in said(app)


def fetched(app: AppTest) -> AppTest:
    """After the download has ended, one way or the other."""
    press(app, "fetch")
    end = time.monotonic() + 60
    while any(b.key == "fetch_cancel" for b in app.button) and time.monotonic() < end:
        fine(app.run())
    return app


def test_published_ones_are_offered_and_fetched_when_asked(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "gpt2, cl100k_base and o200k_base are not on this machine" in said(app)
    file = tmp_path / "ranks"
    write_ranks(file, BPE.ranks)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    here = {name: replace(one, url=file.as_uri(), sha256=sha256) for name, one in PUBLISHED.items()}
    monkeypatch.setattr(tokenizer_choice, "PUBLISHED", MappingProxyType(here))
    fetched(app)
    fine(app.run())
    assert set(PUBLISHED) <= set(names(app).options)
    assert "not on this machine" not in said(app)
    fine(names(app).set_value(["o200k_base", "gpt2"]).run())
    assert "o200k_base" in said(app)


def test_offline_it_is_one_line_and_the_page_goes_on(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = {name: replace(one, url=(tmp_path / "none").as_uri()) for name, one in PUBLISHED.items()}
    monkeypatch.setattr(tokenizer_choice, "PUBLISHED", MappingProxyType(gone))
    fetched(app)
    assert "could not be fetched" in said(app)
    assert "try again when online" in said(app)
    assert any(b.key == "fetch_again" for b in app.button)
    assert "Fertility" in said(app)


def test_the_models_vocabulary_can_be_chosen(app: AppTest) -> None:
    fine(names(app, "vocabulary_of").set_value(f"{NAME}, the model's").run())
    assert names(app, "vocabulary_of").value == f"{NAME}, the model's"
    assert names(fine(app.run()), "vocabulary_of").value == f"{NAME}, the model's"
    assert not any(b.key == "count_training" for b in app.button), "the tiny model's text cannot be had again"
