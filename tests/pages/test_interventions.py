"""Interventions under AppTest: a link, the panel, the banner, every page of models, and another session beside it."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer import paths, resources
from explorer.analysis.interventions import parse
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


def _button(app: AppTest, key: str) -> AppTest:
    return _fine(app.button(key=key).click().run())


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_every_page_of_a_model_says_what_is_edited_and_gives_the_clean_one(tiny_checkpoint: Path, page: Path) -> None:
    app = _session(edits="1.2x0,m0~")
    app.run()
    app.switch_page(str(page))
    assert "An edited model</b>: MLP of block 0 at its mean; head 1.2 off." in _banner(_fine(app.run()))
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
    assert "head 0.0 off; MLP of block 1 × 2.5." in _banner(app)
    _fine(app.checkbox(key="edit_0_0_False_True").uncheck().run())
    assert _edits(app) == "0.0x0-,m1x2.5"
    _button(app, "edit_1_None_True_remove")
    assert "The clean model</b>: 1 intervention switched off" in _banner(app)
    _button(app, "edit_0_0_False_remove")
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
    assert resources._UNDER.get() == ()


def test_what_is_not_in_the_model_is_said_and_kept(tiny_checkpoint: Path) -> None:
    app = _session(edits="9.0x0,what")
    assert "The clean model</b>: the interventions name no part of it" in _banner(_fine(app.run()))
    assert any("name no part of a model: “what”" in html.proto.body for html in app.get("html"))
    assert _edits(app) == "9.0x0"
    assert parse("9.0x0")[0] == app.session_state["_edits"]
