"""Every kind of story."""

from collections.abc import Callable

from llm.corpora.village.goals import giving, seeking
from llm.corpora.village.telling import Telling

GOALS: tuple[Callable[[Telling], None], ...] = (
    seeking.lost_thing,
    seeking.wish,
    giving.errand,
    giving.feast,
    seeking.journey,
    seeking.lost_pet,
    giving.contest,
    giving.long_day,
    giving.present,
    seeking.found_thing,
    giving.building,
)
