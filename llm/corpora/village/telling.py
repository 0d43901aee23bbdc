"""The state of one story while it is told: its cast, what lies where, who holds what, and what was asked about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from llm.corpora.village.people import RESIDENTS, Person, visitor
from llm.corpora.village.phrases import fill
from llm.corpora.village.words import (
    ADJECTIVES,
    CODAS,
    COLOURS,
    FOODS,
    INSTRUMENTS,
    ONSETS,
    PLACES,
    SECRETS,
    THINGS,
    VISITOR_JOBS,
    VISITOR_PETS,
    VOWELS,
    Place,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Move:
    """An event: the thing went to a person (by name) or to a place (as "in the barn")."""

    thing: str
    to: str


@dataclass(frozen=True)
class Question:
    """A question asked aloud in the story, and the answer given; `about` and `fact` say what was asked."""

    asker: str
    answerer: str
    about: str
    fact: str
    answer: str


@dataclass
class Telling:
    """A story in the making. `random` returns floats in [0, 1); every choice comes from it."""

    random: Callable[[], float]
    cast: list[Person] = field(default_factory=list)
    paragraphs: list[list[str]] = field(default_factory=lambda: [[]])
    where: dict[str, str] = field(default_factory=dict)
    log: list[Move | Question] = field(default_factory=list)
    endings: list[Callable[[], None]] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)
    _used: set[str] = field(default_factory=set)

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self.random() * len(options))]

    def between(self, low: int, high: int) -> int:
        return low + int(self.random() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def sample(self, options: Sequence[T], n: int) -> list[T]:
        pool = list(options)
        return [pool.pop(int(self.random() * len(pool))) for _ in range(n)]

    def say(self, template: str, **slots: object) -> None:
        self.paragraphs[-1].append(fill(template, self.random, slots))

    def paragraph(self) -> None:
        if self.paragraphs[-1]:
            self.paragraphs.append([])

    def text(self) -> str:
        return "\n".join(" ".join(paragraph) for paragraph in self.paragraphs if paragraph)

    def fresh(self, options: Sequence[str]) -> str:
        """A word that this story has not used yet."""
        while (word := self.pick(options)) in self._used:
            continue
        self._used.add(word)
        return word

    def fresh_words(self, options: Sequence[str], n: int) -> list[str]:
        """n different words, fresh as far as the list reaches."""
        pool = [word for word in options if word not in self._used]
        if len(pool) < n:
            pool = list(options)
        words = self.sample(pool, n)
        self._used.update(words)
        return words

    def thing(self) -> str:
        """A new object of this story, often with an adjective: "red kite"."""
        noun = self.fresh(THINGS)
        return f"{self.fresh(ADJECTIVES)} {noun}" if self.chance(0.6) else noun

    def secrets(self, low: int, high: int) -> list[str]:
        return self.fresh_words(SECRETS, self.between(low, high))

    def foods(self, low: int, high: int) -> list[str]:
        return self.fresh_words(FOODS, self.between(low, high))

    def place(self) -> Place:
        while (place := self.pick(PLACES)).name in self._used:
            continue
        self._used.add(place.name)
        return place

    def made_up(self, low: int = 2, high: int = 3) -> str:
        """An invented lower-case word of a few syllables."""
        syllables = self.between(low, high)
        word = "".join(self.pick(ONSETS) + self.pick(VOWELS) for _ in range(syllables)) + self.pick(CODAS)
        if word in self._used or len(word) < 3:
            return self.made_up(low, high)
        self._used.add(word)
        return word

    def name(self) -> str:
        return self.made_up(2, 3 if self.chance(0.4) else 2).capitalize()

    def resident(self) -> Person:
        """A villager who joins the cast."""
        while (person := self.pick(RESIDENTS)) in self.cast:
            continue
        self.cast.append(person)
        return person

    def visitor(self) -> Person:
        """A stranger with invented names who joins the cast."""
        others = {person.job for person in self.cast} | {person.pet for person in self.cast}
        job, pet = self.pick(VISITOR_JOBS), self.pick(VISITOR_PETS)
        if job in others or pet in others:
            return self.visitor()
        person = visitor(
            self.name(),
            self.pick(("she", "he")),
            job,
            f"in {self.name()}",
            pet,
            self.name(),
            " and ".join(self.sample(FOODS, 2)),
            self.pick(COLOURS),
            self.pick(INSTRUMENTS),
        )
        self.cast.append(person)
        return person

    def give(self, thing: str, person: Person) -> None:
        self.where[thing] = person.name
        self.log.append(Move(thing, person.name))

    def put(self, thing: str, place: Place) -> None:
        self.where[thing] = place.at
        self.log.append(Move(thing, place.at))

    def others(self, *present: Person) -> list[Person]:
        return [person for person in self.cast if person not in present]
