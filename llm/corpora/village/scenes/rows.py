"""Scenes that count and order: boxes in a row, sums of fruit, animals in line, the one that is missing."""

from llm.corpora.village.people import Person
from llm.corpora.village.phrases import listed
from llm.corpora.village.telling import Telling
from llm.corpora.village.words import ANIMALS, FOODS, NUMBERS, ORDINALS, THINGS


def boxes(t: Telling, a: Person, b: Person) -> None:
    n = t.between(3, 6)
    kind = t.pick(("box", "drawer", "jar", "sack", "pot"))
    things = t.fresh_words(THINGS, n)
    while kind in things:
        things = t.fresh_words(THINGS, n)
    t.say(
        "[{a} had {n} {k} in a row.|On the shelf stood {n} {k}.|There were {n} {k} to fill.]",
        a=a,
        n=NUMBERS[n],
        k=kind + ("es" if kind == "box" else "s"),
    )
    for ordinal, thing in zip(ORDINALS, things, strict=False):
        t.say(
            "[In the {o} {k} was the {x}.|The {o} {k} held the {x}.|Into the {o} {k} went the {x}.]",
            o=ordinal,
            k=kind,
            x=thing,
        )
    for i in t.sample(range(n), t.between(1, 2)):
        t.say(
            '["What is in the {o} {k}?" asked {a}.|"Now, the {o} {k}?" asked {a}.] ["The {x}," said {b}.|'
            '"It is the {x}," {b} answered.]',
            a=a,
            b=b,
            o=ORDINALS[i],
            k=kind,
            x=things[i],
        )


def counting(t: Telling, a: Person, b: Person) -> None:
    food = t.pick([f for f in FOODS if f.endswith("s")])
    first, second = t.between(1, 8), t.between(1, 8)
    n = first + second
    t.say(
        "[{a} picked {x} {f} and {b} picked {y}.|There were {x} {f} in one bowl and {y} in the other.|"
        "{a} had {x} {f}, and {b} found {y} more.]".replace("{x} {f}", "{x} of the {f}" if first == 1 else "{x} {f}"),
        a=a,
        b=b,
        x=NUMBERS[first],
        y=NUMBERS[second],
        f=food,
    )
    t.say(
        '["How many is that?" asked {a}.|"How many [are there|do we have] now?" asked {a}.] '
        '["I think {x} and {y} make {n}," said {b}.|"Well, {x} and {y} make {n}," said {b}.|"That '
        'makes {n}," said {b}.|"I count {n}," said {b}.]',
        a=a,
        b=b,
        x=NUMBERS[first],
        y=NUMBERS[second],
        n=NUMBERS[n],
    )


def missing_one(t: Telling, a: Person, b: Person) -> None:
    things = t.fresh_words(THINGS, t.between(4, 8))
    gone = t.pick(things)
    t.say("On {a}'s shelf there were always {w}.", a=a, w=", ".join(things))
    t.say(
        '[Today {b} saw only {w}.|{b} looked and said, "I see {w}."|But now there were {w}.] '
        '["The {g} is missing," said {b}.|"Then the {g} is gone," said {a}.|"So who has taken the '
        '{g}?" asked {b}.]',
        a=a,
        b=b,
        w=", ".join(thing for thing in things if thing != gone),
        g=gone,
    )
    t.say(
        "[It had only fallen behind the shelf.|A magpie had carried it to her nest.|{a} laughed, "
        "because it was in {a.his} pocket.|"
        "The wind had blown it out of the window.|The {p} was sitting on it.]",
        a=a,
        p=a.pet,
    )


def line_up(t: Telling, a: Person, b: Person) -> None:
    animals = t.fresh_words(ANIMALS, t.between(4, 8))
    t.say(
        "[The animals stood in a line|Past the gate the animals walked one by one|They watched the animals pass]: {w}.",
        w=listed([f"the {x}" for x in animals]),
    )
    i = t.between(0, len(animals) - 2)
    if t.chance(0.5):
        t.say(
            '"Who comes after the {x}?" asked {a}. ["The {y}," said {b}.|"After the {x} comes the {y}," said {b}.]',
            a=a,
            b=b,
            x=animals[i],
            y=animals[i + 1],
        )
    else:
        t.say(
            '"Who comes before the {y}?" asked {a}. ["The {x}," said {b}.|"Before the {y} comes the {x}," said {b}.]',
            a=a,
            b=b,
            x=animals[i],
            y=animals[i + 1],
        )
    t.say(
        '"[Who is first|Who leads them]?" "The {x}," said {b}.'
        if t.chance(0.5)
        else '"[Who is last|Who comes at the end]?" asked {a}. "The {z}," said {b}.',
        a=a,
        b=b,
        x=animals[0],
        z=animals[-1],
    )
