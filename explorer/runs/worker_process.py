"""`python -m explorer worker`: the worker as a process, one for a home."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from explorer import paths
from explorer.runs.presence import NEXT, WORKER, is_there, sign
from explorer.runs.store import Runs
from explorer.runs.worker import ROUND, Worker, say
from llm.runs.config import RunError

TICK = 0.2  # seconds between two looks at the queue
_STOPS = (signal.SIGINT, signal.SIGTERM)


def main(argv: Sequence[str] | None = None) -> int:
    """Work until Ctrl-C; an exit code: 0, or 2 with one sentence on stderr."""
    parser = argparse.ArgumentParser(
        prog="python -m explorer worker",
        description="Train what waits in the queue, in order. The explorer has a worker of its own; this is one alone.",
    )
    parser.add_argument("--home", help=f"directory of your own runs (default: ${paths.VARIABLE}, or your user data)")
    parser.add_argument("--while-stdin", action="store_true", help=argparse.SUPPRESS)  # how the server starts it
    given = parser.parse_args(argv)
    try:
        home = paths.use_home(given.home)
        return work(Runs(home), _stdin_closed() if given.while_stdin else None)
    except (paths.HomeError, RunError) as error:
        print(f"explorer: {error}", file=sys.stderr)
    except OSError as error:
        print(f"explorer: {paths.home()} cannot be written to: {error.strerror or error}.", file=sys.stderr)
    finally:
        for number in _STOPS:  # Python, as it ends, would give a signal its usual force again
            signal.signal(number, signal.SIG_IGN)
    return 2


def work(runs: Runs, server_gone: threading.Event | None) -> int:
    """Work until a signal, or until the server is gone and nothing is left to do. Raises RunError and OSError.

    With a server, wait for the end of another worker that is there already; without one, refuse.
    """
    ended = threading.Event()
    for number in _STOPS:
        signal.signal(number, lambda *_: ended.set())
    lock = FileLock(runs.home / "worker.lock")
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            if server_gone is None:
                raise RunError(f"Another worker is at work in {runs.home}; one is enough.") from None
            with suppress(OSError):
                sign(runs.home / NEXT)
            if ended.wait(1) or server_gone.is_set():
                (runs.home / NEXT).unlink(missing_ok=True)
                return 0
    here = runs.home / WORKER
    try:
        (runs.home / NEXT).unlink(missing_ok=True)
        sign(here)
        runs.sweep()
        _loop(Worker(runs), ended, lambda: server_gone is None or not server_gone.is_set(), runs.home / NEXT)
    finally:
        with suppress(OSError):
            here.unlink()
        lock.release()
    return 0


def _loop(worker: Worker, ended: threading.Event, is_wanted: Callable[[], bool], successor: Path) -> None:
    """Tick on through every trouble: a worker that ended of one would leave runs unattended.

    One that has lost its server makes way for the one of another, or nobody's Ctrl-C would reach it.
    """
    wait, trouble = 0.0, ""
    while not ended.wait(wait):
        wait = TICK
        try:
            worker.tick()
            if not is_wanted() and (is_there(successor) or worker.idle):
                return
            trouble = ""
        except (RunError, OSError) as error:
            wait = ROUND
            if str(error) != trouble:
                say(trouble := str(error))
        except Exception:
            traceback.print_exc()
            wait = ROUND


def _stdin_closed() -> threading.Event:
    """Set when whoever holds the other end of stdin is gone, however that came."""
    gone = threading.Event()

    def watch() -> None:
        with suppress(OSError):
            while os.read(0, 1024):
                pass
        gone.set()

    threading.Thread(target=watch, daemon=True).start()
    return gone
