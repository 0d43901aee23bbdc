"""Attention under AppTest: each deeper look opens, with its code and whatever an address may ask."""

import pytest

from explorer.widgets.attention_look import LOOKS
from tests.pages.opened import fine, opened, words
from tests.tiny_home import NAME

pytestmark = pytest.mark.usefixtures("tiny_checkpoint")
ROW = {"layer": "1", "head": "2", "token": "3"}


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_opens_and_shows_its_code(look: str) -> None:
    app = opened("attention", model=NAME, look=look, depth="Code", vocabulary="yes", **ROW)
    assert app.session_state["attention_look"] == look
    assert len(app.get("bidi_component")) >= 4, "two share rows, the wall and the look"
    ran = {
        "score": "head_maths",
        "role": "role_scores",
        "tables": "over_vocabulary",
        "rollout": "rollout",
        "edit": "edited_row",
    }
    assert any(f"def {ran[look]}(" in code.value for code in app.code)


@pytest.mark.parametrize("row", ["1.2.3_0x1_1x0.5", "1.2.3_0x0_1x0_2x0_3x0", "9.9.9_1x1", "junk"])
def test_rows_that_an_address_may_ask_for(row: str) -> None:
    app = opened("attention", model=NAME, look="edit", row=row, **ROW)
    assert len(app.get("bidi_component")) >= 4
    fine(app.run())


def test_one_token_has_every_look() -> None:
    app = opened("attention", model=NAME, prompt="B")
    for look in LOOKS:
        app.query_params["look"] = look
        assert fine(app.run()).session_state["attention_look"] == look


def test_the_edited_row_follows_interventions_in_force() -> None:
    app = opened("attention", model=NAME, look="edit", edits="0.1x0", row="1.2.3_0x1", **ROW)
    assert "An edited model" in words(app)
