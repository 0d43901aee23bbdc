"""Scenes of talk: questions about people, riddles, foreign words, tales by the fire."""

from llm.corpora.village.facts import ASKED, ask_about, ask_self, tell_fact
from llm.corpora.village.people import RESIDENTS, Person
from llm.corpora.village.telling import Telling
from llm.corpora.village.words import ANIMALS, FOODS, THINGS


def questions(t: Telling, a: Person, b: Person) -> None:
    t.say(
        "[They sat down and talked.|They had never talked for so long before.|They drank tea and "
        "asked each other questions.|It was a good time for questions.]"
    )
    for key in t.sample(ASKED, t.between(1, 3)):
        ask_self(t, b, a, key)
    for key in t.sample(ASKED, t.between(0, 2)):
        ask_self(t, a, b, key)


def gossip(t: Telling, a: Person, b: Person) -> None:
    subject = t.pick([p for p in RESIDENTS if p not in t.cast])
    t.say("[They talked about {p}.|{a} knew everyone in the village, also {p}.|Somebody spoke of {p}.]", a=a, p=subject)
    told, *rest = t.sample(ASKED, t.between(2, 4))
    tell_fact(t, subject, told)
    for key in rest:
        ask_about(t, b, a, subject, key)


def quiz(t: Telling, a: Person, b: Person) -> None:
    people = t.sample(RESIDENTS, t.between(2, 3))
    t.say(
        '["How well do you know the village?" asked {a}.|{a} had a game about the people of the '
        "village.|{a} liked to ask questions about the neighbours.]",
        a=a,
    )
    for person in people:
        if person not in (a, b):
            ask_about(t, a, b, person, t.pick(ASKED))
    t.say('["Right," said {a}.|"All of that is true," said {a}.|{a} nodded each time.]', a=a)


def coats(t: Telling, a: Person, b: Person) -> None:
    people = t.sample([p for p in RESIDENTS if p not in (a, b)], 3)
    while len({p.coat for p in people}) < 3:
        people = t.sample([p for p in RESIDENTS if p not in (a, b)], 3)
    t.say(
        "[Coats hung on a row of hooks|Somebody had left coats by the door|There were coats on the wall]: "
        "a {x} one, a {y} one and a {z} one.",
        x=people[0].coat,
        y=people[1].coat,
        z=people[2].coat,
    )
    for person in t.sample(people, t.between(2, 3)):
        t.say('"The {c} coat is {p}\'s," said {s}.', c=person.coat, p=person, s=t.pick((a, b)))


_CLUES = {
    "goat": ("I have horns and a beard", "I eat everything"),
    "hen": ("I lay eggs", "I scratch in the yard"),
    "cow": ("I give milk", "I say moo"),
    "horse": ("I carry riders", "I run faster than you"),
    "pig": ("I love mud", "My tail is curly"),
    "duck": ("I swim and quack", "My feet are flat"),
    "sheep": ("I wear wool", "I give you warm socks"),
    "fox": ("My tail is red and thick", "The hens fear me"),
    "frog": ("I jump and croak", "I was once a tadpole"),
    "mouse": ("I steal cheese", "The cat hunts me"),
    "owl": ("I wake at night", "I turn my head all round"),
    "bear": ("I sleep all winter", "I love honey"),
    "bee": ("I make honey", "I sting"),
    "snail": ("I carry my house", "I am never in a hurry"),
    "mole": ("I dig in the dark", "I am almost blind"),
    "crab": ("I walk sideways", "I pinch"),
    "lamp": ("I shine in the dark", "I drink oil"),
    "clock": ("I have hands but no fingers", "I tell the time"),
    "mirror": ("I show you your own face", "I am made of glass"),
    "umbrella": ("I am open when it rains", "I keep you dry"),
    "ladder": ("I have steps but no feet", "You climb on me"),
    "key": ("I open doors", "I live in a lock"),
    "drum": ("You beat me and I sing", "I am round and hollow"),
    "needle": ("I have one eye but cannot see", "I pull a thread"),
    "broom": ("I sweep the floor", "Witches ride on me"),
    "candle": ("I grow shorter as I shine", "I am made of wax"),
    "kite": ("I fly on a string", "I need the wind"),
    "boot": ("I walk but never alone", "I keep a foot dry"),
}


def riddle(t: Telling, a: Person, b: Person) -> None:
    answer, wrong = t.sample(tuple(_CLUES), 2)
    clues = list(_CLUES[answer])
    if t.chance(0.5):
        clues.reverse()
    t.say('["{c}," said {a}. "What am I?"|{a} said, "{c}. What am I?"]', a=a, c=clues[0])
    if t.chance(0.6):
        t.say(
            '["Are you a {w}?" asked {b}.|"A {w}?" asked {b}.] ["No, not a {w}," said {a}. "{d}."|"No. '
            '{d}," said {a}.]',
            a=a,
            b=b,
            w=wrong,
            d=clues[1],
        )
    t.say(
        '["You are a {x}," said {b}.|"Then you must be a {x}," said {b}.|"A {x}!" cried {b}.] ["Yes, '
        'a {x}," said {a}.|"A {x} it is," said {a}.]',
        a=a,
        b=b,
        x=answer,
    )


def language(t: Telling, a: Person, b: Person) -> None:
    pairs = [(t.made_up(), meaning) for meaning in t.fresh_words((*ANIMALS, *FOODS, *THINGS), t.between(2, 5))]
    tongue = t.name()
    t.say(
        "[{a} could speak the {l} tongue.|{a} knew some words of the {l} people.|Long ago {a} had learned {l}.]",
        a=a,
        l=tongue,
    )
    for word, meaning in pairs:
        t.say(
            '["In {l} we say {w} for {m}," said {a}.|"The word {w} means {m}," said {a}.|"They say {w} '
            'for {m}," said {a}.]',
            a=a,
            l=tongue,
            w=word,
            m=meaning,
        )
    for word, meaning in t.sample(pairs, t.between(1, len(pairs))):
        t.say(
            '["What does {w} mean?" asked {a}. ["It means {m}," said {b}.|"The word {w} means {m}," said '
            "{b}.]|"
            '"How do they say {m}?" asked {a}. ["They say {w}," said {b}.|"They say {w} for {m}," {b} '
            "answered.]]",
            a=a,
            b=b,
            w=word,
            m=meaning,
        )


def tale(t: Telling, a: Person, b: Person) -> None:
    hero, land, pet = t.name(), t.name(), t.fresh(ANIMALS)
    x, kind = (
        t.thing(),
        t.pick(("king", "queen", "giant", "fairy", "thief", "hunter", "captain", "dragon", "princess", "beggar")),
    )
    he, his = ("she", "her") if kind in ("queen", "fairy", "princess") else ("he", "his")
    t.say(
        '["Once there lived a {k} called {h}," said {a}, "in a land called {l}.|"In the land of {l} '
        'lived a {k} named {h}," {a} began, "long ago.] {His} only friend was a {p}, and {his} only '
        "treasure was a {x}.",
        a=a,
        k=kind,
        h=hero,
        l=land,
        p=pet,
        x=x,
        His=his.capitalize(),
        his=his,
    )
    t.say(
        "[One night the {p} ran off with the {x}, and {h} followed over seven hills.|One day {h} "
"lost the {x}, and the {p} dived into the lake for it.|"
        "The {x} could talk, and it told {h} where gold was buried.|When {h} grew old, {he} gave the "
"{x} to the {p} and sailed away.|"
        'The people of {l} wanted the {x}, but {h} would not sell it.]"',
        p=pet, x=x, h=hero, l=land, he=he,
    )  # fmt: skip
    for ask, reply in t.sample(
        (
            ("What was the {k} called?", "{h}, of course"),
            ("Where did {h} live?", "In {l}"),
            ("What was the treasure?", "A {x}"),
            ("Who was the friend of {h}?", "A {p}"),
            ("What was {h}?", "A {k}"),
        ),
        t.between(1, 3),
    ):
        t.say(
            f'"{ask}" asked {{b}}. ["{reply}," said {{a}}.|"{reply}," {{a}} answered.]',
            a=a,
            b=b,
            k=kind,
            h=hero,
            l=land,
            p=pet,
            x=x,
        )


def introductions(t: Telling, a: Person, b: Person) -> None:
    for person, other in ((a, b), (b, a)):
        told, asked = t.sample(ASKED, 2)
        tell_fact(t, person, told)
        if t.chance(0.7):
            ask_self(t, other, person, asked)
