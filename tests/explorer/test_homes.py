"""Homes that cannot be used: whatever command is asked for, one sentence that says what to do, and exit code 2."""

from pathlib import Path

import pytest

from tests.explorer.command import explorer

COMMANDS = [("--no-browser", "--port", "0"), ("worker",), ("runs", "ls")]


def refused(command: tuple[str, ...], home: Path | str) -> str:
    done = explorer(*command, "--home", str(home))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("explorer: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_home_that_nobody_may_write_to(command: tuple[str, ...]) -> None:
    """/proc refuses everybody, whoever runs this."""
    assert "Cannot write to the home directory /proc: " in (said := refused(command, "/proc"))
    assert "give one with --home" in said


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_home_under_a_file(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "make it first or give another --home" in refused(command, tmp_path / "file" / "home")
