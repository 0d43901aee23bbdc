"""Lines of balanced, nested brackets of four kinds: predicting a closer takes a memory of what is open."""

from collections.abc import Iterator
from random import Random

PAIRS = ("()", "[]", "{}", "<>")


def brackets(seed: int, max_depth: int = 8, max_pairs: int = 24) -> Iterator[str]:
    """Endless balanced lines of 2 to `max_pairs` pairs, never more than `max_depth` open at once."""
    if max_depth < 1 or max_pairs < 2:
        raise ValueError(f"expected max_depth >= 1 and max_pairs >= 2, got {max_depth} and {max_pairs}")
    random = Random(seed).random
    while True:
        left, line, closers = 2 + int(random() * (max_pairs - 1)), [], list[str]()
        while left or closers:
            if left and len(closers) < max_depth and (not closers or random() < 0.55):
                pair = PAIRS[int(random() * len(PAIRS))]
                line.append(pair[0])
                closers.append(pair[1])
                left -= 1
            else:
                line.append(closers.pop())
        yield "".join(line) + "\n"
