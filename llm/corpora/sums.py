"""Sums, one a line ("47+85=132"): the task on which a small model learns an exact rule in seconds."""

from collections.abc import Iterator
from random import Random


def sums(seed: int, digits: int = 2, reversed_answer: bool = False) -> Iterator[str]:
    """Endless sums of two numbers of at most `digits` digits; the answer's last digit comes first when reversed."""
    if digits < 1:
        raise ValueError(f"expected at least 1 digit, got {digits}")
    random, limit = Random(seed).random, 10**digits
    while True:
        a, b = int(random() * limit), int(random() * limit)
        answer = str(a + b)
        yield f"{a}+{b}={answer[::-1] if reversed_answer else answer}\n"
