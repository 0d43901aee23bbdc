"""The living model: what the browser is told, and that no state of the checkpoints on disk breaks it."""

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer import display
from explorer.analysis.probe import change
from explorer.analysis.samples import sample_at
from explorer.widgets import living_model as module
from explorer.widgets.component import pack
from explorer.widgets.living_model import Seen, look, payload, waiting
from llm.checkpoint import load_checkpoint
from llm.checkpoint_files import step_directory
from llm.corpora.catalog import documents
from llm.runs.directory import RunDirectory, Status
from llm.tokenizers.char import CharTokenizer
from tests.tiny_run import STEPS, add_checkpoint, tiny_run


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return tiny_run(tmp_path / "run")


def readable(run: RunDirectory) -> Seen:
    seen = look(run)
    assert isinstance(seen, Seen), seen
    return seen


def damage(run: RunDirectory, step: int) -> None:
    path = step_directory(run.checkpoints, step) / "model.safetensors"
    raw = path.read_bytes()
    path.write_bytes(raw[:-4] + bytes(4 * [raw[-1] ^ 255]))


def test_payload_tells_the_model_and_its_sample(run: RunDirectory) -> None:
    seen, sample = readable(run), sample_at(run.samples, 200)
    assert sample
    assert seen.before
    header, arrays = payload(seen, sample, live=True)
    assert len(pack(header, **arrays)) < 60_000
    assert (header["step"], header["before"], header["heads"], header["note"]) == (200, 100, [2, 4], "")
    assert np.array_equal(arrays["change"], change(seen.probe, seen.before[1]))  # type: ignore[arg-type]
    assert arrays["change"].max() <= header["full"]
    assert len(header["tokens"]) == len(arrays["loss"]) + 1 == len(arrays["told"]) + 1
    assert len(header["top"]) == arrays["top_p"].size
    assert len(header["sample"]["tokens"]) == len(arrays["surprise"]) == 12
    assert header["mean_loss"] == pytest.approx(arrays["loss"].mean())
    tokenizer = load_checkpoint(run.steps()[200]).tokenizer
    assert header["tokens"][0] == display.tokens(tokenizer, seen.probe.ids[:1])[0].wire()


def test_a_sample_of_a_prompt_shows_it_first(run: RunDirectory) -> None:
    seen, sample = readable(run), sample_at(run.samples, 200)
    assert sample
    told = payload(seen, replace(sample, prompt="1+1="), live=False)[0]["sample"]
    assert told["n_prompt"] == 4
    assert "".join(token["pieces"][0] for token in told["tokens"][:4]) == "1+1="
    for other in (replace(sample, prompt="no digits"), replace(sample, ids=(10**6,) * 12)):
        assert payload(seen, other, live=False)[0]["sample"] is None


def test_the_same_checkpoint_gives_the_same_bytes(run: RunDirectory) -> None:
    made = []
    for _ in range(2):
        seen = readable(run)
        header, arrays = payload(seen, sample_at(run.samples, seen.step), live=False)
        made.append(pack(header, **arrays))
    assert made[0] == made[1]


def test_the_first_checkpoint_has_nothing_to_compare(run: RunDirectory) -> None:
    for step in STEPS[1:]:
        shutil.rmtree(run.steps()[step])
    seen = readable(run)
    header, arrays = payload(seen, None, live=True)
    assert header["before"] is header["mean_before"] is header["sample"] is None
    assert "change" not in arrays


def test_a_damaged_checkpoint_is_named_and_passed_over(run: RunDirectory) -> None:
    damage(run, 200)
    seen = readable(run)
    assert (seen.step, seen.before and seen.before[0]) == (100, 0)
    assert "step 200 is passed over" in seen.note
    assert "model.safetensors is damaged" in seen.note


def test_all_damaged_says_so(run: RunDirectory) -> None:
    for step in STEPS:
        damage(run, step)
    said = look(run)
    assert isinstance(said, str)
    assert "step 0 is passed over" in waiting(run, run.status(), said)[0]["waiting"]


def test_a_checkpoint_gone_a_moment_ago_is_not_spoken_of(run: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run.steps()
    shutil.rmtree(found[200])
    monkeypatch.setattr(RunDirectory, "steps", lambda self: found)
    seen = readable(run)
    assert (seen.step, seen.note) == (100, "")


def test_it_holds_while_checkpoints_come_and_go(run: RunDirectory) -> None:
    model, tokenizer = (load_checkpoint(run.steps()[0]).model, load_checkpoint(run.steps()[0]).tokenizer)
    failed: list[BaseException] = []

    def write() -> None:
        try:
            for step in range(201, 216):
                add_checkpoint(run, step, model, tokenizer)
                add_checkpoint(run, step - 1, model, tokenizer)  # replaced in place, as by thinning
                shutil.rmtree(step_directory(run.checkpoints, step - 1))
        except BaseException as error:
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    while writer.is_alive():
        now = readable(run)
        seen.append(now.step)
        payload(now, sample_at(run.samples, now.step), live=True)
    writer.join()
    assert not failed
    assert seen
    assert readable(run).step == 215


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status("queued"), "queue"),
        (Status("preparing", message="Learning 1,024 tokens"), "Learning 1,024 tokens"),
        (Status("running", step=12, steps=200), "Step 12 of 200; the first checkpoint comes at step 100"),
        (Status("running", step=0, steps=200), "the first checkpoint is being written"),
        (Status("paused", step=12, steps=200), "Paused at step 12"),
        (Status("failed", message="Out of memory."), "no checkpoint to look at. Out of memory."),
    ],
    ids=lambda value: value.state if isinstance(value, Status) else "",
)
def test_no_checkpoint_yet_says_what_is_going_on(run: RunDirectory, status: Status, said: str) -> None:
    shutil.rmtree(run.checkpoints)
    assert look(run) == ""
    header, arrays = waiting(run, status, "")
    assert said in header["waiting"]
    assert header["heads"] == [2, 4], "the model to come"
    assert not arrays


def test_a_run_without_its_text_reads_an_example(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run", "stories")
    config = replace(run.config(), corpus="file", corpus_file=Path("gone.txt"))
    run.write_record(config)
    seen = readable(run)
    assert "gone.txt" in seen.note
    assert seen.step == 200


@pytest.mark.parametrize(
    "shape",
    [{"n_layers": 12, "n_heads": 12, "n_kv_heads": 12, "d_model": 48}, {"n_layers": 32}, {"mlp": "none"}],
    ids=str,
)
def test_any_shape_fits(tmp_path: Path, shape: dict[str, int | str]) -> None:
    run = tiny_run(tmp_path / "run", "repeats", **shape)
    seen = readable(run)
    header, arrays = payload(seen, sample_at(run.samples, 200), live=False)
    assert arrays["change"].shape == tuple(header["heads"])
    assert len(header["words"]) == arrays["change"].size
    assert len(pack(header, **arrays)) < 700_000


def test_the_probe_is_held_out_of_this_run(run: RunDirectory) -> None:
    seen = readable(run)
    config = run.config()
    known = CharTokenizer.train(documents(config.corpus, 0, config.corpus_chars))
    assert known.decode(seen.probe.ids).count("=") == 2, "two sums"


def test_a_head_that_the_model_on_show_lacks_stays_until_the_focus_moves(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = {"at": (1, 1)}  # the model on show has two heads, the run has four
    monkeypatch.setattr("explorer.widgets.focus.within", lambda layers, heads: shared["at"])
    monkeypatch.setattr("streamlit.session_state", {"_key_clicked": {"run": run.path, "layer": 1, "head": 3}})
    assert module._head(run, [2, 4], "key") == module._head(run, [2, 4], "key") == (1, 3)
    shared["at"] = (0, 1)
    assert module._head(run, [2, 4], "key") == (0, 1)
    assert module._head(RunDirectory(run.path / "other"), [2, 4], "key") == (0, 1)


def _drawn_until_it_reads(path: str) -> None:
    from pathlib import Path

    import streamlit as st

    from explorer.widgets import living_model as module
    from llm.runs.directory import RunDirectory

    module.look = lambda run: st.stop()
    module.living_model(RunDirectory(Path(path)), "living_model")


def test_what_is_read_is_said_before_it_is_read(run: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "look", look)  # given back, whatever the page makes of it
    app = AppTest.from_function(_drawn_until_it_reads, args=(str(run.path),)).run()
    assert not app.exception
    assert "Reading the checkpoint of step 200" in app.get("html")[0].proto.body
    assert not app.get("bidi_component")
