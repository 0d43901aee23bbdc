"""From whatever went wrong to the one sentence that a person reads."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

from llm.training.trainer import TrainingError

OUT_OF_MEMORY = "Out of memory; choose a smaller batch_size, n_ctx or d_model."
_NO_MEMORY = ("DefaultCPUAllocator", "out of memory", "std::bad_alloc", "bad allocation", "could not allocate memory")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def sentence(error: BaseException) -> str:
    """What happened and what to do; never a traceback."""
    if is_out_of_memory(error):
        return OUT_OF_MEMORY
    if is_disk_full(error):
        return f"The disk is full: {_unwritten(error)}; free some space, then resume."
    if is_expected(error):
        text = _first_line(error)
        begins_with_a_file = isinstance(error, OSError) and text.startswith(str(error.filename))
        head = text[:1] if begins_with_a_file else text[:1].upper()
        return head + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
    return f"Something unforeseen ended the run ({type(error).__name__}: {_first_line(error)[:200]}); see its log.txt."


def is_expected(error: BaseException) -> bool:
    """Whether its sentence tells all; if not, a traceback belongs in the log."""
    known = isinstance(error, (ValueError, OSError, TrainingError))
    return known or is_out_of_memory(error) or is_disk_full(error)


def is_out_of_memory(error: BaseException) -> bool:
    """PyTorch raises a RuntimeError for it, of a class of its own on a GPU alone."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    named = type(error).__name__ == "OutOfMemoryError" or any(sign in str(error) for sign in _NO_MEMORY)
    return isinstance(error, RuntimeError) and named


def is_disk_full(error: BaseException) -> bool:
    """Whether it, or what caused it, is a disk without room; safetensors says so in words alone."""
    return any(
        (isinstance(one, OSError) and one.errno in _NO_ROOM) or "No space left" in str(one) for one in _causes(error)
    )


def _unwritten(error: BaseException) -> str:
    path, found, _ = _first_line(error).partition(" could not be written")
    what = f"{Path(path).name} could not be written" if found else "a file could not be written"
    counts = (one.strerror for one in _causes(error) if isinstance(one, OSError) and "must be" in str(one.strerror))
    return what + next((f" ({count})" for count in counts), "")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _first_line(error: BaseException) -> str:
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    if isinstance(error, OSError) and error.filename and str(error.filename) not in words:
        words = f"{error.filename}: {words}"
    return (words.strip().splitlines() or [type(error).__name__])[0]
