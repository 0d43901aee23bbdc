import gzip
import hashlib
import itertools
import re
from collections import Counter, defaultdict

import pytest

from llm.corpora.stories import stories, telling
from llm.corpora.village.people import RESIDENTS
from llm.corpora.village.telling import Move, Telling

N_STORIES = 2_000
A_BEFORE_VOWEL = re.compile(r"(?<![\w'])[Aa] [aeiouAEIOU]\w*|(?<![\w'])[Aa]n [^aeiouAEIOU]\w*")


@pytest.fixture(scope="module")
def tellings() -> list[Telling]:
    return [telling(7, index) for index in range(N_STORIES)]


@pytest.fixture(scope="module")
def texts(tellings: list[Telling]) -> list[str]:
    return [t.text() for t in tellings]


def test_a_seed_fixes_every_story() -> None:
    assert list(itertools.islice(stories(3), 50)) == [telling(3, index).text() for index in range(50)]
    assert list(itertools.islice(stories(3), 50)) != list(itertools.islice(stories(4), 50))


def test_the_shipped_models_text_is_unchanged() -> None:
    """assets/ is reproducible only while seed 0 writes the same stories, on every machine and Python version."""
    text = "\n\n".join(itertools.islice(stories(0), 200))
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "1945bb607cb9c64b"


@pytest.mark.timeout(60)
def test_two_million_characters_without_a_story_told_twice() -> None:
    n, seen = 0, set()
    for story in stories(0):
        assert story not in seen
        seen.add(story)
        n += len(story)
        if n >= 2_000_000:
            break


def test_text_is_plain_and_well_formed(texts: list[str]) -> None:
    for text in texts:
        assert text.isascii()
        assert text.count('"') % 2 == 0
        assert not re.search(r"[{}\[\]|]|  |\n\n|[.?!],|,[.?!]|\.\.| [.,?!]", text)
        for paragraph in text.split("\n"):
            assert re.match(r'"?[A-Z]', paragraph)
            assert re.search(r'[.?!:]"?$', paragraph), paragraph
        assert not A_BEFORE_VOWEL.search(text), A_BEFORE_VOWEL.search(text)


def test_sentences_begin_with_capitals(texts: list[str]) -> None:
    for text in texts:
        assert not re.search(r"[.?!] [a-z]", text)
        assert not re.search(r'[.?!] "[a-z]', text)


def test_every_question_is_answered_from_the_state(tellings: list[Telling]) -> None:
    facts = Counter[str]()
    for t in tellings:
        people = {person.name: person for person in (*RESIDENTS, *t.cast)}
        where: dict[str, str] = {}
        for event in t.log:
            if isinstance(event, Move):
                where[event.thing] = event.to
                continue
            facts[event.fact] += 1
            true = where[event.about] if event.fact == "where" else getattr(people[event.about], event.fact)
            assert event.answer == true
            assert event.asker != event.answerer
            assert {event.asker, event.answerer} <= {person.name for person in t.cast}
    assert set(facts) == {"where", "job", "home", "pet", "pet_name", "food", "coat", "plays"}
    assert min(facts.values()) > 50


def test_spoken_answers_name_what_the_state_says(tellings: list[Telling]) -> None:
    asked = re.compile(
        r'(?:Where is|Who has) the ([a-z ]+?)(?:, do you think| now)?\?"(?: asked \w+\.| \w+ asked\.)? "([^"]+)"'
    )
    checked = 0
    for t in tellings:
        held = {(event.thing, event.to) for event in t.log if isinstance(event, Move)}
        for thing, answer in asked.findall(t.text()):
            places = [to for named, to in held if named == thing]
            if not re.match(r"(I|You) ", answer):
                checked += 1
                assert any(to.lower() in answer.lower() for to in places), (thing, answer)
    assert checked > 300


TOLD = {
    "job": r"\b(NAME) (?:was|worked as) (?:a|an|the) (?!judge|best)([a-z]+)\b(?= and lived|\.| of the village)"
    r"|\b(NAME) the ([a-z]+) (?:lived|was|stood|sat) ",
    "home": r"\b(NAME)(?: the [a-z]+| was the [a-z]+ and)? (?:lived|lives) (in the [a-z' ]+)",
    "coat": r"\b(NAME)(?:'s coat is|'s coat was| has a| had a| wore a| wears a| always wore h\w\w) ([a-z]+)(?: coat)",
    "food": r"\b(NAME) (?:was fond of|loved|loves|likes) (?!the )([a-z ]+?)(?: best)?[.,]",
    "plays": r"\b(NAME) (?:played|plays) the ([a-z]+)",
    "pet_name": r"\b(NAME)'s [a-z]+ was called ([A-Z][a-z]+)",
    "pet": r"\b(NAME) (?:kept|had) (?:a|an) ([a-z]+) (?:called|named) ",
}


@pytest.mark.parametrize("fact", TOLD)
def test_a_resident_has_one_value_of_each_fact_in_all_stories(fact: str, texts: list[str]) -> None:
    pattern = re.compile(TOLD[fact].replace("NAME", "|".join(person.name for person in RESIDENTS)))
    values = defaultdict[str, set[str]](set)
    for text in texts:
        for groups in pattern.findall(text):
            name, value = (part for part in groups if part)
            values[name].add(value)
    assert values == {person.name: {getattr(person, fact)} for person in RESIDENTS}


def test_strangers_are_invented_anew(tellings: list[Telling]) -> None:
    names = [person.name for t in tellings for person in t.cast if not person.resident]
    assert len(names) > 500
    assert len(set(names)) > 0.97 * len(names)


def test_the_cast_is_introduced_before_anyone_acts(tellings: list[Telling]) -> None:
    for t in tellings:
        first = t.text().split("\n")[0]
        assert all(person.name in first for person in t.cast)


def test_nobody_answers_their_own_question(texts: list[str]) -> None:
    own = re.compile(
        r'\?" asked (\w+)\. "[^"]*[,.]" (?:said|answered) \1\b|\?" asked (\w+)\. "[^"]*," \2 (?:said|answered)'
    )
    for text in texts:
        assert not own.search(text), own.search(text)


def test_much_is_said_again_in_the_same_form(texts: list[str]) -> None:
    """Copying must pay: in most stories a run of four words comes back, punctuation, case and spaces included."""
    again = 0
    for text in texts:
        words = text.split(" ")
        runs = Counter(tuple(words[i : i + 4]) for i in range(len(words)))
        again += runs.most_common(1)[0][1] > 1
    assert again / len(texts) > 0.6


def test_variety(texts: list[str]) -> None:
    """Distinct words, distinct 5-grams and gzip ratio. A prototype had 707 frequent words per 5 MB, 64% and 4.87."""
    text = "\n".join(texts)
    words = re.findall(r"[a-z']+", text.lower())
    counts = Counter(words)
    assert len(counts) > 4_000
    assert sum(n >= 20 for n in counts.values()) > 600
    first = words[:200_000]
    grams = {tuple(first[i : i + 5]) for i in range(len(first) - 4)}
    assert len(grams) / (len(first) - 4) > 0.68  # 0.71 measured
    assert len(text) / len(gzip.compress(text.encode(), 9)) < 4.3  # 4.0 measured
    assert 700 < len(text) / len(texts) < 1_050
