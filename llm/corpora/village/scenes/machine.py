"""A typewriter out of order: what it types has no grammar at all, so nothing but copying predicts its second copy."""

from llm.corpora.village.people import RESIDENTS, Person
from llm.corpora.village.telling import Telling
from llm.corpora.village.words import ANY_WORD, CODAS, DAYS, ONSETS, VOWELS

SMALL_WORDS = ("the", "and", "then", "in", "of", "to", "with", "for", "on", "said", "it", "so", "they", "did")
MARKS = (".", ",", "?", "!", ":", "'", ";", "-")


def typewriter(t: Telling, a: Person, b: Person) -> None:
    strip = _strip(t, 8, 36)
    t.say(
        "[{a} had an old typewriter that typed whatever it liked|The typewriter of {a} was out of order|In the corner "
        "stood a typewriter that nobody could mend|{a} had built a machine that wrote by itself]. "
        "[It rattled and typed|The first strip of paper said|Out came a strip of paper with|It began to type]: {s}.",
        a=a,
        s=strip,
    )
    for _ in range(2 if t.chance(0.3) else 1):
        t.say(
            "[{b} pressed the key again, and it typed|The second strip said|Then it typed once more|{b} copied it "
            "all by hand|{b} read the strip aloud]: {s}.",
            b=b,
            s=strip,
        )
    t.say(
        '["That makes no sense," said {b}.|"Not one letter was different," said {a}.|{a} laughed until {a.he} cried.|'
        '"It is broken," said {b}. "It is a poet," said {a}.|They pinned the strips to the wall.]',
        a=a,
        b=b,
    )


def found_strip(t: Telling) -> None:
    """A story that begins with the strip, said twice or three times without a word of warning."""
    strip = _strip(t, 8, 60)
    t.say(
        "{s}. [That was all the typewriter had to say.|So wrote the typewriter at the inn, all night long.|"
        "Nobody knew who had typed that.|This was the strip of paper that the wind brought on {d}.]",
        s=" ".join([strip] * (3 if t.chance(0.2) else 2)),
        d=t.pick(DAYS),
    )


def _strip(t: Telling, low: int, high: int) -> str:
    """Words, names, scraps of words and marks in any order, so many of them; a word first and last."""
    text = t.pick(ANY_WORD)
    for _ in range(t.between(low, high) - 2):
        kind = t.random()
        if kind < 0.4:
            text += " " + t.pick(ANY_WORD)
        elif kind < 0.5:
            text += " " + t.pick(RESIDENTS).name
        elif kind < 0.6:
            text += " " + t.pick(ANY_WORD).capitalize()
        elif kind < 0.75:
            text += t.pick(ONSETS) + t.pick(VOWELS) + t.pick(CODAS)
        elif kind < 0.9 or text.endswith(MARKS):
            text += " " + t.pick(SMALL_WORDS)
        else:
            text += t.pick(MARKS)
    return f"{text} {t.pick(ANY_WORD)}"
