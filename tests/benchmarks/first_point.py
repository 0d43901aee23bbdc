"""How long from Train to the first point on the curve? `python -m tests.benchmarks.first_point [preset ...]`.

A run is put into the queue of a worker that waits, as the Train button does it, and its files are watched: when its
process starts, what it says that it does, when it runs, and when the first row of metrics.jsonl is there. Each preset
and the recipe of `python -m llm train` without options comes twice, the second time with its corpus in the cache, as it
is after a look at the form.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from explorer.runs.presets import PRESETS
from explorer.runs.store import Runs
from explorer.runs.submission import TWICE
from llm.runs.config import RunConfig
from llm.runs.directory import RunDirectory
from tests.benchmarks.timing import machine

ROOT = Path(__file__).resolve().parents[2]
LOOK = 0.02  # seconds between two looks at the files
LIMIT = 180.0
RECIPES: Mapping[str, RunConfig] = {"llm train": RunConfig()} | {name: p.config for name, p in PRESETS.items()}


@contextmanager
def working(home: Path) -> Iterator[None]:
    """A worker that has been there for a while."""
    log = (home / "worker.txt").open("wb")
    with (
        log,
        subprocess.Popen(
            [sys.executable, "-m", "explorer", "worker", "--home", str(home)], cwd=ROOT, stdout=log, stderr=log
        ) as process,
    ):
        try:
            end = time.monotonic() + LIMIT
            while not (home / "worker.json").exists() and time.monotonic() < end:
                time.sleep(LOOK)
            time.sleep(1)
            yield
        finally:
            process.terminate()
            process.wait(20)


def phases(runs: Runs, config: RunConfig) -> dict[str, float]:
    """Seconds from the button to each thing that can be seen in the run's files."""
    began = time.perf_counter()
    run = runs.get(runs.submit(config))
    seen: dict[str, float] = {}
    try:
        while "first point" not in seen:
            took = time.perf_counter() - began
            status = run.status()
            name = status.message.split(",")[0] if status.state == "preparing" else status.state
            seen.setdefault(name, took)
            if _has_row(run):
                seen["first point"] = took
            if status.state == "failed" or took > LIMIT:
                raise RuntimeError(f"{run.path}: {status.state}, {status.message}")
            time.sleep(LOOK)
    finally:
        runs.stop(run.id)
        while run.status().live and time.perf_counter() - began < LIMIT + 30:
            time.sleep(LOOK)
        time.sleep(TWICE)  # its process ends; and the same recipe sooner is the same click
    return seen


def _has_row(run: RunDirectory) -> bool:
    try:
        return b"\n" in run.metrics.read_bytes()
    except OSError:
        return False


def main(names: list[str]) -> None:
    """Print the table."""
    print(machine(), "\n")
    print(
        "| recipe | first time: running, first point (s) | again: running, first point (s) | the first time in phases |"
    )
    print("|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as place, working(Path(place)):
        runs = Runs(Path(place))
        for name in names or RECIPES:
            fresh = phases(runs, RECIPES[name])
            again = phases(runs, RECIPES[name])
            figures = (
                f"{found.get('running', found['first point']):.1f}, {found['first point']:.1f}"
                for found in (fresh, again)
            )
            told = "; ".join(f"{phase} {took:.1f}" for phase, took in fresh.items())
            print(f"| {name} | {' | '.join(figures)} | {told} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
