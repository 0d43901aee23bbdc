"""`python -m llm.runs RUN`: the process that trains one run's directory, which it begins or goes on with.

Ends with 0 if the run is finished or was stopped, 1 if it failed (status.json says why), 2 if it cannot be trained now.
SIGTERM, Ctrl-C and control.json ask it to stop with a checkpoint. What it prints belongs in the run's log.txt.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from llm.runs.config import RunError
from llm.runs.directory import RunDirectory
from llm.runs.loop import train_run
from llm.runs.onlooker import Onlooker


class Log(Onlooker):
    """Words to stderr, which whoever started the process has turned to log.txt."""

    def say(self, sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)

    def warn(self, sentence: str) -> None:
        self.say(f"warning: {sentence}")


def main(argv: Sequence[str] | None = None) -> int:
    """Train the run that the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m llm.runs", description="Train a run's directory.")
    parser.add_argument("run", type=Path, help="the directory, with its run.json")
    parser.add_argument("--cache", type=Path, help="where prepared corpora are kept from one run to the next")
    parser.add_argument("--nice", type=int, default=0, help="how far to step back behind other processes, up to 19")
    asked = parser.parse_args(argv)
    if asked.nice and hasattr(os, "nice"):
        os.nice(asked.nice)
    try:
        status = train_run(RunDirectory(asked.run), True, Log(), asked.cache)
    except RunError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{status.state} at step {status.step:,}. {status.message}".strip(), file=sys.stderr)
    return int(status.state == "failed")


if __name__ == "__main__":
    sys.exit(main())
