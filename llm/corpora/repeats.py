"""Lists of random characters, each said over and over: all that can be learned is to look back for what came next."""

from collections.abc import Iterator
from random import Random

CHARACTERS = "\n" + "".join(map(chr, range(32, 127)))  # printable ASCII and the newline
LENGTH = 64  # with the end of text before it, one window of a context of 64 and its last target


def repeats(seed: int, shortest: int = 8, longest: int = 32) -> Iterator[str]:
    """Endless documents of LENGTH characters: `shortest` to `longest` different ones, said again to the end.

    Every document begins its list anew, so no statistic of the characters helps, only their repetition.
    """
    if not 1 <= shortest <= longest <= len(CHARACTERS):
        raise ValueError(f"expected 1 <= shortest <= longest <= {len(CHARACTERS)}, got {shortest} and {longest}")
    random = Random(seed).random
    while True:
        length = shortest + int(random() * (longest - shortest + 1))
        said = "".join(sorted(CHARACTERS, key=lambda _: random())[:length])
        yield (said * -(-LENGTH // length))[:LENGTH]
