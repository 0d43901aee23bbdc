"""A saved tokenizer on the Train page: offered, chosen, copied into the run, and kept by a run made like it."""

from pathlib import Path

import pytest

from explorer import paths
from explorer.runs.draft import kept
from explorer.runs.store import Runs
from explorer.tokenizers import KeptTokenizers
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.load import load_tokenizer
from tests.pages.train_page import button, field, fine, opened, words

BPE = BPETokenizer.train("Ben and Anna sat by the pond. " * 40, 300)


def test_chosen_and_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.VARIABLE, str(tmp_path))
    path = KeptTokenizers(paths.tokenizers()).add("Pond 300", BPE)
    app = opened()
    choice = field(app, "tokenizer")
    assert "Pond 300" in choice.options
    fine(choice.set_value(kept("Pond 300", path)).run())
    assert "Pond 300" in words(app)
    fine(button(app, "train_run").click().run())
    (run,) = Runs(tmp_path, paths.ASSETS / "runs").own()
    chosen = run.config().tokenizer
    assert (chosen.directory, chosen.name, chosen.n_vocab) == (Path("tokenizer"), "Pond 300", BPE.n_vocab)
    assert "<span>Tokenizer</span> <span>Pond 300" in words(fine(opened()))
    assert load_tokenizer(run.path / "tokenizer").encode("Anna sat") == BPE.encode("Anna sat")
    fine(button(app, "copy").click().run())
    offered = [name for name in field(app, "tokenizer").options if "Pond 300" in name]
    assert offered == ["Pond 300, the run's copy", "Pond 300"]
