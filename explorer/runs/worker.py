"""The worker: starts what waits, in order and one a device; finds again what is at work; says how the dead ended."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from explorer.runs import slots
from explorer.runs.burial import bury, is_unburied
from explorer.runs.queue import Turn
from explorer.runs.store import Runs
from explorer.runs.training import Command, Training, command
from llm.runs.config import RunError
from llm.runs.directory import RunDirectory
from llm.runs.events import now

ROUND = 2.0  # seconds between two looks at all runs


class Worker:
    """Keeps one home's runs going. Ending it, in whatever way, ends no training; the next one finds them again.

    A paused run leaves its device to what waits. When it goes on it does so at once, beside what began meanwhile.
    """

    def __init__(self, runs: Runs, words: Command | None = None) -> None:
        """`words` says what trains a run, instead of `python -m llm.runs`."""
        self._runs, self._words = runs, words or command(runs.home / "cache")
        self._gpus = slots.gpus()
        self._trainings: dict[str, Training] = {}
        self._settled: dict[str, tuple[int, int, int]] = {}  # status.json of runs at which nothing has to be done
        self._looked = float("-inf")
        self._troubles: dict[str, str] = {}  # what was last said of a run that gives trouble

    @property
    def idle(self) -> bool:
        """Whether nothing is at work and nothing waits."""
        with self._runs.queue.turn() as turn:
            return not self._trainings and not turn.waiting()

    def tick(self) -> None:
        """Do what there is to do now. Raises RunError or OSError where a disk refuses; the next tick tries again."""
        for id, training in list(self._trainings.items()):
            with self._apart(id):
                if training.at_work:
                    training.tend()
                else:
                    with self._runs.queue.turn():
                        status = training.bury()
                    del self._trainings[id]
                    say(f"{id} is {status.state} at step {status.step:,}. {status.message}")
        if time.monotonic() - self._looked >= ROUND:
            self._look_round()
            self._looked = time.monotonic()
        with self._runs.queue.turn() as turn:
            for id in turn.waiting():
                with self._apart(id):
                    self._start(id, turn)

    @contextmanager
    def _apart(self, id: str) -> Iterator[None]:
        """What is wrong with one run is said once, and keeps no other from its turn."""
        try:
            yield
        except sqlite3.Error:
            raise
        except Exception as error:
            words = f"{id}: {str(error) or type(error).__name__}"
            if self._troubles.get(id) != words:
                self._troubles[id] = words
                say(words)

    def _start(self, id: str, turn: Turn) -> None:
        """Start the run if its device is free; what cannot be started leaves the queue, and says why."""
        try:
            run = self._runs.get(id)
        except RunError:  # deleted by hand
            turn.remove(id)
            return
        if id in self._trainings:
            return
        if run.status().state != "queued":
            turn.remove(id)
            return
        try:
            config = run.config()
            taken = {t.slot for t in self._trainings.values() if t.run.status().state != "paused"}
            slot = slots.free_slot(config, self._gpus, taken)
            if slot is None:
                return
            turn.remove(id)
            environment = slots.environment(config, slot)
            self._trainings[id] = Training.start(run, slot, self._words(run), environment)
            say(f"{id} begins.")
        except sqlite3.Error:
            raise
        except Exception as error:
            turn.remove(id)
            message = f"It could not be started: {error}"
            run.write_status(replace(run.status(), state="failed", message=message, updated=now()))
            say(f"{id} could not be started: {error}")

    def _look_round(self) -> None:
        """Find what is at work, bury what is dead, and queue what says that it waits."""
        waiting = []
        for run in self._runs.own():
            stamp = _stamp(run.path / "status.json")
            if run.id in self._trainings or (stamp and self._settled.get(run.id) == stamp):
                continue
            status = run.status()
            if status.live:
                self._adopt(run)
            elif is_unburied(status):
                with self._apart(run.id):
                    with self._runs.queue.turn():
                        status = bury(run, None)
                    say(f"{run.id} is {status.state} at step {status.step:,}. {status.message}")
            elif status.state == "queued":
                waiting.append((status.updated, run.id))
            elif stamp:
                self._settled[run.id] = stamp
        if waiting:
            with self._runs.queue.turn() as turn:
                for _, id in sorted(waiting):
                    turn.add(id)

    def _adopt(self, run: RunDirectory) -> None:
        status = run.status()
        try:
            slot = slots.slot_in_use(run.config(), self._gpus, status.pid)
        except RunError:  # its recipe was damaged meanwhile: it trains on
            slot = "cpu"
        self._trainings[run.id] = Training.adopt(run, slot, status)
        say(f"{run.id} is at work already, as process {status.pid}.")


def say(words: str) -> None:
    """A line of the worker's log."""
    print(f"{now()} {words}".strip(), file=sys.stderr, flush=True)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
