"""All or nothing: a kill at any point of a write leaves no damaged checkpoint in sight, and damage is passed over."""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from llm.checkpoint_files import (
    CheckpointError,
    CheckpointWarning,
    CheckpointWriteError,
    latest,
    prune,
    remove_stale,
    sealed,
    step_directory,
    steps,
    verify,
)


def write(checkpoints: Path, step: int, loss: float | None = None, overwrite: bool = False) -> Path:
    """A checkpoint of the right file names, with a few bytes in each."""
    directory = step_directory(checkpoints, step)
    with sealed(directory, {"step": step, "validation_loss": loss}, 0, overwrite) as hidden:
        for name in ("config.json", "tokenizer.json", "model.safetensors"):
            (hidden / name).write_text(f"{name} of {step}")
    return directory


def _flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def _directory_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "truncated": ("model.safetensors", lambda path: path.write_bytes(path.read_bytes()[:-1])),
    "bit flipped": ("model.safetensors", _flip),
    "empty": ("model.safetensors", lambda path: path.write_bytes(b"")),
    "deleted": ("config.json", Path.unlink),
    "a directory": ("model.safetensors", _directory_instead),
    "manifest deleted": ("MANIFEST.json", Path.unlink),
    "manifest truncated": ("MANIFEST.json", lambda path: path.write_bytes(path.read_bytes()[:-5])),
    "manifest of nothing": ("MANIFEST.json", lambda path: path.write_text("{}")),
    "manifest a list": ("MANIFEST.json", lambda path: path.write_text("[]")),
    "manifest a directory": ("MANIFEST.json", _directory_instead),
    "manifest with a path": ("MANIFEST.json", lambda path: _list_a_path(path.parent)),
    "unlisted part": ("optim.safetensors", lambda path: path.write_bytes(b"x")),
}


def _list_a_path(directory: Path) -> None:
    manifest = json.loads((directory / "MANIFEST.json").read_text())
    manifest["files"]["../x"] = {"bytes": 0, "sha256": ""}
    (directory / "MANIFEST.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_newest_checkpoint_is_passed_over_with_a_warning(tmp_path: Path, name: str) -> None:
    for step in (1, 2):
        write(tmp_path, step)
    file, damage = DAMAGES[name]
    damage(step_directory(tmp_path, 2) / file)
    with pytest.raises(CheckpointError) as caught:
        verify(step_directory(tmp_path, 2))
    assert file in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.warns(CheckpointWarning, match="step-00000002 is passed over"):
        assert latest(tmp_path) == step_directory(tmp_path, 1)


def test_no_checkpoint_is_none_and_only_damaged_ones_an_error(tmp_path: Path) -> None:
    assert latest(tmp_path / "nowhere") is None
    assert latest(tmp_path) is None
    (write(tmp_path, 3) / "config.json").unlink()
    with pytest.warns(CheckpointWarning, match="passed over"), pytest.raises(CheckpointError, match="no undamaged"):
        latest(tmp_path)


@pytest.mark.parametrize("kind", ["nothing", "a file"])
def test_what_is_no_directory_is_refused(tmp_path: Path, kind: str) -> None:
    if kind == "a file":
        (tmp_path / "x").write_text("")
    with pytest.raises(CheckpointError, match=f"expected a checkpoint directory, got {kind}"):
        verify(tmp_path / "x")


def test_files_not_part_of_it_are_left_alone(tmp_path: Path) -> None:
    directory = write(tmp_path, 1)
    (directory / "README.md").write_text("notes")
    verify(directory)
    with pytest.raises(CheckpointError, match=r"README\.md"):
        write(tmp_path, 1, overwrite=True)
    assert (directory / "README.md").exists()


def test_a_taken_name_is_refused_unless_it_may_be_replaced(tmp_path: Path) -> None:
    directory = write(tmp_path, 1, loss=1.0)
    with pytest.raises(CheckpointError, match="already exists"):
        write(tmp_path, 1)
    write(tmp_path, 1, loss=2.0, overwrite=True)
    assert verify(directory)["provenance"]["validation_loss"] == 2.0
    (tmp_path / "step-00000009").write_text("a file")
    with pytest.raises(CheckpointError, match="is a file"):
        write(tmp_path, 9, overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000001", "step-00000009"]


def test_pruning_keeps_the_newest_and_the_best(tmp_path: Path) -> None:
    for step, loss in enumerate([5.0, 1.0, 3.0, None, 2.0, 4.0]):
        write(tmp_path, step, loss)
    prune(tmp_path, keep=2)
    assert sorted(steps(tmp_path)) == [1, 4, 5]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"step-{s:08d}" for s in (1, 4, 5)]


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    def write_half() -> None:
        with sealed(tmp_path / "m", {}, 0) as hidden:
            (hidden / "config.json").write_text("{}")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_sentence_and_the_old_checkpoint_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 1)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(CheckpointWriteError, match=r"disk is full .*2,000 bytes must be free, 1,000 are"):  # noqa: SIM117
        with sealed(step_directory(tmp_path, 2), {}, 1000):
            pytest.fail("nothing may be written")
    assert latest(tmp_path) == step_directory(tmp_path, 1)


def test_provenance_that_is_not_json_is_refused_before_anything_shows(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write(tmp_path, 1, loss=float("nan"))
    assert list(tmp_path.iterdir()) == []


def test_files_get_the_mode_of_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with sealed(tmp_path / "m", {}, 0) as hidden:
            (hidden / "model.safetensors").touch(0o600)
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "m").iterdir()}
    assert modes == {0o640}


KILLED_EVERYWHERE = """
# Write step 2 twice and prune step 1, killed at the 1st, 2nd, ... touch of the disk, until no touch is left.
# torch stays out, so that a fork costs a millisecond.
import json, os, shutil, signal, sys, warnings
from pathlib import Path
from llm.checkpoint_files import latest, prune, remove_stale, sealed, step_directory, steps, verify

warnings.simplefilter("error")  # passing over a visible damaged checkpoint would be a warning
root = Path(sys.argv[1])
os.fsync = lambda handle: None  # flushing is for power cuts, not for kills

def save(checkpoints, step):
    with sealed(step_directory(checkpoints, step), {"step": step}, 0, overwrite=True) as hidden:
        for name in ("config.json", "tokenizer.json", "model.safetensors", "optim.safetensors", "state.json"):
            (hidden / name).write_text(f"{name} of {step}" * 100)

def child(checkpoints, last):
    touched = 0
    def touch(*_):
        nonlocal touched
        touched += 1
        if touched == last:
            os.kill(os.getpid(), signal.SIGKILL)
    def hook(event, arguments):
        if event in {"open", "os.mkdir", "os.rename", "os.chmod", "os.remove", "os.rmdir"}:
            touch()
    os.fsync = lambda handle: (touch(), touch())
    sys.addaudithook(hook)
    save(checkpoints, 2)
    save(checkpoints, 2)
    prune(checkpoints, keep=1)

save(root / "first", 1)
seen, signaled = [], True
while signaled:
    checkpoints = root / str(len(seen))
    shutil.copytree(root / "first", checkpoints)
    pid = os.fork()
    if pid == 0:
        try:
            child(checkpoints, len(seen) + 1)
        finally:
            os._exit(0)
    signaled = os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    assert latest(checkpoints) is not None
    for path in steps(checkpoints).values():
        verify(path)
    seen.append([signaled, sorted(steps(checkpoints)), len(list(checkpoints.glob(".tmp-*")))])
    remove_stale(checkpoints)
    assert not list(checkpoints.glob(".tmp-*"))
    save(checkpoints, 2)
    assert 2 in steps(checkpoints)
    shutil.rmtree(checkpoints)
print(json.dumps(seen))
"""


def test_a_kill_at_any_point_of_a_write_leaves_no_damaged_checkpoint_in_sight(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED_EVERYWHERE, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert len(seen) > 70  # points of the protocol that were tried
    assert [killed for killed, _, _ in seen] == [True] * (len(seen) - 1) + [False]
    assert {tuple(visible) for _, visible, _ in seen} == {(1,), (1, 2), (2,)}
    assert max(left for _, _, left in seen) == 2  # a kill does leave litter, which the next start removes
    assert seen[-1] == [False, [2], 0]


def test_cut_off_between_the_two_renames_of_an_overwrite_the_old_one_stands_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = write(tmp_path, 7)
    rename, renames = Path.rename, []

    def interrupted(self: Path, target: Path) -> Path:
        renames.append(self)
        if len(renames) == 2:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, 7, overwrite=True)
    verify(directory)
    assert [path.name for path in tmp_path.iterdir()] == [directory.name]


def test_killed_between_the_two_renames_the_next_start_puts_the_old_one_back(tmp_path: Path) -> None:
    directory = write(tmp_path, 7)
    directory.rename(tmp_path / f".tmp-{directory.name}-0123456789ab-old")
    remove_stale(tmp_path)
    verify(directory)
    assert latest(tmp_path) == directory
