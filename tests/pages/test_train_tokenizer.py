"""A saved tokenizer on the Train page: offered, chosen, copied into the run, and kept by a run made like it."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer import paths
from explorer.runs.draft import KEPT
from explorer.runs.store import Runs
from explorer.tokenizers import KeptTokenizers
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.load import load_tokenizer

ROOT = Path(__file__).resolve().parents[2]
BPE = BPETokenizer.train("Ben and Anna sat by the pond. " * 40, 300)


def fine(app: AppTest) -> AppTest:
    assert not app.exception, [e.message for e in app.exception]
    return app


def button(app: AppTest, key: str) -> Any:
    return next(b for b in app.button if b.key == key)


def test_chosen_and_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.VARIABLE, str(tmp_path))
    path = KeptTokenizers(paths.tokenizers()).add("Pond 300", BPE)
    app = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=60).run()
    app.switch_page(str(ROOT / "pages" / "train.py"))
    fine(app.run())
    choice = app.selectbox(key="draft_tokenizer")
    assert "Pond 300" in choice.options
    fine(choice.set_value(f"{KEPT}{path}").run())
    assert "Pond 300" in " ".join(html.proto.body for html in app.main.get("html"))
    fine(button(app, "train_run").click().run())
    (run,) = Runs(tmp_path, paths.ASSETS / "runs").own()
    assert run.config().tokenizer.directory == Path("tokenizer")
    assert load_tokenizer(run.path / "tokenizer").encode("Anna sat") == BPE.encode("Anna sat")
