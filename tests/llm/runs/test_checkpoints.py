"""Which checkpoints stay and which one a run goes on from, on directories sealed without a model in them."""

from pathlib import Path

import pytest

from llm.checkpoint_files import CheckpointError, CheckpointWriteError, sealed, step_directory, steps
from llm.runs import checkpoints
from llm.runs.checkpoints import holds_training, newest_resumable, tidy


def seal(place: Path, step: int, training: bool = True, loss: float | None = None) -> Path:
    """A checkpoint by its files' names alone."""
    target = step_directory(place, step)
    with sealed(target, {"step": step, "validation_loss": loss}, 100) as hidden:
        for name in ("config.json", "tokenizer.json", "model.safetensors", *(["state.json"] if training else [])):
            (hidden / name).write_text(f"{name} of {step}")
    return target


def damage(checkpoint: Path) -> None:
    (checkpoint / "model.safetensors").write_text("torn")


def test_whether_it_can_be_gone_on_from(tmp_path: Path) -> None:
    assert holds_training(seal(tmp_path, 1))
    assert not holds_training(seal(tmp_path, 2, training=False))
    torn = seal(tmp_path, 3)
    (torn / "MANIFEST.json").write_text("{")
    assert holds_training(torn)


def test_none_yet(tmp_path: Path) -> None:
    assert newest_resumable(tmp_path / "none") == (None, ())
    seal(tmp_path, 0, training=False)  # before training, to look at
    assert newest_resumable(tmp_path) == (None, ())


def test_the_newest_that_is_whole_and_the_damaged_ones_go(tmp_path: Path) -> None:
    for step in (10, 20, 30):
        seal(tmp_path, step)
    seal(tmp_path, 40, training=False)
    damage(step_directory(tmp_path, 30))
    found, said = newest_resumable(tmp_path)
    assert found == step_directory(tmp_path, 20)
    assert len(said) == 1
    assert said[0].startswith("Checkpoint step-00000030 is passed over: ")
    assert sorted(steps(tmp_path)) == [10, 20, 40]


def test_all_damaged_is_an_error_that_removes_nothing(tmp_path: Path) -> None:
    for step in (10, 20):
        damage(seal(tmp_path, step))
    with pytest.raises(CheckpointError, match="no undamaged checkpoint"):
        newest_resumable(tmp_path)
    assert sorted(steps(tmp_path)) == [10, 20]


def test_weights_alone_are_to_look_at(tmp_path: Path) -> None:
    seal(tmp_path, 10, training=False)
    with pytest.raises(CheckpointError, match="none to go on from; branch a new run"):
        newest_resumable(tmp_path)


def test_tidy_keeps_the_newest_the_best_and_the_timeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losses = {0: 5.0, 10: 3.0, 20: 1.0, 30: 2.0, 40: 2.5, 50: 2.6}
    for step, loss in losses.items():
        seal(tmp_path, step, loss=loss)
    thinned: list[Path] = []
    monkeypatch.setattr(checkpoints, "thin", thinned.append)
    tidy(tmp_path, keep=2, timeline=(0, 10, 50))
    assert sorted(steps(tmp_path)) == [0, 10, 20, 40, 50]
    assert sorted(thinned) == [step_directory(tmp_path, 0), step_directory(tmp_path, 10)]


def test_what_is_thin_already_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seal(tmp_path, 0, training=False)
    seal(tmp_path, 10)
    monkeypatch.setattr(checkpoints, "thin", lambda _: pytest.fail("it is thin already"))
    tidy(tmp_path, keep=1, timeline=(0,))
    assert sorted(steps(tmp_path)) == [0, 10]


@pytest.mark.parametrize(("error", "ends"), [(CheckpointError("torn"), False), (CheckpointWriteError("full"), True)])
def test_a_damaged_look_back_ends_no_run_but_a_full_disk_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: CheckpointError, ends: bool
) -> None:
    seal(tmp_path, 0)
    seal(tmp_path, 10)

    def refuse(checkpoint: Path) -> None:
        raise error

    monkeypatch.setattr(checkpoints, "thin", refuse)
    if ends:
        with pytest.raises(CheckpointWriteError):
            tidy(tmp_path, keep=1, timeline=(0,))
    else:
        tidy(tmp_path, keep=1, timeline=(0,))
        assert sorted(steps(tmp_path)) == [0, 10]
