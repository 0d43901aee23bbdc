"""The prompt of all pages: what a model cannot read is said, with a way out, and never breaks the app."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.tiny_home import N_CTX, NAME


def page() -> None:
    """A page that only reads the prompt and the focus."""
    import streamlit as st

    from explorer.widgets import focus, foot, model_picker, prompt

    with st.sidebar:
        model_picker.show()
        prompt.show()
        foot.say(foot.show())
    checkpoint = model_picker.chosen()
    text = prompt.read(checkpoint)
    at = focus.read(checkpoint, text)
    st.session_state["read"] = (text, at, checkpoint.tokenizer.decode(text.ids))
    st.button("More", on_click=prompt.append, args=(" and",))
    st.button("Second token", on_click=focus.set_focus, kwargs={"token": 1})


@pytest.fixture
def app(tiny_checkpoint: Path) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params["model"] = NAME
    return app


def _press(app: AppTest, label: str) -> AppTest:
    return next(b for b in app.button if b.label == label).click().run()


def _said(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.main if element.type == "html")


def test_opens_on_an_example(app: AppTest) -> None:
    text, at, decoded = app.run().session_state["read"]
    assert text.text == decoded == app.text_area[0].value != ""
    assert at.token == len(text.ids) - 1


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "a\x00b",
        "שלום עולם",
        "👩‍👩‍👧",
        "\u202eabc",
        "$\\href{x}{y}$",
        "=1+1",
        "\r\n\t",
        " ",
    ],
)
def test_any_text_is_read_as_it_is(app: AppTest, hostile: str) -> None:
    app.run().text_area[0].set_value(hostile).run()
    assert not app.exception
    assert app.session_state["read"][2] == hostile


def test_lone_surrogate_is_cleaned(app: AppTest) -> None:
    app.session_state["prompt"] = "a\ud800b"
    assert app.run().session_state["read"][2] == "a\ufffdb"


def test_text_in_the_address(app: AppTest) -> None:
    app.query_params["prompt"] = "Ben the fisher"
    assert app.run().session_state["read"][0].text == "Ben the fisher"


def test_empty_offers_an_example(app: AppTest) -> None:
    app.run().text_area[0].set_value("").run()
    assert "The prompt is empty" in _said(app)
    _press(app, "Try an example")
    assert app.text_area[0].value != ""
    assert not app.exception


def test_too_long_offers_the_end(app: AppTest) -> None:
    app.run().text_area[0].set_value("Ben was cold. " * 40).run()
    assert f"this model reads {N_CTX}." in _said(app)
    _press(app, f"Keep the last {N_CTX}")
    text = app.session_state["read"][0]
    assert len(text.ids) <= N_CTX
    assert ("Ben was cold. " * 40).endswith(text.text)


def test_keeping_the_end_never_starts_inside_a_character(app: AppTest) -> None:
    app.run().text_area[0].set_value("é👩" * N_CTX).run()
    _press(app, f"Keep the last {N_CTX}")
    assert "\ufffd" not in app.session_state["read"][0].text
    assert len(app.session_state["read"][0].ids) > N_CTX - 4


def test_append(app: AppTest) -> None:
    app.run().text_area[0].set_value("Ben").run()
    _press(_press(app, "More"), "More")
    assert app.text_area[0].value == app.session_state["read"][0].text == "Ben and and"


@pytest.mark.parametrize(
    "junk",
    [{"layer": "99"}, {"head": "-1"}, {"token": "1e9"}, {"layer": "NaN", "head": "__proto__"}, {"token": ["1", "x"]}],
)
def test_junk_in_the_address_is_a_note(app: AppTest, junk: dict[str, str | list[str]]) -> None:
    for name, value in junk.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert any("The link asked for a place that is not here" in e.proto.body for e in app.sidebar if e.type == "html")


def test_focus_is_written_to_the_address_and_follows_the_last_token(app: AppTest) -> None:
    app.run().text_area[0].set_value("Ben and Ben").run()
    assert "token" not in app.query_params
    _press(app, "Second token")
    assert app.query_params["token"] == "1"
    _press(app, "More")
    assert app.session_state["read"][1].token == 1


def test_no_model_says_where_to_put_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    monkeypatch.setattr("explorer.paths.ASSETS", tmp_path)
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    assert "There is no model to show." in _said(app)
    assert str(tmp_path / "models") in _said(app)


def test_damaged_model_is_named(tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "models" / "broken"
    copy.mkdir(parents=True)
    for file in tiny_checkpoint.iterdir():
        (copy / file.name).write_bytes(file.read_bytes()[:-1])
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    monkeypatch.setattr("explorer.paths.ASSETS", tmp_path)
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    assert "The model broken cannot be read." in _said(app)
