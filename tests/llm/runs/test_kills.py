"""A run killed at any moment, and resumed, is the run that was never killed: every row and every weight, to the bit."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
KILLS = int(os.environ.get("VITRINE_KILLS", "4"))  # 50 for a release


def outcome(*arguments: str | Path) -> Any:
    command = [sys.executable, "-m", "tests.llm.runs.kills", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.timeout(60 + 10 * KILLS)
def test_at_random_moments(tmp_path: Path) -> None:
    found = outcome(tmp_path, "moments", str(KILLS))
    assert found["killed"] == KILLS
    assert found["same"]
    assert found["end"] == "finished"


@pytest.mark.timeout(60 + 10 * KILLS)
def test_at_every_touch_of_the_disk_in_a_checkpoint(tmp_path: Path) -> None:
    """With 50 kills and more every single one; else a sample, spread evenly."""
    found = outcome(tmp_path, "points", str(max(1, 50 // KILLS)))
    assert found["points"] > 60
    assert found["wrong"] == []
    assert found["last"] == 0
