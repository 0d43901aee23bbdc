"""`python -m explorer runs ...`: a home's runs from a terminal. Exit code 0: done, 1: refused, 2: asked wrongly."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from explorer import paths
from explorer.runs.archive import import_zip, write_zip
from explorer.runs.cli_words import facts, summary, table
from explorer.runs.store import Runs
from explorer.runs.tensorboard import export_events
from explorer.runs.training import GRACE, Training
from llm.checkpoint_files import CheckpointError
from llm.runs.config import RunError
from llm.runs.directory import RunDirectory

Done = tuple[str, Any]  # what is said, and the same as JSON
_WHICH = "an id, its beginning, its last four letters, or a name"
_FREE = "no worker is there to start it: `python -m explorer` has one, `python -m explorer worker` is one"


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments ask."""
    given = _parser().parse_args(argv)
    try:
        runs = Runs(paths.use_home(given.home), paths.ASSETS / "runs")
    except paths.HomeError as error:
        print(f"explorer: {error}", file=sys.stderr)
        return 2
    try:
        words, values = given.act(runs, given)
    except (RunError, CheckpointError) as error:
        print(f"explorer: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.filename and error.strerror else error
        print(f"explorer: {reason}; see that it is there and who may use it.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1
    try:
        print(json.dumps(values, indent=1, ensure_ascii=True) if given.json else words, flush=True)
    except BrokenPipeError:  # head has seen enough
        sys.stdout = None
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m explorer runs", description="The runs of your home directory.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, act: Callable[[Runs, argparse.Namespace], Done], words: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=words, description=f"{words[:1].upper()}{words[1:]}.")
        made.add_argument("--home", help=f"directory of your runs (default: ${paths.VARIABLE}, or your user data)")
        made.add_argument("--json", action="store_true", help="answer in JSON")
        made.set_defaults(act=act)
        return made

    def of_runs(name: str, verb: Callable[[Runs, str], str], words: str) -> None:
        command(name, _each(verb), words).add_argument("run", nargs="+", help=_WHICH)

    command("ls", _ls, "list all runs, or those in the trash").add_argument("--trash", action="store_true")
    command("show", _show, "show where a run stands and what it is").add_argument("run", help=_WHICH)
    of_runs("pause", _pause, "let runs wait, with a checkpoint")
    of_runs("resume", _resume, "let runs go on, from where they were or from their newest checkpoint")
    of_runs("stop", _stop, "end runs, with a checkpoint")
    of_runs("rm", _rm, "move runs to the trash")
    command("restore", _restore, "bring runs back out of the trash").add_argument("run", nargs="+")
    command("empty-trash", _empty_trash, "throw away for good what is in the trash")
    export = command("export", _export, "write a run into a zip")
    export.add_argument("run")
    export.add_argument("zip", nargs="?", type=Path, help="the file to write (default: <id>.zip here)")
    command("import", _import, "take in a run from a zip").add_argument("zip", type=Path)
    command("reindex", _reindex, "make the queue anew from the runs' directories")
    tensorboard = command("tensorboard", _tensorboard, "write runs' curves as TensorBoard's event files")
    tensorboard.add_argument("run", nargs="+")
    tensorboard.add_argument("directory", type=Path)
    return parser


def _named(runs: Runs, word: str, among: Sequence[RunDirectory] | None = None) -> str:
    """The id that is meant: itself, its beginning, its last four letters or the run's name, if they are one run's."""
    found = runs.all() if among is None else among
    exact = [run.id for run in found if run.id == word]
    meant = exact or [run.id for run in found if word and _is_meant(run, word)]
    if len(meant) == 1:
        return meant[0]
    if meant:
        more = f" or {len(meant) - 4} more" if len(meant) > 4 else ""
        raise RunError(f"{word!r:.80} could be {', '.join(meant[:4])}{more}; give more of the id.")
    raise RunError(f"There is no run {word!r:.80}; `python -m explorer runs ls` lists all.")


def _is_meant(run: RunDirectory, word: str) -> bool:
    return run.id.startswith(word) or run.id.rpartition("-")[2] == word or run.label().name == word


def _each(verb: Callable[[Runs, str], str]) -> Callable[[Runs, argparse.Namespace], Done]:
    def act(runs: Runs, given: argparse.Namespace) -> Done:
        ids = [_named(runs, word) for word in given.run]
        said = {id: verb(runs, id) for id in ids}
        return "\n".join(f"{id}: {words}" for id, words in said.items()), said

    return act


def _ls(runs: Runs, given: argparse.Namespace) -> Done:
    found = [facts(runs, run) for run in (runs.trash() if given.trash else runs.all())]
    if not found:
        return "The trash is empty." if given.trash else f"No runs yet in {runs.root}.", found
    return table(found), found


def _show(runs: Runs, given: argparse.Namespace) -> Done:
    run = runs.get(_named(runs, given.run))
    found = facts(runs, run)
    found |= {"bytes": runs.size(run.id), "recipe": run.config().to_dict(), "parent": run.record().get("parent")}
    return summary(found), found


def _pause(runs: Runs, id: str) -> str:
    runs.pause(id)
    return "it waits after the update it is doing; what is queued may begin meanwhile"


def _resume(runs: Runs, id: str) -> str:
    runs.resume(id)
    if runs.get(id).status().live:
        return "it goes on"
    return "it is in the queue" if runs.attended() else f"it is in the queue, but {_FREE}"


def _stop(runs: Runs, id: str) -> str:
    """Wait for its end; where no worker does, hold the run to it."""
    runs.stop(id)
    run, end = runs.get(id), time.monotonic() + GRACE + 5
    status = run.status()
    training = None if runs.attended() or not status.live else Training.adopt(run, "", status)
    while (status := run.status()).live and time.monotonic() < end:
        if training is not None:
            training.tend()
        time.sleep(0.1)
    if training is not None:
        status = training.bury()
    if status.live:
        return "asked to stop, and not at its end yet"
    return f"{status.state}. {status.message}".rstrip()


def _rm(runs: Runs, id: str) -> str:
    runs.delete(id)
    return "in the trash; `runs restore` brings it back"


def _restore(runs: Runs, given: argparse.Namespace) -> Done:
    ids = [_named(runs, word, runs.trash()) for word in given.run]
    for id in ids:
        runs.restore(id)
    return "\n".join(f"{id}: back" for id in ids), ids


def _empty_trash(runs: Runs, given: argparse.Namespace) -> Done:
    ids = [run.id for run in runs.trash()]
    runs.empty_trash()
    return f"{len(ids)} {'run is' if len(ids) == 1 else 'runs are'} gone for good.", ids


def _export(runs: Runs, given: argparse.Namespace) -> Done:
    run = runs.get(_named(runs, given.run))
    path = given.zip or Path(f"{run.id}.zip")
    try:
        with path.open("xb") as file:
            write_zip(run, file)
    except FileExistsError:
        raise RunError(f"{path} is there already; name another file.") from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return f"{path}: {path.stat().st_size:,} bytes", {"id": run.id, "zip": str(path), "bytes": path.stat().st_size}


def _import(runs: Runs, given: argparse.Namespace) -> Done:
    with given.zip.open("rb") as file:
        id = import_zip(file, runs)
    return f"{given.zip} is here as {id}.", {"id": id}


def _reindex(runs: Runs, given: argparse.Namespace) -> Done:
    waiting, found = runs.reindex(), len(runs.own())
    words = f"{found} {'run' if found == 1 else 'runs'}, {waiting} of them waiting."
    return words, {"runs": found, "waiting": waiting}


def _tensorboard(runs: Runs, given: argparse.Namespace) -> Done:
    ids = [_named(runs, word) for word in given.run]
    said = {id: export_events(runs.get(id), given.directory) for id in ids}
    lines = [f"{id}: {n:,} updates" for id, n in said.items()]
    see = f"To look at them: pip install tensorboard, then tensorboard --logdir {given.directory}"
    return "\n".join([*lines, see]), said
