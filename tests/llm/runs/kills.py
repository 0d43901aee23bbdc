"""Trains in forked processes and kills them: `python -m tests.llm.runs.kills DIRECTORY moments|points N`.

Forked, since a kill then costs no start of Python. Prints what happened as JSON; whoever started it judges.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors import torch as files

import llm.checkpoint
from llm.checkpoint_files import verify
from llm.runs.directory import RunDirectory
from llm.runs.loop import train_run
from tests.llm.runs.tiny_run import create, rows, weights

SEED = 0
TOUCHES = {"open", "os.mkdir", "os.rename", "os.chmod", "os.remove", "os.rmdir", "os.truncate"}


def forked(work: Callable[[], Any]) -> int:
    """The pid of a child that does the work and ends."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return pid


def ended(pid: int) -> int:
    """How it ended: the signal's negative number, or the exit code."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def seen(run: RunDirectory) -> dict[str, Any]:
    """All that must not depend on having been killed."""
    return {
        "metrics": rows(run.metrics),
        "samples": rows(run.samples),
        "checkpoints": {step: weights(run, step) for step in run.steps()},
        "litter": [path.name for path in run.checkpoints.iterdir() if path.name.startswith(".")],
    }


def moments(root: Path, n: int) -> dict[str, Any]:
    """Killed at `n` random moments, resumed each time; a run that ends before its kill is followed by another."""
    chance = random.Random(SEED)
    options = {"steps": 120, "eval_every": 10, "checkpoint_every": 10, "timeline": (0, 15, 60)}
    unbroken, broken = create(root / "unbroken", **options), create(root / "broken-0", **options)
    started = time.monotonic()
    assert ended(forked(lambda: train_run(unbroken))) == 0
    longest = 0.4 * (time.monotonic() - started)
    killed, expected, same = 0, seen(unbroken), True
    while killed < n:
        pid = forked(partial(train_run, broken, resume=True))
        time.sleep(chance.uniform(0, longest))
        os.kill(pid, signal.SIGKILL)
        if ended(pid) == -signal.SIGKILL:
            killed += 1
        else:
            same = same and seen(broken) == expected
            broken = create(root / f"broken-{sum(1 for _ in root.iterdir())}", **options)
    assert ended(forked(lambda: train_run(broken, resume=True))) == 0
    return {"killed": killed, "same": same and seen(broken) == expected, "end": broken.status().state}


def killed_at(point: int, first: str, last: str, work: Callable[[], Any]) -> int:
    """Do the work, killed at the n-th touch of the disk after a path with `first` in it is met, before one with `last`.

    Each touch counts before it is made, a write and a flush after it as well.
    """
    touched, over = 0, False

    def touch() -> None:
        nonlocal touched
        touched += not over
        if touched == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal over
        if event in TOUCHES:
            over = over or last in str(arguments[0])
            if touched or first in str(arguments[0]):
                touch()

    def around(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*given: Any) -> Any:
            if touched:
                touch()
            result = function(*given)
            if touched:
                touch()
            return result

        return wrapped

    def child() -> None:
        os.fsync, os.write = around(os.fsync), around(os.write)
        vars(llm.checkpoint)["save_file"] = around(files.save_file)
        sys.addaudithook(hook)
        work()

    return ended(forked(child))


def points(root: Path, every: int) -> dict[str, Any]:
    """Killed at the 1st, 2nd, ... or each `every`-th touch of the disk from a checkpoint's first to the next one's.

    That checkpoint thins one and prunes one.
    """
    options = {"steps": 4, "eval_every": 0, "checkpoint_every": 1, "keep": 1, "timeline": (2,)}
    unbroken, first = create(root / "unbroken", **options), create(root / "first", **options)
    assert ended(forked(lambda: train_run(unbroken))) == 0
    third, fourth = "step-00000003", "step-00000004"
    assert killed_at(1, third, fourth, lambda: train_run(first)) == -signal.SIGKILL
    expected, tried, wrong = seen(unbroken), 1 - every, []
    end = -signal.SIGKILL
    while end == -signal.SIGKILL:
        tried += every
        run = RunDirectory(Path(shutil.copytree(first.path, root / f"point-{tried}")))
        end = killed_at(tried, third, fourth, lambda run=run: train_run(run, resume=True))  # type: ignore[misc]
        for path in run.steps().values():
            verify(path)  # whatever is in sight is whole
        assert ended(forked(lambda run=run: train_run(run, resume=True))) == 0  # type: ignore[misc]
        if seen(run) != expected:
            wrong.append(tried)
        shutil.rmtree(run.path)
    return {"points": tried - every, "wrong": wrong, "last": end}


if __name__ == "__main__":
    torch.set_num_threads(1)
    os.fsync = lambda fd: None  # flushing is for power cuts, not for kills
    place = Path(sys.argv[1])
    train_run(create(place / "first-of-all", steps=1))  # so that what is imported late is there before the forks
    print(json.dumps({"moments": moments, "points": points}[sys.argv[2]](place, int(sys.argv[3]))))
