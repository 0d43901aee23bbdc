"""The explorer as a process of its own, for tests that look at it from outside."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """`python -m explorer` with these arguments, its words in pipes."""
    return subprocess.Popen(
        [sys.executable, "-m", "explorer", "--no-browser", *arguments],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@dataclass(frozen=True)
class Served:
    """A server that has said where it listens."""

    url: str
    process: subprocess.Popen[str]


@contextmanager
def served(home: Path, port: int = 0) -> Iterator[Served]:
    """An explorer of this home. Ctrl-C must end it cleanly, unless the test has ended it."""
    process = start("--port", str(port), "--home", str(home), PYTHONWARNINGS="default")
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("Vitrine is open at "), f"the server did not start: {line}{process.communicate()[1]}"
        yield Served(line.split()[4].rstrip(","), process)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=30)
            assert process.returncode == 0
            assert "Traceback" not in errors, errors
    finally:
        process.kill()
        process.communicate()
