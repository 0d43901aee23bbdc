"""The address of a session: its own words, a link that was opened, and an echo of what it said a moment ago."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer.widgets import address


def _page() -> None:
    import streamlit as st

    from explorer.widgets.address import Address

    place = Address("token")
    if link := place.opened():
        st.session_state["token"] = link["token"]
    if (wanted := st.session_state.pop("wanted", None)) is not None:
        st.session_state["token"] = wanted
    place.say({"token": st.session_state["token"]})
    st.text(st.session_state["token"])


def _shows(app: AppTest) -> str:
    assert not app.run().exception
    return str(app.text[0].value)


def _opened_at_1_moved_to_2() -> AppTest:
    app = AppTest.from_function(_page)
    app.query_params["token"] = "1"
    assert _shows(app) == "1"
    app.session_state["wanted"] = "2"
    assert _shows(app) == "2"
    assert app.query_params["token"] in ("2", ["2"])
    return app


def test_an_address_that_the_browser_still_had_is_no_link() -> None:
    app = _opened_at_1_moved_to_2()
    app.query_params["token"] = "1"
    assert _shows(app) == "2"
    assert app.query_params["token"] in ("2", ["2"])


def test_what_the_session_never_said_is_a_link_at_once() -> None:
    app = _opened_at_1_moved_to_2()
    app.query_params["token"] = "3"
    assert _shows(app) == "3"


def test_what_it_said_long_ago_is_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _opened_at_1_moved_to_2()
    monkeypatch.setattr(address, "ECHO", 0.0)
    app.query_params["token"] = "1"
    assert _shows(app) == "1"


def test_going_to_and_fro_is_no_echo_of_itself() -> None:
    app = _opened_at_1_moved_to_2()
    app.session_state["wanted"] = "1"
    assert _shows(app) == "1"
    app.query_params["token"] = "1"
    assert _shows(app) == "1"
    app.query_params["token"] = "2"
    assert _shows(app) == "1", "an echo too"
