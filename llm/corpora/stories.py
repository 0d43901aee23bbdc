"""Small English stories of one village, written by a seeded generator: fixed residents, invented strangers, a simulated
state that the dialogue answers from, and much that is said again."""

from collections.abc import Iterator
from itertools import count
from random import Random

from llm.corpora.village.goals.table import GOALS
from llm.corpora.village.telling import Telling


def telling(seed: int, index: int) -> Telling:
    """Story number `index` of a seed, with the state it ended in; a pure function of both."""
    t = Telling(Random(f"{seed}/{index}").random)
    t.pick(GOALS)(t)
    return t


def stories(seed: int) -> Iterator[str]:
    """Endless stories, one string each: ASCII, a newline between paragraphs."""
    for index in count():
        yield telling(seed, index).text()
