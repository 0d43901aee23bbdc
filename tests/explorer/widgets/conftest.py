"""What tests of widgets share: the tiny model, loaded, and a session that no browser stands behind."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import streamlit as st

from llm.checkpoint import Checkpoint, load_checkpoint

Session = Callable[..., dict[str, object]]


@pytest.fixture
def tiny(tiny_checkpoint: Path) -> Checkpoint:
    found = load_checkpoint(tiny_checkpoint)
    found.model.eval().requires_grad_(False)
    return found


@pytest.fixture
def session_of(monkeypatch: pytest.MonkeyPatch) -> Session:
    """The state of a session in which these modules keep what is chosen and the address says nothing; "model" in it is
    the name of the model on show."""

    def made(*modules: ModuleType) -> dict[str, object]:
        state: dict[str, object] = {}
        monkeypatch.setattr(st, "session_state", state)
        for module in modules:
            monkeypatch.setattr(module._ADDRESS, "opened", lambda: None)
            monkeypatch.setattr(module._ADDRESS, "say", lambda values: None)
            monkeypatch.setattr(module._ADDRESS, "keep", lambda: None)
        monkeypatch.setattr("explorer.widgets.on_show.name", lambda: state.get("model", "tiny"))
        return state

    return made
