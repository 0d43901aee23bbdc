"""Every benchmark, one after the other: `python -m tests.benchmarks [tinyshakespeare.txt]`.

Each runs in a process of its own and prints its own table; README.md says what is needed and how to read it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

KEEP = {"MALLOC_TRIM_THRESHOLD_": str(2**30), "MALLOC_MMAP_THRESHOLD_": str(2**30)}  # glibc keeps what is freed


def main() -> int:
    """Run all, and say at the end which failed."""
    runs: list[tuple[str, list[str], dict[str, str]]] = [
        ("capture", [], {}),
        ("capture", [], KEEP),
        ("generation", [], {}),
        ("training", [], {}),
        ("bpe", sys.argv[1:], {}),
        ("first_point", [], {}),
        ("run_overhead", [], {}),
        ("viewers", [], {}),
        ("timeline", [], {}),
    ]
    if sys.argv[1:]:
        runs.append(("time_to_loss", sys.argv[1:2], {}))
    failed = []
    for name, arguments, environment in runs:
        print(f"\n## {name}\n", flush=True)
        command = [sys.executable, "-m", f"tests.benchmarks.{name}", *arguments]
        root = Path(__file__).parents[2]
        if subprocess.run(command, cwd=root, env=os.environ | environment, check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nFailed: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    raise SystemExit(main())
