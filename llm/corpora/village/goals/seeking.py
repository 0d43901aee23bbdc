"""Stories of somebody who looks for something: each links its scenes to one wish and ends when it comes true."""

from llm.corpora.village.facts import ask_where
from llm.corpora.village.plot import begin, closing, task, visit
from llm.corpora.village.telling import Telling


def lost_thing(t: Telling) -> None:
    hero, *helpers = begin(t, t.pick((2, 2, 3)))
    lost, place, done = t.thing(), t.place(), set[str]()
    t.say(
        "[{b} had lost {b.his} {x}.|{b} looked everywhere, but the {x} was gone.|{b}'s {x} was gone, "
        "and {b.he} wanted it back.|"
        '"My {x} is gone," said {b}.|Somebody had moved the {x} of {b}.]',
        b=hero,
        x=lost,
    )
    for i, helper in enumerate(helpers):
        visit(t, hero, helper)
        t.say(
            '["Have you seen my {x}?" asked {b}.|{b} asked about the {x}.|"I am looking for my {x}," {b} said.]',
            b=hero,
            x=lost,
        )
        task(t, helper, hero, done)
        if i < len(helpers) - 1:
            t.say(
                '["I have not seen the {x}," said {a}, "but {c} may know."|"Ask {c} about the {x}," said '
                "{a}.|{a} did not know where the {x} was, but {c} might know.]",
                a=helper,
                c=helpers[i + 1],
                x=lost,
            )
    t.put(lost, place)
    ask_where(t, hero, helpers[-1], lost)
    t.give(lost, hero)
    t.say(
        "[{b} ran there, and the {x} was really {w}.|And {w} {b} found the {x} at last.|{b} went to "
        "look, and there, {w}, was the {x}.]",
        b=hero,
        x=lost,
        w=place.at,
    )
    closing(t, hero)


def lost_pet(t: Telling) -> None:
    hero, *helpers = begin(t, t.pick((2, 2, 3)))
    place, done = t.place(), set[str]()
    pet = f"{hero.pet_name} the {hero.pet}"
    t.say("[{x} had run away from {b}.|{b} could not find {x}.|Where was {x}? {b} was worried.]", x=pet, b=hero)
    for helper in helpers:
        visit(t, hero, helper)
        t.say('["Have you seen {x}?" asked {b}.|"Help me find {x}," said {b}.]', x=pet, b=hero)
        task(t, helper, hero, done)
    t.put(hero.pet_name, place)
    t.say(
        '["I saw {n} {w}," said {a}.|"Your {k} is {w}," said {a}.|"I heard a noise {w}," said {a}.]',
        n=hero.pet_name,
        k=hero.pet,
        w=place.at,
        a=helpers[-1],
    )
    t.say(
        "[There was {n}, {w}, [fast asleep|wet and cold|very hungry|quite happy].|{b} went there and "
        "called, and {n} came at once.|They found {n} {w}.]",
        n=hero.pet_name,
        w=place.at,
        b=hero,
    )
    del t.where[hero.pet_name]
    closing(t, hero)


def found_thing(t: Telling) -> None:
    hero, owner, *rest = begin(t, t.pick((2, 2, 3)))
    x, place, done = t.thing(), t.place(), set[str]()
    t.put(x, place)
    t.say(
        "[{b} found a {x} {w}|There was a {x} {w}, and {b} saw it first|{w}, {b} [saw|noticed|came "
        "upon] a {x}]. "
        '["Whose can it be?" said {b}.|It had no name on it.|{b} wanted to bring it back to its '
        "owner.|Somebody must have lost it.]",
        b=hero,
        x=x,
        w=place.at,
    )
    t.give(x, hero)
    for other in rest:
        visit(t, hero, other)
        t.say(
            '["Is this {x} yours?" asked {b}. ["No, not mine," said {a}.|"No," said {a}. "Ask {o}."]|{b} '
            'showed {a} the {x}. "I have seen it in the house of {o}," said {a}.]',
            a=other,
            b=hero,
            o=owner,
            x=x,
        )
        task(t, other, hero, done)
    visit(t, hero, owner)
    t.say(
        '["Is this {x} yours?" asked {b}.|{b} showed {a} the {x}.] ["Yes, that is my {x}," said {a}.|'
        '"My {x}!" cried {a}. "Where was it?" "It was {w}," said {b}.]',
        a=owner,
        b=hero,
        x=x,
        w=place.at,
    )
    t.give(x, owner)
    t.say(
        "[{a} was so glad that {b} had to stay for a while.|{a} thanked {b} again and again.|{b} gave {a} the {x}.]",
        a=owner,
        b=hero,
        x=x,
    )
    if not rest or t.chance(0.3):
        task(t, owner, hero, done)
    closing(t, hero)


def journey(t: Telling) -> None:
    hero, friend = begin(t, 2)
    place, done = t.place(), set[str]()
    t.say(
        "[{b} wanted to see what was {w}|{b} had heard of a treasure {w}|There was said to be a "
        "[door|light|stranger|nest] {w}, and {b} wanted to see it], [and {c} came along|and asked "
        "{c} to come too].",
        b=hero,
        c=friend,
        w=place.at,
    )
    task(t, friend, hero, done)
    t.say(
        "[They walked on [and on|together|through the grass|without a word].|The path was [long|"
        "steep|muddy|narrow].|Half of the way was done.]"
    )
    if t.chance(0.5):
        task(t, hero, friend, done)
    found = t.thing()
    t.put(found, place)
    t.say(
        "[At last they came there, and {w} [lay|stood|was] a {x}.|There was nothing but a {x} {w}.|"
        "And {w} they found a {x}.] "
        '["Take it, {b}," said {c}.|"It is yours," said {c}.|{b} picked it up.]',
        b=hero,
        c=friend,
        w=place.at,
        x=found,
    )
    t.give(found, hero)
    closing(t, hero)


def wish(t: Telling) -> None:
    hero, *helpers = begin(t, t.pick((2, 2, 3)))
    owner = helpers[-1]
    x, done = t.thing(), set[str]()
    t.give(x, owner)
    t.say(
        "{a} had a {x}, and {b} [wanted it very much|needed it|wished to have it]."
        "[| {b} needed it for [a feast|a long journey|the new house|a sick friend|a game|the winter].]",
        a=owner,
        b=hero,
        x=x,
    )
    for helper in helpers[:-1]:
        visit(t, hero, helper)
        t.say(
            '["How can I get the {x} from {o}?" asked {b}.|"I want the {x} of {o}," {b} told {a}.]',
            a=helper,
            b=hero,
            o=owner,
            x=x,
        )
        task(t, helper, hero, done)
        t.say(
            '["Now go to {o}," said {a}.|"Just ask {o} for the {x}," said {a}.|"{o} is kind. Ask for the '
            '{x}," said {a}.]',
            a=helper,
            o=owner,
            x=x,
        )
    visit(t, hero, owner)
    t.say('["Will you give me the {x}?" asked {b}.|"Please, I need your {x}," {b} said.]', b=hero, x=x)
    task(t, owner, hero, done)
    t.give(x, hero)
    t.say(
        '["The {x} is yours now," said {a}.|{a} gave {b} the {x}.|"You have earned the {x}," said '
        "{a}.|So {b} got the {x} from {a}.]",
        a=owner,
        b=hero,
        x=x,
    )
    closing(t, hero)
