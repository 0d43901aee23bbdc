"""Whatever goes wrong becomes one sentence: what happened, and what to do."""

import errno

import pytest
import torch

from llm.checkpoint_files import CheckpointWriteError
from llm.runs.config import RunError
from llm.runs.failures import OUT_OF_MEMORY, is_disk_full, is_expected, is_out_of_memory, sentence
from llm.training.trainer import TrainingError


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("MPS backend out of memory (MPS allocated: 5 GB)"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: not enough memory"),
        RuntimeError("std::bad_alloc"),
    ],
)
def test_out_of_memory(error: BaseException) -> None:
    assert is_out_of_memory(error)
    assert is_expected(error)
    assert sentence(error) == OUT_OF_MEMORY


def test_other_words_about_memory_are_something_else() -> None:
    assert not is_out_of_memory(ValueError("out of memory"))
    assert not is_out_of_memory(RuntimeError("shapes differ"))


def caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "a file could not be written"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "a file could not be written"),
        (OSError(errno.EFBIG, "File too large"), "a file could not be written"),
        (RuntimeError("Error while serializing: I/O error: No space left on device"), "a file could not be written"),
        (
            caused(
                CheckpointWriteError("/runs/x/step-00000004 could not be written: the disk is full."),
                OSError(errno.ENOSPC, "2,000 bytes must be free, 1,000 are"),
            ),
            "step-00000004 could not be written (2,000 bytes must be free, 1,000 are)",
        ),
    ],
)
def test_a_full_disk(error: BaseException, words: str) -> None:
    assert is_disk_full(error)
    assert sentence(error) == f"The disk is full: {words}; free some space, then resume."


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RunError("the text is too short; add to it"), "The text is too short; add to it."),
        (
            TrainingError("Training stopped at step 3: the loss is nan.", 3),
            "Training stopped at step 3: the loss is nan.",
        ),
        (FileNotFoundError(2, "No such file or directory", "a.txt"), "a.txt: No such file or directory."),
        (ValueError("first line\nsecond line"), "First line."),
        (ValueError(), "ValueError."),
    ],
)
def test_what_is_expected_says_itself(error: BaseException, said: str) -> None:
    assert is_expected(error)
    assert not is_disk_full(error)
    assert sentence(error) == said


def test_what_nobody_foresaw_names_the_log() -> None:
    error = KeyError("x" * 900)
    assert not is_expected(error)
    assert sentence(error).startswith("Something unforeseen ended the run (KeyError: 'xxx")
    assert sentence(error).endswith("; see its log.txt.")
    assert len(sentence(error)) < 300
