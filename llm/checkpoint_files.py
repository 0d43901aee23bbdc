"""A checkpoint as a directory: written in full or not at all, checked by hash before anyone reads it.

Files go to a hidden directory beside the target, are flushed, and listed with size and SHA-256 in MANIFEST.json; one
rename then makes them visible. A kill at any moment leaves at worst a hidden directory.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import uuid
import warnings
from collections.abc import Collection, Iterator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

MANIFEST = "MANIFEST.json"
FORMAT, VERSION = "vitrine-checkpoint", 1
FILES = frozenset(
    {MANIFEST, "config.json", "tokenizer.json", "tokenizer.tiktoken", "model.safetensors", "optim.safetensors"}
    | {"state.json"}
)
_STEP = re.compile(r"step-(\d{8,})")
_HIDDEN = ".tmp-"
_LARGEST_JSON = 64 * 2**20  # bytes; far above any config, manifest or tokenizer


class CheckpointError(ValueError):
    """A checkpoint that cannot be written or must not be read; the message is one sentence that names the file."""


class CheckpointWriteError(CheckpointError):
    """The disk refused a checkpoint; those before it are as they were."""


class CheckpointWarning(UserWarning):
    """A damaged checkpoint was passed over."""


def step_directory(checkpoints: Path, step: int) -> Path:
    """Where the checkpoint of `step` lives: zero-padded, so that names sort by step."""
    return checkpoints / f"step-{step:08d}"


@contextmanager
def sealed(directory: Path, provenance: Mapping[str, Any], n_bytes: int, overwrite: bool = False) -> Iterator[Path]:
    """A hidden directory to fill, which becomes `directory` when the block ends well and disappears otherwise.

    `n_bytes` is about what will be written: twice that must be free. `overwrite` replaces a checkpoint, never anything
    else. Raises CheckpointError if `directory` is taken, or on any failure of the disk.
    """
    directory = directory.absolute()
    require_free_name(directory, overwrite)
    token = uuid.uuid4().hex[:12]
    hidden = directory.parent / f"{_HIDDEN}{directory.name}-{token}"
    replaced = directory.parent / f"{_HIDDEN}{directory.name}-{token}-old"
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        if (free := shutil.disk_usage(directory.parent).free) < 2 * n_bytes:
            raise OSError(errno.ENOSPC, f"{2 * n_bytes:,} bytes must be free, {free:,} are")
        hidden.mkdir()
        yield hidden
        _seal(hidden, provenance)
        if directory.exists():
            directory.rename(replaced)
        hidden.rename(directory)
        _flush(directory.parent)
    except OSError as error:
        reason = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "the disk refused"
        raise CheckpointWriteError(f"{directory} could not be written: {reason} ({error}).") from error
    finally:
        if replaced.exists() and not directory.exists():  # cut off between the two renames: the old one stands again
            replaced.rename(directory)
        shutil.rmtree(hidden, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)


def require_free_name(directory: Path, overwrite: bool) -> None:
    """Raise CheckpointError unless a checkpoint may be written at `directory`: nothing, or a checkpoint to replace."""
    if not directory.exists():
        return
    if not directory.is_dir():
        raise CheckpointError(f"{directory} is a file, where a checkpoint directory was to be written.")
    found = {path.name for path in directory.iterdir()}
    if found and not overwrite:
        raise CheckpointError(f"{directory} already exists; choose another name, or remove it.")
    if foreign := sorted(found - FILES):
        raise CheckpointError(
            f"{directory} holds {foreign[0]!r}, which is no part of a checkpoint; choose another name."
        )


def verify(
    directory: Path,
    known: Set[str] = FILES,
    needed: Set[str] = frozenset({"config.json", "tokenizer.json", "model.safetensors"}),
) -> dict[str, Any]:
    """The manifest of an undamaged checkpoint: every listed file there, with its size and hash, and none unlisted.

    Of another sealed directory, `known` names what it may hold and `needed` what it must. Raises CheckpointError naming
    the first file that is wrong.
    """
    if not directory.is_dir():
        kind = "a file" if directory.exists() else "nothing"
        raise CheckpointError(f"{directory}: expected a checkpoint directory, got {kind}; check the path.")
    path = directory / MANIFEST
    manifest = read_json(path)
    if manifest.get("format") != FORMAT or manifest.get("version") != VERSION:
        _damaged(path, f"it is not of format {FORMAT} version {VERSION}")
    files, provenance = manifest.get("files"), manifest.get("provenance")
    if not isinstance(files, dict) or not isinstance(provenance, dict):
        _damaged(path, "it lacks its list of files or its provenance")
    if foreign := sorted(set(files) - known):
        _damaged(path, f"it lists {foreign[0]!r}, which is no part of a checkpoint")
    if missing := sorted(needed - set(files)):
        _damaged(path, f"it does not list {missing[0]}")
    for name in sorted(known - {MANIFEST} - set(files)):
        if (directory / name).exists():
            _damaged(directory / name, f"{MANIFEST} does not list it")
    for name, listed in files.items():
        _verify_file(directory / name, listed)
    return manifest


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file, NaN and Infinity refused; CheckpointError otherwise."""
    try:
        if path.stat().st_size > _LARGEST_JSON:
            _damaged(path, f"it is larger than {_LARGEST_JSON:,} bytes")
        values = json.loads(path.read_bytes(), parse_constant=lambda word: _damaged(path, f"it holds {word}"))
    except FileNotFoundError:
        raise CheckpointError(f"{path} is missing; the checkpoint is not complete.") from None
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or error}.") from error
    except CheckpointError:
        raise
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} is damaged: it is not JSON ({error}).") from error
    if not isinstance(values, dict):
        _damaged(path, "it holds no object")
    return values


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Readable JSON; ValueError on NaN and Infinity, which are not JSON."""
    path.write_text(json.dumps(values, indent=1, allow_nan=False, ensure_ascii=False) + "\n", encoding="utf-8")


def latest(checkpoints: Path) -> Path | None:
    """The newest undamaged step-* directory, or None if there is none; a CheckpointWarning for each passed over.

    Raises CheckpointError when every one is damaged.
    """
    found, reason = steps(checkpoints), ""
    for step in sorted(found, reverse=True):
        try:
            verify(found[step])
        except CheckpointError as error:
            reason = str(error)
            warnings.warn(f"Checkpoint {found[step].name} is passed over: {reason}", CheckpointWarning, stacklevel=2)
        else:
            return found[step]
    if found:
        raise CheckpointError(f"{checkpoints} has no undamaged checkpoint; of the oldest: {reason}")
    return None


def steps(checkpoints: Path) -> dict[int, Path]:
    """Every visible step-* directory by its step, unverified."""
    if not checkpoints.is_dir():
        return {}
    matches = ((_STEP.fullmatch(path.name), path) for path in checkpoints.iterdir() if path.is_dir())
    return {int(match[1]): path for match, path in matches if match}


def prune(checkpoints: Path, keep: int = 2, spared: Collection[int] = ()) -> set[int]:
    """Delete all but the newest `keep` checkpoints, the one of lowest recorded validation loss, and those of `spared`
    steps; the steps of the newest and the best."""
    found = steps(checkpoints)
    losses: dict[int, float] = {}
    for step, path in found.items():
        try:
            loss = read_json(path / MANIFEST)["provenance"]["validation_loss"]
        except (CheckpointError, KeyError, TypeError):
            continue
        if isinstance(loss, int | float):
            losses[step] = loss
    kept = {*sorted(found)[-keep:], *sorted(losses, key=lambda step: (losses[step], step))[:1]}
    for step in set(found) - kept - set(spared):
        drop(found[step])
    return kept


def drop(checkpoint: Path) -> None:
    """Delete it: first out of sight, so that no half-deleted one is ever seen."""
    hidden = checkpoint.parent / f"{_HIDDEN}{checkpoint.name}-pruned"
    checkpoint.rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def remove_stale(checkpoints: Path) -> None:
    """Delete what a killed writer left, and put back what it was about to replace; only for the one process that
    writes here."""
    for path in checkpoints.glob(f"{_HIDDEN}*-old"):
        name = path.name.removeprefix(_HIDDEN).removesuffix("-old").rpartition("-")[0]
        if name and not (checkpoints / name).exists():
            path.rename(checkpoints / name)
    for path in checkpoints.glob(f"{_HIDDEN}*"):
        shutil.rmtree(path, ignore_errors=True)


def _seal(hidden: Path, provenance: Mapping[str, Any]) -> None:
    mode = hidden.stat().st_mode & 0o666  # safetensors writes 0600, whatever the umask
    listed = {}
    for path in sorted(hidden.iterdir()):
        path.chmod(mode)
        _flush(path)
        listed[path.name] = {"bytes": path.stat().st_size, "sha256": _sha256(path)}
    write_json(
        hidden / MANIFEST,
        {"format": FORMAT, "version": VERSION, "files": listed, "provenance": dict(provenance)},
    )
    _flush(hidden / MANIFEST)
    _flush(hidden)


def _verify_file(path: Path, listed: Any) -> None:
    if not path.is_file():
        _damaged(path, "it is a directory") if path.exists() else _damaged(path, "it is missing")
    if not isinstance(listed, dict):
        _damaged(path, f"{MANIFEST} gives no size and hash for it")
    size = path.stat().st_size
    if size != listed.get("bytes"):
        _damaged(path, f"{MANIFEST} says {listed.get('bytes')} bytes, it has {size}")
    if _sha256(path) != listed.get("sha256"):
        _damaged(path, f"its SHA-256 is not the one in {MANIFEST}")


def _damaged(path: Path, what: str) -> NoReturn:
    raise CheckpointError(f"{path} is damaged: {what}; use another checkpoint, or write this one again.")


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or error}.") from error


def _flush(path: Path) -> None:
    """Make a file's bytes, or a directory's entries, survive a power cut; Windows flushes neither that is not open."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
