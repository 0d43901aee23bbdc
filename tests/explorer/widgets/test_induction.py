"""What the browser is sent of a birth: shapes, numbers that are the passes' own, and the reader's row."""

from pathlib import Path

import numpy as np
import pytest

from explorer.analysis.birth import moment, moment_on_row, silenced
from explorer.widgets import births, induction_gather
from explorer.widgets.component import pack
from explorer.widgets.induction import lead, payload, so_far
from explorer.widgets.induction_gather import Asked, Birth, gather
from explorer.widgets.induction_row import said_over, the_row
from llm.checkpoint import load_checkpoint, save_checkpoint
from llm.checkpoint_files import step_directory
from llm.corpora.repeats import CHARACTERS
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.tokenizers.char import CharTokenizer

TOKENIZER = CharTokenizer.train(CHARACTERS)
CONFIG = GPTConfig(
    d_vocab=TOKENIZER.n_vocab, n_ctx=24, n_layers=2, n_heads=2, n_kv_heads=2, d_model=16, d_mlp=32, mlp="none"
)


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Two checkpoints of random weights, and a third that is damaged."""
    home = tmp_path_factory.mktemp("run")
    steps = {step: step_directory(home, step) for step in (0, 10, 20)}
    for step, path in steps.items():
        save_checkpoint(path, GPT(CONFIG, seed=step), TOKENIZER, {})
    (steps[20] / "model.safetensors").write_bytes(b"damaged")
    return steps


def _gathered(checkpoints: dict[int, Path], **asked: object) -> Birth:
    birth = gather(checkpoints, 0, Asked(**asked), patience=60)  # type: ignore[arg-type]
    assert birth
    return birth


def test_the_payload_holds_the_numbers_of_true_passes(checkpoints: dict[int, Path]) -> None:
    birth = _gathered(checkpoints, silent="0.1")
    header, arrays = payload(birth, Asked(silent="0.1"))
    K, L, H, T, A = 2, 2, 2, 24, 4
    assert header["steps"] == [0, 10]
    assert "1 checkpoint cannot be read" in header["note"]
    assert header["pending"] == 0
    assert header["silent"] == {"key": "0.1", "way": "zero"}
    assert arrays["loss"].shape == (2, K)
    assert arrays["silenced"].shape == (2, 2, A, K)
    assert arrays["pattern"].shape == arrays["pattern_silent"].shape == (K, L, H, T, T)
    assert arrays["pattern"].dtype == np.uint8
    assert arrays["row_loss"].shape == (K, T)
    assert arrays["composition"].shape == (K, L * H)
    checkpoint = load_checkpoint(checkpoints[10])
    checkpoint.model.eval().requires_grad_(False)
    found, row = moment(checkpoint, birth.rows), birth.row.ids
    np.testing.assert_allclose(arrays["loss"][:, 1], [found.new, found.copied], rtol=1e-5)
    np.testing.assert_allclose(arrays["induction"][1], found.induction.ravel(), rtol=1e-5)
    sets = tuple(birth.sets.values())
    np.testing.assert_allclose(arrays["silenced"][0, ..., 1], silenced(checkpoint, birth.rows, sets), rtol=1e-5)
    assert np.isnan(arrays["silenced"][1]).all()
    quiet = moment_on_row(checkpoint, birth.rows, row, ((0, 1),))
    np.testing.assert_array_equal(arrays["pattern_silent"][1], quiet.pattern)
    assert len(pack(header, **arrays)) < 100_000


def test_what_is_not_run_yet_is_pending_and_has_no_number(
    checkpoints: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(induction_gather, "KEPT", -1.0)  # as if every pass were slow
    birth = gather(checkpoints, 5, Asked(), patience=-1)
    assert birth
    assert birth.pending == 1
    header, arrays = payload(birth, Asked())
    assert header["pending"] == 1
    assert np.isnan(arrays["silenced"][..., 0]).all()
    assert np.isfinite(arrays["silenced"][0, ..., 1]).all()
    assert header["silent"] is None
    assert "pattern_silent" not in arrays


def test_nothing_readable_is_nothing(checkpoints: dict[int, Path], tmp_path: Path) -> None:
    assert gather({}, 0, Asked()) is None
    assert gather({20: checkpoints[20]}, 0, Asked()) is None
    assert gather({0: tmp_path / "gone"}, 0, Asked()) is None


def test_the_lead_says_when_there_is_no_head_yet(checkpoints: dict[int, Path]) -> None:
    birth = _gathered(checkpoints)
    assert lead(birth).startswith("No head has become an induction head by step 10")
    assert so_far(birth).startswith("No head has become an induction head so far.")


def test_the_readers_row(checkpoints: dict[int, Path]) -> None:
    rows = _gathered(checkpoints).rows
    own = the_row("abcabc", TOKENIZER, rows)
    assert own.own
    assert len(own.ids) == 7
    assert the_row("a", TOKENIZER, rows).ids[1:] == tuple(TOKENIZER.encode("a"))
    long = the_row("ab" * 40, TOKENIZER, rows)
    assert len(long.ids) == 25
    assert "56 characters" in long.note
    for text, said in [("é", "cannot read it"), ("", "")]:
        held_out = the_row(text, TOKENIZER, rows)
        assert not held_out.own
        assert len(held_out.ids) == 25
        assert said in held_out.note


@pytest.mark.parametrize(
    ("text", "found"),
    [("abcabc", (0, 3)), ("xyabcdabcdab", (2, 4)), ("abcdef", (0, 0)), ("a", (0, 0)), ("", (0, 0)), ("aaaa", (0, 2))],
)
def test_a_list_that_is_said_over(text: str, found: tuple[int, int]) -> None:
    assert said_over([ord(c) for c in text]) == found


def test_a_junk_address_is_no_choice() -> None:
    assert births.choices({"text": None, "silent": 3, "way": "burn", "at": "-1"}) == Asked()
    assert births.choices({"text": "ab", "silent": "0.1", "way": "mean", "at": "20"}) == Asked("ab", "0.1", "mean", 20)
    assert births.choices({"text": "x" * 9000}).text == "x" * 500
    assert births.choices({"follow": "yes"}) == Asked()
