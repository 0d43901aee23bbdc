"""Homes for the pages: one with the tiny model, one with nothing in it."""

from pathlib import Path

import pytest

from explorer import paths
from tests.tiny_home import tiny_checkpoint as tiny_checkpoint
from tests.tiny_home import tiny_home as tiny_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """EXPLORER_HOME with nothing in it."""
    monkeypatch.setenv(paths.VARIABLE, str(tmp_path))
    return tmp_path
