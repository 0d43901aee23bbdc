"""Scenes in which a list is told twice, or grows, or loses one: bags, rows, names, dreams. A repeat has the same
tokens, as in refrains.py."""

from llm.corpora.village.people import Person
from llm.corpora.village.telling import Telling
from llm.corpora.village.words import ANIMALS, PLANTS, THINGS


def packing(t: Telling, a: Person, b: Person) -> None:
    things = ", ".join(t.fresh_words(THINGS, t.between(4, 9)))
    t.say(
        "[{a} opened the big bag|Together they filled the chest|They put everything into the box]. "
        '["In go {w}," said {a}.|{a} counted: {w}.|They packed {w}.]',
        a=a,
        w=things,
    )
    t.say(
        "[{b} carried it [up the hill|across the bridge|over the field].|It was heavy, and {b} "
        "[puffed|groaned].|"
        "{b} closed the lid with care.|{b} tied it with a knot.]",
        b=b,
    )
    t.say(
        '[Then {b} unpacked {w}.|"What is in it?" asked {a}. "There are {w}," said {b}.|'
        'When they opened it again, they found {w}.|"Nothing is lost," said {b}. "Here are {w}."]',
        a=a,
        b=b,
        w=things,
    )


def growing_list(t: Telling, a: Person, b: Person) -> None:
    animals = t.fresh_words(ANIMALS, t.between(3, 6))
    boat = t.pick(("boat", "cart", "barn", "hay wagon", "old tent"))
    t.say(
        "[The animals were afraid of the thunder|The water was rising in the field|The animals had "
        "to be moved before night], "
        "so {a} [brought|fetched] the {boat}."
        if boat in ("boat", "cart", "hay wagon")
        else "[The animals were afraid of the thunder|It was growing dark|The animals were cold], so {a} "
        "opened the {boat}.",
        a=a,
        boat=boat,
    )
    inside: list[str] = []
    for animal in animals:
        inside.append(f"the {animal}")
        if len(inside) == 1:
            t.say("[First came|First they led in|The first to come was] the {x}.", x=animal)
        else:
            t.say(
                "[Then came the {x}|Next came the {x}|{b} [brought|led in|found|called] the {x}|The {x} came "
                "too]. "
                "[Now in the {boat} were|Now there were] {w}.",
                b=b,
                x=animal,
                boat=boat,
                w=" and ".join(inside) if len(inside) == 2 else ", ".join(inside),
            )
    t.say(
        '["All safe," said {a}.|"Well done," said {a}.|"That is everyone," said {b}.|There was no room for more.]',
        a=a,
        b=b,
    )


def roll_call(t: Telling, a: Person, b: Person) -> None:
    names = [t.name() for _ in range(t.between(3, 6))]
    who = t.pick(("children", "lambs", "kittens", "ducklings", "pupils", "puppies"))
    missing = t.chance(0.4)
    t.say("The {w} were called {n}.", w=who, n=", ".join(names))
    if missing:
        gone = t.pick(names)
        left = [name for name in names if name != gone]
        t.say(
            "[In the evening|When {b} counted them|At supper time] there were only {n}. "
            '["{g} is missing!" cried {b}.|"Where is {g}?" asked {a}.|"One is gone. It is {g}," said '
            "{b}.] "
            "[{g} was asleep under a bush|They found {g} behind the door|{g} had been hiding in the hay|"
            "At last {g} came running].",
            a=a,
            b=b,
            n=", ".join(left),
            g=gone,
        )
    t.say(
        '[{b} called them one by one: {n}.|"Are they all here?" asked {a}. "They are: {n}," said {b}.|'
        '"Tell me their names," said {a}. "Yes, {n}," said {b}.]',
        a=a,
        b=b,
        n=", ".join(names),
    )


def shopping(t: Telling, a: Person, b: Person) -> None:
    foods = ", ".join(t.foods(5, 12))
    t.say(
        '["Bring me {f}," said {a}.|{a} wrote on a [scrap of paper|card|leaf]: "Please buy {f}."|{a} needed {f}.]',
        a=a,
        f=foods,
    )
    t.say(
        '[In the shop {b} said, "I want {f}."|{b} ran to the shop and asked for {f}.|All the way {b} '
        'said to {b.him}self, "buy {f}."]',
        b=b,
        f=foods,
    )
    t.say(
        '["Did you get everything?" asked {a}. "Yes, {f}," said {b}.|Soon {b} came back with {f}.|'
        "{b} put it all on the table: {f}.|Nothing was forgotten, and {a} thanked {b.him}.]",
        a=a,
        b=b,
        f=foods,
    )


def planting(t: Telling, a: Person, b: Person) -> None:
    plants = ", ".join(t.fresh_words(PLANTS, t.between(4, 8)))
    t.say("[They dug the rows and planted|In the soft earth they planted|{a} and {b} sowed] {p}.", a=a, b=b, p=plants)
    t.say(
        "[Then the rain came.|The sun was warm.|They waited and waited.|{b} watered them each "
        "morning.|A scarecrow kept the birds away.]",
        b=b,
    )
    t.say(
        '[One day up came {p}, in the same order.|"What is growing?" asked {a}. "I see {p}," said {b}.|'
        '"Read the rows to me," said {a}. "There are {p}," said {b}.|In summer they picked {p}.]',
        a=a,
        b=b,
        p=plants,
    )


def dream(t: Telling, a: Person, b: Person) -> None:
    words = ", ".join(t.secrets(4, 8))
    t.say("[{a} had had a strange dream about|In a dream {a} had seen|All night {a} had dreamed of] {w}.", a=a, w=words)
    t.say(
        '["What did you see?" asked {b}.|"Tell me the dream," said {b}.|"Do you still know it?" {b} '
        "asked.] "
        '["I saw {w}," said {a}.|"Yes, {w}," said {a}.|"First to last, {w}," {a} answered.]',
        a=a,
        b=b,
        w=words,
    )


def memory_game(t: Telling, a: Person, b: Person) -> None:
    words = t.secrets(8, 15)
    line = ", ".join(words)
    t.say(
        "[{a} laid small pictures in a row|On the table {a} put cards|{a} drew pictures in the sand]: {w}.",
        a=a,
        w=line,
    )
    t.say(
        "[Then {a} covered them with a cloth.|Then the pictures were hidden.|{b} looked for a while, "
        "then turned round.] "
        '["Now tell me," said {a}.|"What were they?" asked {a}.|"Say them all," said {a}.] '
        '["They were {w}," said {b}.|{b} thought hard. "They were {w}."|"Yes, {w}," said {b}.]',
        a=a,
        b=b,
        w=line,
    )
    if t.chance(0.5):
        n = t.between(0, len(words) - 2)
        t.say(
            '"What came after {x}?" asked {a}. ["After {x} came {y}," said {b}.|"It was {y}," said {b}.]',
            a=a,
            b=b,
            x=words[n],
            y=words[n + 1],
        )
    t.say('[Not one was wrong.|"Every one is right," said {a}.|{a} clapped {a.his} hands.]', a=a)


def directions(t: Telling, a: Person, b: Person) -> None:
    turns = t.sample(
        (
            "left at the stump",
            "right at the big rock",
            "over the little brook",
            "past three birches",
            "through the hedge",
            "down the steps",
            "up the ladder",
            "round the puddle",
            "along the ditch",
            "straight past the sign",
            "between the two posts",
            "across the soft moss",
        ),
        t.between(3, 5),
    )
    way = ", ".join(turns)
    t.say(
        '["The way is easy," said {a}. "Go {w}."|{a} explained the way: go {w}.|"You must go {w}," said {a}.]',
        a=a,
        w=way,
    )
    t.say(
        '["Go {w}," {b} said again.|So {b} went {w}.|{b} did as {a} said and went {w}.|"Did you find '
        'it?" {a} asked later. "Yes, I went {w}," said {b}.]',
        a=a,
        b=b,
        w=way,
    )
