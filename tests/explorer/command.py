"""`python -m explorer` as a command that ends: what it says and how."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def explorer(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "explorer", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
