"""A home directory with one tiny random model in it, for tests that need an explorer with something to show."""

from pathlib import Path

import pytest

from explorer import paths
from llm.checkpoint import save_checkpoint
from llm.corpora.catalog import documents
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.tokenizers.bpe import BPETokenizer

NAME = "tiny"
N_CTX = 48


@pytest.fixture(scope="session")
def tiny_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EXPLORER_HOME with models/tiny: two layers, grouped heads, byte-pair tokens of the stories, random weights."""
    home = tmp_path_factory.mktemp("home")
    tokenizer = BPETokenizer.train("\n".join(documents("stories", 0, 40_000)), 320)
    config = GPTConfig(
        d_vocab=tokenizer.n_vocab, n_ctx=N_CTX, n_layers=2, n_heads=4, n_kv_heads=2, d_model=32, d_mlp=48
    )
    save_checkpoint(home / "models" / NAME, GPT(config, seed=0), tokenizer, {"note": "random weights, for tests"})
    return home


@pytest.fixture
def tiny_checkpoint(tiny_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The model's directory, with EXPLORER_HOME set for this test."""
    monkeypatch.setenv(paths.VARIABLE, str(tiny_home))
    return tiny_home / "models" / NAME
