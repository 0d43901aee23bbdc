"""The Train page under AppTest: opened, and its parts by name."""

import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer import paths
from explorer.runs.store import Runs
from llm.runs.directory import RunDirectory

ROOT = Path(__file__).resolve().parents[2]
PAGE = str(ROOT / "pages" / "train.py")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.VARIABLE, str(tmp_path))
    return tmp_path


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=60).run()
    app.switch_page(PAGE)
    for name, value in query.items():
        app.query_params[name] = value
    return fine(app.run())


def fine(app: AppTest) -> AppTest:
    assert not app.exception, [e.message for e in app.exception]
    return app


def words(app: AppTest) -> str:
    return " ".join(html.proto.body for html in app.main.get("html"))


def button(app: AppTest, key: str) -> Any:
    return next(b for b in app.button if b.key == key)


def shown(app: AppTest) -> str:
    """The run that the address says."""
    found = app.query_params["run"]
    return found if isinstance(found, str) else found[0]


def keys(app: AppTest) -> set[str]:
    return {b.key for b in app.button if b.key}


def own(home: Path) -> list[RunDirectory]:
    return [run for run in Runs(home, paths.ASSETS / "runs").all() if run.path.is_relative_to(home)]


def field(app: AppTest, name: str) -> Any:
    """The field of the form that shows a choice now."""
    kinds = (app.selectbox, app.number_input, app.text_input, app.checkbox)
    (found,) = (one for kind in kinds for one in kind if one.key and re.fullmatch(rf"draft_{name}-\d+", one.key))
    return found
