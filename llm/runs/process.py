"""Which process is meant: a pid is used again, so it counts only together with when its process started."""

from __future__ import annotations

from pathlib import Path

import psutil


def start_of(pid: int) -> str | None:
    """When the process started, as a word that no later process with its pid has; None if there is none at work.

    On Linux boot and clock ticks, since wall-clock time jumps; elsewhere the creation time. A process that ended and
    was not waited for (a zombie) is not at work.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        boot = Path("/proc/sys/kernel/random/boot_id")
        if boot.exists():
            ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
            return f"{boot.read_text().strip()}/{ticks}"
        return f"{process.create_time():.2f}"
    except (psutil.Error, OSError):
        return None


def is_process(pid: int | None, started: str | None) -> bool:
    """Whether the very process that started then is still at work."""
    return pid is not None and started is not None and start_of(pid) == started
