"""Two models on one prompt: the same text, the same place in it, and a sentence where one of them cannot read it."""

from pathlib import Path

import pytest

from explorer import display
from explorer.analysis.norms import stream
from explorer.opening import Opening
from explorer.widgets import beside
from explorer.widgets.component import pack
from explorer.widgets.focus import Focus
from explorer.widgets.prompt import Prompt
from explorer.widgets.residual import Sight
from explorer.widgets.residual_choice import Choice
from llm.checkpoint import Checkpoint, save_checkpoint
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.tokenizers.char import CharTokenizer
from llm.trace import trace
from tests.explorer.widgets.conftest import Session

TEXT = "Ben and Jack. Ben and"


@pytest.fixture
def mine(tiny: Checkpoint) -> Sight:
    ids = tuple(tiny.tokenizer.encode(TEXT))
    text = Prompt(TEXT, ids, display.tokens(tiny.tokenizer, ids))
    return Sight(tiny, text, Focus(0, 0, 3), 0, stream(trace(tiny.model, ids), tiny.model), Choice({}))


def saved(path: Path, letters: str, n_ctx: int) -> Path:
    """A post-norm model of characters."""
    tokenizer = CharTokenizer.train(letters)
    shape = GPTConfig(d_vocab=tokenizer.n_vocab, n_ctx=n_ctx, n_layers=1, n_heads=2, n_kv_heads=2, d_model=8, d_mlp=16)
    save_checkpoint(path, GPT(GPTConfig(**{**vars(shape), "block": "post_norm"}), seed=0), tokenizer, {})
    return path


def test_both_travel_at_the_same_place_of_the_text(mine: Sight, tmp_path: Path) -> None:
    other = beside.sight(saved(tmp_path / "letters", TEXT, 64), mine)
    assert isinstance(other, Sight)
    before = b"".join(mine.checkpoint.tokenizer.token_bytes(id) for id in mine.text.ids[:4]).decode()
    assert other.at.token == len(before) - 1, "the letter in which token 3 ends"
    header, arrays = beside.both(mine, "tiny", "letters", other)
    pack(header, **arrays)
    assert [side["name"] for side in header["sides"]] == ["tiny", "letters"]
    assert [side["post_norm"] for side in header["sides"]] == [False, True]
    assert [side["focus"]["token"] for side in header["sides"]] == [3, len(before) - 1]
    assert arrays["0_length"].shape == (5, len(mine.text.ids))
    assert arrays["1_length"].shape == (4, len(TEXT))


@pytest.mark.parametrize(("letters", "n_ctx", "said"), [("abc", 64, "'B'"), (TEXT, 16, "context 16"), (TEXT, 0, "")])
def test_a_model_that_cannot_read_the_prompt_says_so(
    mine: Sight, tmp_path: Path, letters: str, n_ctx: int, said: str
) -> None:
    path = saved(tmp_path / "letters", letters, n_ctx) if n_ctx else tmp_path / "nowhere"
    refused = beside.sight(path, mine)
    assert isinstance(refused, str)
    assert said in refused
    header, arrays = beside.both(mine, "tiny", "letters", refused)
    pack(header, **arrays)
    assert header["refused"] == refused
    assert len(header["sides"]) == 1


def test_the_opening_names_one_until_the_reader_chooses(
    session_of: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    state = session_of(beside)
    known = {"a": tmp_path, "b": tmp_path}
    monkeypatch.setattr("explorer.widgets.on_show.start", lambda: Opening(beside="b"))
    assert beside.read(known) == "b"
    for said, shown in (("a", "a"), ("none", None), ("gone", "b")):
        state["beside"] = {"beside": said}
        beside.on_choice()
        assert beside.read(known) == shown
    assert beside.read({"a": tmp_path}) is None
