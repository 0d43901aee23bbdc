"""The app under AppTest, opened at a page, and what it says there."""

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]


def opened(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=60).run()
    app.switch_page(page_file(page))
    for name, value in query.items():
        app.query_params[name] = value
    return fine(app.run())


def page_file(page: str) -> str:
    return str(ROOT / "pages" / f"{page}.py")


def fine(app: AppTest) -> AppTest:
    assert not app.exception, [e.message for e in app.exception]
    return app


def words(app: AppTest) -> str:
    """All that the main part of the page says outside its widgets."""
    return " ".join(html.proto.body for html in app.main.get("html"))


def button(app: AppTest, key: str) -> Any:
    return next(b for b in app.button if b.key == key)
