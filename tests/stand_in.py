"""A process for runs that only seem to train: who stops such a run ends that process, and not the tests."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from llm.runs.directory import RunDirectory
from llm.runs.process import start_of

_IDLE = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"


@contextmanager
def at_work(run: RunDirectory) -> Iterator[None]:
    """A run that has ended is running meanwhile, with such a process, in a process group of its own."""
    command = [sys.executable, "-c", _IDLE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        process.stdout.readline()  # from here on a polite request leaves it as it is
        run.write_status(replace(run.status(), state="running", pid=process.pid, process_started=start_of(process.pid)))
        try:
            yield
        finally:
            process.kill()
