"""Scenes about things that move: who holds what, what lies where, what was swapped for what."""

from itertools import pairwise

from llm.corpora.village.facts import ask_where
from llm.corpora.village.people import Person
from llm.corpora.village.phrases import listed
from llm.corpora.village.telling import Telling
from llm.corpora.village.words import THINGS


def hiding(t: Telling, a: Person, b: Person) -> None:
    things = [t.thing() for _ in range(t.between(1, 3))]
    for thing in things:
        place = t.place()
        t.put(thing, place)
        t.say(
            "[{a} [hid|put|left] the {x} {w}.|The {x} was hidden {w}.|The {x} lay {w}.|{a} carried the "
            "{x} away and left it {w}.]",
            a=a,
            x=thing,
            w=place.at,
        )
    for thing in t.sample(things, t.between(1, len(things))):
        ask_where(t, b, a, thing)
    if t.chance(0.5):
        thing = t.pick(things)
        t.say("[Soon {b} found the {x} {w}.|{b} ran and found the {x} {w}.]", b=b, x=thing, w=t.where[thing])


def sharing(t: Telling, a: Person, b: Person) -> None:
    people = [a, b, *t.others(a, b)][:3]
    things = [t.thing() for _ in people]
    t.say(
        "[{a} opened a drawer full of things.|There were presents for everyone.|{a} wanted to give some things away.]",
        a=a,
    )
    for thing, person in zip(things, people, strict=True):
        t.give(thing, person)
        if person is a:
            t.say("{a} kept the {x}[ for {a.him}self|].", a=a, x=thing)
        elif person is not b:
            t.say("[The {x} was sent to {p}|{a} sent the {x} to {p}|The {x} went to {p}].", a=a, p=person, x=thing)
        else:
            t.say(
                "[{p} got the {x}|{a} gave the {x} to {p}|The {x} was for {p}|{p} chose the {x}].",
                a=a,
                p=person,
                x=thing,
            )
    asker, answerer = (a, b) if t.chance(0.5) else (b, a)
    for thing in t.sample(things, t.between(1, 2)):
        ask_where(t, asker, answerer, thing)


def swap(t: Telling, a: Person, b: Person) -> None:
    x, y = t.thing(), t.thing()
    t.give(x, a)
    t.give(y, b)
    t.say("{a} had a {x} and {b} had a {y}.", a=a, b=b, x=x, y=y)
    if t.chance(0.7):
        t.give(x, b)
        t.give(y, a)
        t.say(
            '["Shall we swap?" asked {a}. "Gladly," said {b}.|They wanted to swap.|"I will give you my '
            '{x} for your {y}," said {a}.] '
            "[Now {b} had the {x} and {a} had the {y}.|So {a} took the {y}, and {b} took the {x}.]",
            a=a,
            b=b,
            x=x,
            y=y,
        )
    else:
        t.say(
            '"Shall we swap?" asked {a}. ["No, I will keep my {y}," said {b}.|But {b} wanted to keep the {y}.]',
            a=a,
            b=b,
            y=y,
        )
    asker, answerer = (a, b) if t.chance(0.5) else (b, a)
    for thing in t.sample((x, y), t.between(1, 2)):
        ask_where(t, asker, answerer, thing)


def trade_chain(t: Telling, a: Person, b: Person) -> None:
    things = [t.thing() for _ in range(t.between(3, 5))]
    t.say(
        "{a} gave {b} a {x} and [sent {b.him} to trade it|told {b.him} to bring back something better].",
        a=a,
        b=b,
        x=things[0],
    )
    for old, new in pairwise(things):
        t.say(
            "[A [farmhand|old man|girl|boy|stranger|nurse|soldier|fisherwoman] [took|wanted] the {o} and "
            "gave {b} a {n} for it.|"
            "{b} [traded|swapped|gave] the {o} for a {n}.|For the {o} {b} got a {n}.]",
            b=b,
            o=old,
            n=new,
        )
    t.give(things[-1], b)
    t.say(
        '["What did you give and get?" asked {a}.|"How did it go?" asked {a}.|"Tell me the whole '
        'way," said {a}.] '
        '"[I had|First] the {w}," said {b}.',
        a=a,
        b=b,
        w=", then the ".join(things),
    )


def mending(t: Telling, a: Person, b: Person) -> None:
    broken, tool = t.fresh(THINGS), t.thing()
    place = t.place()
    t.put(tool, place)
    t.say(
        "[{a}'s {x} was broken.|The {x} had fallen and cracked.|The {x} would not work any more.] "
        '["I cannot mend it without the {y}," said {a}.|To mend it, {a} needed the {y}.]',
        a=a,
        x=broken,
        y=tool,
    )
    t.say("The {y} was {w}.", y=tool, w=place.at)
    ask_where(t, b, a, tool)
    t.give(tool, a)
    t.say(
        "[{b} fetched the {y} and gave it to {a}|{b} went and got the {y} for {a}|{b} ran off and "
        "brought {a} the {y}], "
        "[and soon the {x} was as good as new|and the {x} was mended before noon|and {a} mended the "
        "{x} in no time].",
        a=a,
        b=b,
        x=broken,
        y=tool,
    )


def tidying(t: Telling, a: Person, b: Person) -> None:
    things = [t.thing() for _ in range(t.between(2, 4))]
    places = [t.place() for _ in things]
    t.say('[{a} wanted everything in its place.|"What a mess," said {a}.|Things lay all over the floor.]', a=a)
    for thing, place in zip(things, places, strict=True):
        t.put(thing, place)
        t.say(
            '["The {x} belongs {w}," said {a}.|"Put the {x} {w}," said {a}.|The {x} had to go {w}.]',
            a=a,
            x=thing,
            w=place.at,
        )
    t.say(
        "[So {b} put {z}.|{b} did not forget anything: {b.he} put {z}.|Soon it was done. {b} had put {z}.]",
        b=b,
        z=listed([f"the {thing} {place.at}" for thing, place in zip(things, places, strict=True)]),
    )
    ask_where(t, a, b, t.pick(things))
