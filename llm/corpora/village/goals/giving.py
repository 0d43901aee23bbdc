"""Stories of something to bring, to make or to win, or of a day to pass: each gives its scenes a reason and an end."""

from llm.corpora.village.phrases import listed
from llm.corpora.village.plot import begin, closing, task, visit
from llm.corpora.village.telling import Telling
from llm.corpora.village.words import FOODS


def errand(t: Telling) -> None:
    giver, hero, receiver = begin(t, 3)
    x, done = t.thing(), set[str]()
    t.give(x, hero)
    t.say(
        '["Take this {x} to {c}," {a} said to {b}.|{a} gave {b} a {x} for {c}.|{a} asked {b} to bring a {x} to {c}.]',
        a=giver,
        b=hero,
        c=receiver,
        x=x,
    )
    if t.chance(0.5):
        task(t, giver, hero, done)
    visit(t, hero, receiver)
    if t.chance(0.7):
        task(t, receiver, hero, done)
    t.give(x, receiver)
    t.say(
        '["{a} sends you this {x}," said {b}. "[Thank you|How kind|It is just what I need]," said '
        '{c}.|{b} gave {c} the {x}. "It is from {a}," {b.he} said.|'
        '{c} took the {x}. "Who sent it?" "{a} did," said {b}.]',
        a=giver,
        b=hero,
        c=receiver,
        x=x,
    )
    closing(t, hero)


def present(t: Telling) -> None:
    hero, friend, *rest = begin(t, t.pick((2, 2, 3)))
    done = set[str]()
    x = t.thing()
    t.say(
        "[{b} wanted to give {c} a present, but what?|It was the birthday of {c}, and {b} had no "
        "present yet.|{b} wanted to thank {c} with a present.]",
        b=hero,
        c=friend,
    )
    helper = rest[0] if rest else friend
    if rest:
        visit(t, hero, helper)
        t.say(
            '["What can I give to {c}?" asked {b}. [{a} thought about it.|"We shall see," said {a}.]|"I '
            'need a present for {c}," said {b}.]',
            a=helper,
            b=hero,
            c=friend,
        )
    else:
        t.say("[So {b} went to see {c}.|{b} did not say anything about it.]", b=hero, c=friend)
    task(t, helper, hero, done)
    t.give(x, friend)
    t.say(
        "[Then {b} had an idea. {b.He} made a {x} and gave it to {c}.|So {b} found a {x} and gave it "
        "to {c}.|In the end {b} bought a {x} for {c}.] "
        '["I always wanted a {x}," said {c}.|"A {x}!" cried {c}.|{c} loved the {x}.]',
        b=hero,
        c=friend,
        x=x,
    )
    closing(t, hero)


def feast(t: Telling) -> None:
    host, *guests = begin(t, t.pick((2, 2, 3)))
    done = set[str]()
    t.say(
        "[It was the birthday of {a}|{a} wanted to give a feast|There was to be a great supper at "
        "the house of {a}], [and|so] everyone had to bring something.",
        a=host,
    )
    dishes = []
    for guest in guests:
        if t.chance(0.75):
            visit(t, host, guest)
            task(t, guest, host, done)
        food = t.fresh(FOODS)
        t.say('["I will bring {f}," said {g}.|{g} promised to bring {f}.|{g} went to get some {f}.]', g=guest, f=food)
        dishes.append((guest, food))
    own = t.fresh(FOODS)
    t.say(
        "[In the evening they all sat down at the long table.|Then the feast began.|At last the "
        "table was ready.] {a} had brought {f} too.",
        a=host,
        f=own,
    )
    t.say("On the table [were|stood] {w}.", w=listed([food for _, food in (*dishes, (host, own))]))
    guest, food = t.pick(dishes)
    t.say(
        '["Who brought the {f}?" asked {a}. "I did," said {g}.|{a} thanked {g} for the {f}.]', a=host, g=guest, f=food
    )
    closing(t, host)


def contest(t: Telling) -> None:
    hero, rival, *rest = begin(t, t.pick((2, 2, 3)))
    prize, done = t.thing(), set[str]()
    judge = rest[0] if rest else rival
    t.say(
        "[There was a contest in the village, and the prize was a {x}|The winner of the fair would "
        "get a {x}|A {x} was the prize of the day], and {b} [wanted to win|meant to win] it.",
        x=prize,
        b=hero,
    )
    if rest:
        t.say("[{a} was the judge.|{a} was in charge of the contest.|The judge was {a}.]", a=judge)
    else:
        t.say(
            '["It will not be easy," said {a}.|{a} knew what had to be done.|{a} had won it the year before.]', a=judge
        )
    task(t, judge, hero, done)
    if rest and t.chance(0.5):
        task(t, rival, hero, done)
    winner = hero if not rest or t.chance(0.7) else rival
    t.give(prize, winner)
    t.say(
        '["{w} has won!" cried the people.|Everybody clapped for {w}.|In the end {w} was the best.] '
        "[So {w} got the {x}|The {x} went to {w}|Now the {x} belonged to {w}].",
        w=winner,
        x=prize,
    )
    closing(t, hero)


def building(t: Telling) -> None:
    hero, *helpers = begin(t, t.pick((2, 3, 3)))
    made = t.pick(
        ("raft", "tree house", "scarecrow", "snow house", "puppet stage", "hut", "flying machine", "hen house")
    )
    parts, done = [t.thing() for _ in helpers], set[str]()
    own = t.thing()
    t.say(
        "{b} wanted to build a {m}. [{b.He} had a {o}, but [that was not enough|the rest was "
        "missing].|There was a {o} to begin with.]",
        b=hero,
        m=made,
        o=own,
    )
    t.give(own, hero)
    for helper, part in zip(helpers, parts, strict=True):
        t.give(part, helper)
        visit(t, hero, helper)
        t.say(
            '["I need your {x} for my {m}," said {b}.|{b} asked {a} for a {x}.|"May I have your {x}?" asked {b}.]',
            a=helper,
            b=hero,
            x=part,
            m=made,
        )
        if t.chance(0.75):
            task(t, helper, hero, done)
        t.give(part, hero)
        t.say(
            '[{a} gave {b} the {x}.|"Here is the {x}," said {a}.|{b} got the {x} from {a}.]', a=helper, b=hero, x=part
        )
    parts = [own, *parts]
    t.say(
        "[Out of|From] {w} {b} built the {m}, and [everybody came to see it|it was the best in the "
        "village|it stood for years|it looked very fine|it only fell down once].",
        w=listed([f"the {part}" for part in parts]),
        b=hero,
        m=made,
    )
    part, helper = t.pick(list(zip(parts[1:], helpers, strict=True)))
    t.where.clear()
    if len(helpers) > 1:
        other = next(person for person in helpers if person is not helper)
        t.say('"Who gave you the {x}?" asked {o}. "{a} did," said {b}.', x=part, o=other, a=helper, b=hero)
    closing(t, hero)


def long_day(t: Telling) -> None:
    a, b = begin(t, 2)
    done = set[str]()
    t.say(
        "[{a} and {b} had nothing to do [all day|until supper]|It rained, so {a} and {b} stayed "
        "inside|{a} and {b} were waiting for the boat|{b} was sick in bed, so {a} came to visit|{b} "
        "could not sleep, and {a} sat down beside {b.him}].",
        a=a,
        b=b,
    )
    task(t, a, b, done)
    t.say('["Now it is my turn," said {b}.|"Now let me choose," said {b}.|Then {b} had an idea too.]', b=b)
    task(t, b, a, done)
    closing(t, b)
