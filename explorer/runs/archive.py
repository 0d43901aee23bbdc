"""A run as a zip to take along, and back: nothing in a zip is believed before it has been checked."""

from __future__ import annotations

import io
import json
import shutil
import stat
import struct
import zipfile
import zlib
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO

from explorer.file_names import is_plain
from explorer.runs import names
from explorer.runs.store import Runs
from explorer.runs.submission import TEXT, TOKENIZER
from llm.checkpoint_files import FILES, MANIFEST, CheckpointError, verify
from llm.model.config import ConfigError
from llm.runs.config import RunConfig, RunError
from llm.runs.directory import ENDED, LARGEST_JSON, RunDirectory, Status
from llm.runs.events import now
from llm.tokenizers.load import FILES as TOKENIZER_FILES

LARGEST = 4 * 2**30  # bytes of a run
MOST = 5000  # files of a run
_GROWTH = 30, 64 * 2**20  # bytes out for a byte in, and beyond that: honest logs stay far below, bombs do not
_JSON = ("run.json", "status.json", "label.json")
_TOKENIZER = tuple(f"{TOKENIZER.name}/{file}" for file in TOKENIZER_FILES)
_PLAIN = (*_JSON, "metrics.jsonl", "samples.jsonl", "events.jsonl", TEXT.name, *_TOKENIZER)
_LEFT_OUT = ("control.json", "lock", "log.txt")  # of this machine alone
_CHUNK = 2**20
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    ValueError,
    KeyError,
)


def export_zip(run: RunDirectory) -> bytes:
    """The whole run, but what belongs to this machine alone."""
    file = io.BytesIO()
    write_zip(run, file)
    return file.getvalue()


def write_zip(run: RunDirectory, file: IO[bytes]) -> None:
    """The same into a file; a run that is being trained may go on meanwhile. Raises RunError."""
    run.record()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as made:
        for name in _PLAIN:
            if (run.path / name).is_file():
                made.write(run.path / name, name)
        for directory in [run.start, *run.steps().values()]:
            _write_checkpoint(made, directory, directory.relative_to(run.path).as_posix())


def _write_checkpoint(made: zipfile.ZipFile, directory: Path, name: str) -> None:
    """All its files or none: it is opened whole first, since it may be removed or thinned at any moment."""
    for _ in range(3):
        with ExitStack() as opened:
            try:
                manifest = json.loads((directory / MANIFEST).read_bytes())
                handles = {file: opened.enter_context((directory / file).open("rb")) for file in manifest["files"]}
                sizes = {file: handle.seek(0, io.SEEK_END) for file, handle in handles.items()}
            except FileNotFoundError:
                continue
            except (OSError, ValueError, KeyError, TypeError):
                return
            if any(sizes[file] != listed["bytes"] for file, listed in manifest["files"].items()):
                continue
            made.writestr(f"{name}/{MANIFEST}", json.dumps(manifest, indent=1))
            for file, handle in handles.items():
                handle.seek(0)
                entry = zipfile.ZipInfo(f"{name}/{file}")  # weights do not shrink: stored
                entry.external_attr = 0o644 << 16
                with made.open(entry, "w", force_zip64=True) as target:
                    shutil.copyfileobj(handle, target, _CHUNK)
            return


def import_zip(file: IO[bytes], runs: Runs) -> str:
    """The run in a zip, as a new one of this home; its id. Raises RunError, in a sentence, and leaves nothing then."""
    try:
        with zipfile.ZipFile(file) as given, runs.hidden() as place:
            _extract(given, place)
            _check(run := RunDirectory(place))
            if (name := run.label().name) and name in {other.label().name for other in runs.own()}:
                run.set_label(name=names.label(f"{name}, imported"))
            return runs.adopt(place)
    except RunError:
        raise
    except _BROKEN as error:
        raise RunError(f"This is no zip that can be read ({error}); export the run again.") from error
    except OSError as error:
        raise RunError(
            f"The zip could not be taken in: {error.strerror or error}; see that the disk has room."
        ) from error


def _extract(given: zipfile.ZipFile, place: Path) -> None:
    entries = _entries(given)
    total = sum(entry.file_size for entry in entries.values())
    factor, extra = _GROWTH
    if (
        len(entries) > MOST
        or total > LARGEST
        or total > factor * sum(e.compress_size for e in entries.values()) + extra
    ):
        raise RunError(f"The zip would grow to {total:,} bytes in {len(entries):,} files, which no run does.")
    if (free := shutil.disk_usage(place).free) < 1.1 * total:
        raise RunError(f"The run needs {total:,} bytes and the disk has {free:,} free; make room, then import again.")
    for name, entry in entries.items():
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with given.open(entry) as source, target.open("xb") as sink:
            left = entry.file_size
            while chunk := source.read(min(_CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    raise RunError(f"The zip's {name!r:.80} is larger than it says; export the run again.")
                sink.write(chunk)


def _entries(given: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """What to take out, by its place in a run's directory."""
    if len(given.infolist()) > 2 * MOST:
        raise RunError(f"The zip holds {len(given.infolist()):,} files, which no run does.")
    found: dict[str, zipfile.ZipInfo] = {}
    folder = _folder(given)
    for entry in given.infolist():
        name = entry.filename
        if entry.is_dir() or name.startswith("__MACOSX/") or PurePosixPath(name).name == ".DS_Store":
            continue
        name = name.removeprefix(folder)
        parts = name.split("/")
        if name in _LEFT_OUT or (len(parts) == 3 and parts[0] == "checkpoints" and parts[1].startswith(".tmp-")):
            continue
        if stat.S_ISLNK(entry.external_attr >> 16) or entry.flag_bits & 1 or not _belongs(parts):
            raise RunError(f"The zip holds {entry.filename!r:.80}, which is no part of a run; export the run again.")
        if name in found:
            raise RunError(f"The zip holds {name!r:.80} twice; export the run again.")
        if name in _JSON and entry.file_size > LARGEST_JSON:
            raise RunError(f"The zip's {name} has {entry.file_size:,} bytes, which no run's has.")
        found[name] = entry
    if "run.json" not in found:
        raise RunError("The zip holds no run: run.json is missing; give one that Vitrine exported.")
    return found


def _folder(given: zipfile.ZipFile) -> str:
    """The one folder that all lies in, as when a person zipped a run's directory; else nothing."""
    for name in given.namelist():
        first, slash, rest = name.partition("/")
        if slash and rest == "run.json" and is_plain(first):
            return f"{first}/"
    return ""


def _belongs(parts: list[str]) -> bool:
    match parts:
        case [name]:
            return name in _PLAIN
        case [TOKENIZER.name, name]:
            return name in TOKENIZER_FILES
        case ["start", name]:
            return name in FILES
        case ["checkpoints", step, name]:
            digits = step.removeprefix("step-")
            return (
                step.startswith("step-")
                and digits.isascii()
                and digits.isdecimal()
                and 8 <= len(digits) <= 12
                and name in FILES
            )
    return False


def _check(run: RunDirectory) -> None:
    """Recipe and checkpoints must be sound; then make it a run of this home, that no process works on."""
    try:
        config = RunConfig.from_dict(run.record()["config"])
    except (RunError, ConfigError, KeyError, TypeError) as error:
        reason = str(error).replace(str(run.path), "the zip")
        raise RunError(f"The zip's run.json cannot be used: {reason}") from error
    for checkpoint in [*run.steps().values(), *([run.start] if run.start.exists() else [])]:
        try:
            verify(checkpoint)
        except CheckpointError as error:
            reason = str(error).replace(f"{run.path}/", "")
            raise RunError(f"The zip's checkpoint is refused: {reason}") from error
    if config.corpus_file is not None:  # no file of this machine, whatever it says
        config = replace(config, corpus_file=TEXT)
    if config.tokenizer.directory is not None:
        called = names.label(config.tokenizer.name)
        config = replace(config, tokenizer=replace(config.tokenizer, directory=TOKENIZER, name=called))
    run.write_record(config, export=None)
    label, status = run.label(), run.status()
    run.set_label(name=names.label(label.name), note=names.note(label.note))
    if status.state not in ENDED or status.pid is not None:
        step = max(run.steps(), default=0)
        said = "It was not finished when it was exported."
        status = Status("stopped", step, config.training.steps, said, seconds=status.seconds)
    run.write_status(replace(status, pid=None, process_started=None, updated=now()))
