"""Interventions under AppTest: a link, the panel, the banner, every page of models, and another session beside it."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer import in_force, paths, resources
from explorer.analysis.interventions import mark
from explorer.analysis.stacks import parse
from tests.tiny_home import NAME

ROOT = Path(__file__).resolve().parents[2]
PAGES = [path for path in sorted((ROOT / "pages").glob("*.py")) if "model_picker.chosen()" in path.read_text()]
PROMPT = "Ben asked Anna."


@pytest.fixture
def app(tiny_checkpoint: Path) -> AppTest:
    return _session()


def _session(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=60)
    for name, value in {"model": NAME, "prompt": PROMPT, **query}.items():
        app.query_params[name] = value
    return app


def _fine(app: AppTest) -> AppTest:
    assert not app.exception, [e.message for e in app.exception]
    return app


def _banner(app: AppTest) -> str:
    said = [html.proto.body for html in app.get("html") if '"vitrine-banner"' in html.proto.body]
    assert len(said) < 2
    return "".join(said)


def _edits(app: AppTest) -> str:
    found = app.query_params.get("edits", "")
    return str(found if isinstance(found, str) else found[-1])


def _row(app: AppTest, n: int) -> str:
    """The key of a row of the panel."""
    return f"edit_{mark(repr(app.session_state['_edits'][n].slot))}"


def _button(app: AppTest, key: str) -> AppTest:
    return _fine(app.button(key=key).click().run())


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_every_page_of_a_model_says_what_is_edited_and_gives_the_clean_one(tiny_checkpoint: Path, page: Path) -> None:
    app = _session(edits="1.2x0,m0~")
    app.run()
    app.switch_page(str(page))
    assert "An edited model</b>: head 1.2 off; then MLP of block 0 at its mean." in _banner(_fine(app.run()))
    assert "The clean model</b>: 2 interventions switched off" in _banner(_button(app, "banner_clean"))
    assert "An edited model" in _banner(_button(app, "banner_edited"))
    assert _edits(app) == "1.2x0,m0~"


def test_the_panel_builds_a_stack(app: AppTest) -> None:
    _fine(app.run())
    assert _banner(app) == ""
    _button(app, "edits_apply")
    assert _edits(app) == "0.0x0"
    app.segmented_control(key="edits_way").set_value("scale").run()
    app.number_input(key="edits_factor").set_value(2.5).run()
    app.selectbox(key="edits_0_0").set_value("MLP of block 1").run()
    _button(app, "edits_apply")
    assert _edits(app) == "0.0x0,m1x2.5"
    assert "head 0.0 off; then MLP of block 1 × 2.5." in _banner(app)
    _fine(app.checkbox(key=f"{_row(app, 0)}_True").uncheck().run())
    assert _edits(app) == "0.0x0-,m1x2.5"
    _button(app, f"{_row(app, 1)}_remove")
    assert "The clean model</b>: 1 intervention switched off" in _banner(app)
    _button(app, f"{_row(app, 0)}_remove")
    assert _banner(app) == ""
    assert _edits(app) == ""


def test_another_session_sees_the_clean_model(tiny_checkpoint: Path) -> None:
    edited, clean = _session(edits="0.0x0,0.1x0"), _session()
    _fine(edited.run())
    _fine(clean.run())
    assert "An edited model" in _banner(edited)
    assert _banner(clean) == ""
    assert resources.effective(paths.home() / "models" / NAME) == ()
    _fine(edited.run())
    assert in_force.now() == ()


def test_what_is_not_in_the_model_is_said_and_kept(tiny_checkpoint: Path) -> None:
    app = _session(edits="9.0x0,what")
    assert "The clean model</b>: the interventions name no part of it" in _banner(_fine(app.run()))
    assert any("name no part of a model: “what”" in html.proto.body for html in app.get("html"))
    assert _edits(app) == "9.0x0"
    assert parse("9.0x0")[0] == app.session_state["_edits"]


def test_the_panel_steers_and_puts_the_stack_in_order(app: AppTest) -> None:
    _fine(app.run())
    app.segmented_control(key="edits_way").set_value("steer").run()
    app.text_input(key="edits_word").set_value("Ben").run()
    app.selectbox(key="edits_at").set_value(2).run()
    (strength,) = (field for field in app.number_input if str(field.key).startswith("edits_strength"))
    strength.set_value(3.0).run()
    _button(app, "edits_apply")
    assert _edits(app) == ""
    assert any("Expected one token, got “Ben”" in html.proto.body for html in app.get("html"))
    app.text_input(key="edits_word").set_value("B").run()
    _button(app, "edits_apply")
    assert _edits(app) == "r0@2+3:B"
    app.text_input(key="edits_less").set_value("B").run()
    _button(app, "edits_apply")
    assert any("Expected two different tokens" in html.proto.body for html in app.get("html"))
    app.text_input(key="edits_less").set_value("").run()
    app.segmented_control(key="edits_way").set_value("zero").run()
    app.selectbox(key="edits_at").set_value(None).run()
    _button(app, "edits_apply")
    assert "stream into block 0 at token 2 + 3 × W_U of “B”; then head 0.0 off." in _banner(app)
    _button(app, f"{_row(app, 1)}_up")
    assert _edits(app) == "0.0x0,r0@2+3:B"


def test_places_that_are_not_in_the_prompt_are_said(tiny_checkpoint: Path) -> None:
    app = _session(edits="r1@2=Ben asked Leo.#000000,0.0@40x0,1.1=Ben asked Leo.-")
    said = _banner(_fine(app.run()))
    assert "This prompt ends before token 40, so nothing happens there." in said
    assert "A patch was made on another prompt" in said


def test_the_embeddings_page_says_what_follows(tiny_checkpoint: Path) -> None:
    app = _session(edits="0.0x0")
    app.run()
    assert "shows weights" not in _banner(app)
    app.switch_page(str(ROOT / "pages" / "embeddings.py"))
    assert "The map shows weights, which they do not change" in _banner(_fine(app.run()))
