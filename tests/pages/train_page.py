"""The Train page under AppTest: opened, and its parts by name."""

import re
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from explorer import paths
from explorer.runs.store import Runs
from llm.runs.directory import RunDirectory
from tests.pages import opened as pages
from tests.pages.opened import button as button
from tests.pages.opened import fine as fine
from tests.pages.opened import words as words


def opened(**query: str) -> AppTest:
    return pages.opened("train", **query)


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
