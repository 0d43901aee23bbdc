"""What the app sets in a field, and when it holds its tongue."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer.widgets import fields


def _page() -> None:
    import streamlit as st

    from explorer.widgets.fields import hold

    hold("word", st.session_state.get("wanted", "one"))
    st.text_input("A word", key="word")


def _field(app: AppTest) -> Any:
    assert not app.exception, [e.message for e in app.exception]
    return app.text_input[0]


def test_a_field_is_told_while_the_browser_may_not_have_heard_and_then_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    app = AppTest.from_function(_page)
    assert (_field(app.run()).value, _field(app).proto.set_value) == ("one", True)
    assert _field(app.run()).proto.set_value, "the run before may have been overtaken"
    monkeypatch.setattr(fields, "FIRST_PAINT", -1.0)
    assert (_field(app.run()).value, _field(app).proto.set_value) == ("one", False)
    app.session_state["wanted"] = "two"
    assert (_field(app.run()).value, _field(app).proto.set_value) == ("two", True)


def test_what_is_typed_stays_if_the_app_takes_it_over() -> None:
    app = AppTest.from_function(_page)
    app.run()
    app.session_state["wanted"] = "typed"
    assert _field(app.text_input[0].set_value("typed").run()).value == "typed"
    assert not _field(app).proto.set_value
