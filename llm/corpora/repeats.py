"""Lists of random characters, each said over and over: all that can be learned is to look back for what came next."""

from collections.abc import Iterator
from random import Random

CHARACTERS = "\n" + "".join(map(chr, range(32, 127)))  # printable ASCII and the newline
LENGTH = 64  # with the end of text before it, one window of a context of 64 and its last target


def repeats(seed: int, shortest: int = 8, longest: int = 32, lead_in: int = 32) -> Iterator[str]:
    """Endless documents of LENGTH characters: up to `lead_in` that are said once, then a list of `shortest` to
    `longest`, said again to the end; all of them different.

    Every document begins anew, so no statistic of the characters helps, only their repetition. Without a lead-in the
    first saying always stands at the start, and a head need look at the token before it only there.
    """
    if not (1 <= shortest <= longest and lead_in >= 0 and lead_in + longest <= len(CHARACTERS)):
        raise ValueError(
            f"expected 1 <= shortest <= longest and at most {len(CHARACTERS)} characters in all, "
            f"got shortest {shortest}, longest {longest} and lead_in {lead_in}"
        )
    random = Random(seed).random
    while True:
        length = shortest + int(random() * (longest - shortest + 1))
        once = int(random() * (lead_in + 1))
        drawn = "".join(sorted(CHARACTERS, key=lambda _: random())[: once + length])
        yield (drawn[:once] + drawn[once:] * -(-LENGTH // length))[:LENGTH]
