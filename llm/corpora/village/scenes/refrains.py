"""Scenes in which strange words come back: songs, spells, echoes, signals. A repeat is lower case after a space, so
that its tokens are the same both times."""

from llm.corpora.village.people import Person
from llm.corpora.village.telling import Telling
from llm.corpora.village.words import ANIMALS, ANY_WORD, COLOURS, THINGS


def song(t: Telling, a: Person, b: Person) -> None:
    words = [t.made_up(1, 2) for _ in range(t.between(3, 8))]
    line = " ".join(words)
    t.say(
        "[It was an old song.|The song was short and strange.|Nobody knew what the words meant.|{a} "
        "had the song from {a.his} grandmother.|"
        "It was a song for [rowing|walking|digging|baking|long nights].|Every child {a} knew could "
        "sing it.] "
        '[It went|It began|{a} sang it slowly|{a} sang|And so it went]: "Oh, {s}."',
        a=a,
        s=line,
    )
    t.say(
        '["Oh, {s}," sang {b}[| after {a.him}].|{b} listened, then sang, "oh, {s}."|{b} tried it: "Oh, {s}."]',
        a=a,
        b=b,
        s=line,
    )
    if t.chance(0.4):
        t.say(
            '["Once more," said {a}.|"Louder," {a} laughed.|"Again," said {a}.] ["Oh, {s}!"|They sang '
            'together: "Oh, {s}!"]',
            a=a,
            s=line,
        )
    t.endings.append(
        lambda: t.say(
            "[That night|All the way home|In the evening|Before {b.he} fell asleep], {b} [sang|hummed|"
            "sang softly], "
            '"oh, {s}."',
            b=b,
            s=line,
        )
    )


def secret_words(t: Telling, a: Person, b: Person) -> None:
    words = ", ".join(t.secrets(3, 8))
    t.say(
        "[{a} bent down and whispered|{a} spoke [softly|in a low voice]|{a} looked around and said]: "
        '"[The secret words are|The password is|Remember this:] {w}."',
        a=a,
        w=words,
    )
    t.say(
        '["Say them back," said {a}.|"Can you say it?" asked {a}.|"Tell me what I said," {a} told '
        "{b.him}.] "
        '["Yes, {w}," said {b}.|{b} closed {b.his} eyes. "Yes, {w}."|"They are {w}," said {b}.]',
        a=a,
        b=b,
        w=words,
    )
    if t.chance(0.5):
        t.say(
            "[At the little door|At the iron gate|Before the stone wall] a [deep|sleepy|rough] voice "
            "asked for the words. "
            '"They are {w}," said {b}, and it [opened|swung open|let {b.him} through].',
            b=b,
            w=words,
        )


def spell(t: Telling, a: Person, b: Person) -> None:
    words = [t.made_up(1, 3) if t.chance(0.25) else t.pick(ANY_WORD) for _ in range(t.between(6, 22))]
    line = " ".join(words)
    t.say(
        "[On the stone stood some words without any sense|{a} had found a page of magic words|The "
        "old machine printed words on a strip of paper|"
        "Someone had scratched words into the wall|In the middle of the book there was a spell]. "
        '["[It says|I read], {s}," said {a}.|{a} read slowly: "Now {s}."|{a} spelled it out: "And {s}."]',
        a=a,
        s=line,
    )
    t.say(
        '["[It says|I read], {s}," {b} [read after {a.him}|repeated|said too].|"Yes, {s}," said {b}.|'
        '{b} copied it down: "So {s}."|'
        '{b} read it too: "Now {s}."]',
        a=a,
        b=b,
        s=line,
    )
    if t.chance(0.35):
        t.say(
            '["And again, {s}!" they cried together.|Both of them said it: "And {s}."|"And {s}," it said '
            "on the other side too.]",
            s=line,
        )
    t.say(
        "[Nothing happened.|There was a flash of light.|Far away a bell rang.|The ground shook a "
        "little.|A door opened somewhere.|"
        '"What does it mean?" asked {b}. "Nobody knows," said {a}.]',
        a=a,
        b=b,
    )


def parrot(t: Telling, a: Person, b: Person) -> None:
    t.say(
        "[On a perch sat|By the window sat|In a cage hung from the roof was] a [clever|noisy|fat|"
        "proud] bird that [said everything twice|repeated every word|copied what people said]."
    )
    for speaker in (b, a) if t.chance(0.5) else (b,):
        line = t.pick(
            (
                "hello there, {w}",
                "I have lost my {w}",
                "give me the {w} and the {v}",
                "do you like {w} or {v}",
                "no {w}, no {v}, no {u}",
                "my {w} is under the {v}",
                "first the {w}, then the {v}, then the {u}",
                "{w} is the word and {v} is the answer",
                "never put a {w} on a {v}",
            )
        )
        w, v, u = (t.made_up() if t.chance(0.5) else t.fresh(THINGS) for _ in range(3))
        said = line.format(w=w, v=v, u=u)
        t.say(
            '[{p} said, "well, {w}."|"Well, {w}," said {p}.] '
            '["Well, {w}," said the bird.|The bird [cried|shouted|sang out], "well, {w}!"|"Well, {w}!" '
            "it [screamed|answered].]",
            p=speaker,
            w=said,
        )
    t.say(
        "[They both laughed.|{b} laughed so hard that {b.he} had to sit down.|{a} gave it a nut.|The "
        "bird looked very pleased.]",
        a=a,
        b=b,
    )


def echo(t: Telling, a: Person, b: Person) -> None:
    cave = t.pick(("the old mine", "the valley", "the tunnel", "the great hall", "the gorge"))
    t.say(
        "[There was an echo in {c}.|They stood before {c}, where an echo lived.|{a} showed {b} the echo in {c}.]",
        a=a,
        b=b,
        c=cave,
    )
    for speaker in t.sample((a, b), t.between(1, 2)):
        words = " ".join(t.made_up(1, 3) for _ in range(t.between(2, 5)))
        t.say(
            '["Hey, {w}!" [called|shouted] {p}.|{p} [called|shouted|cried]: "Hey, {w}!"] '
            '["Hey, {w}!" [said|answered|came back from] {c}.|[Back came|The answer was|The echo said]: '
            '"hey, {w}!"]',
            p=speaker,
            w=words,
            c=cave,
        )


def signal(t: Telling, a: Person, b: Person) -> None:
    colours = t.sample(COLOURS, t.between(4, 8))
    if t.chance(0.4):
        colours.extend(t.sample(COLOURS, 2))
    line = " ".join(colours)
    t.say(
        "[Far out a ship showed its lights|Across the bay someone waved flags|A row of lamps shone "
        "on the other side]: {c}. "
        '["What is the signal?" asked {a}. "It is {c}," said {b}.|{b} called out, "they show {c}."|'
        "{b} wrote down {c}.]",
        a=a,
        b=b,
        c=line,
    )
    t.say(
        '[{a} sent the same back: {c}.|"Answer them," said {a}, and {b} lit {c}.|So they answered {c}.]',
        a=a,
        b=b,
        c=line,
    )


def rhyme(t: Telling, a: Person, b: Person) -> None:
    hero, place = t.name(), t.name()
    x, y = t.fresh_words(THINGS, 2)
    pet = t.fresh(ANIMALS)
    line = t.pick(
        (
            f"old {hero} went to {place} with a {x}, and the {pet} went after with the {y}",
            f"who stole the {x} of {hero}, was it the {pet} or the king of {place}",
            f"little {hero} had a {pet}, it slept in a {x} and it ate from a {y}",
            f"the {pet} of {hero} wears a {x}, the {pet} of {place} wears a {y}",
            f"when {hero} was young in {place}, every {pet} had a {x} and a {y}",
        )
    )
    t.say(
        '[{a} knew an old rhyme: "Now {r}."|{a} stood up and said, "now {r}."|It was a rhyme for '
        'small children. "Now {r}."]',
        a=a,
        r=line,
    )
    t.say(
        '["Now {r}," said {b}[| without a mistake].|{b} learned it at once: "Now {r}."|Then {b} said '
        'it alone: "Now {r}."]',
        b=b,
        r=line,
    )


def letter(t: Telling, a: Person, b: Person) -> None:
    sender, word, n = t.name(), t.made_up(), t.between(3, 6)
    lines = t.sample(
        (
            "the {x} is lost",
            "the snow is deep here",
            "my {y} has run away",
            "I will come when the moon is full",
            "please send me some {f}",
            "the roof is mended now",
            "nobody believes me",
            "I sleep under a {x}",
            "I have bought a {y}",
            "the sea was wild and grey",
            "we ate {f} every day",
            "I saw a {y} in a tree",
        ),
        min(n, 3),
    )
    slots = {"x": t.fresh(THINGS), "y": t.fresh(ANIMALS), "f": t.foods(1, 1)[0]}
    body = ", and ".join(line.format(**slots) for line in lines)
    text = f"dear {word}, {body}"
    t.say(
        "[A letter had come from|{a} held a letter from|There was a letter from] {s}[|, who was far "
        "away|, an old friend]. "
        '{a} read: "My {m}."',
        a=a,
        s=sender,
        m=text,
    )
    t.say(
        '["Read it again," said {b}.|"I did not hear," said {b}.|{b} could not believe it. "Once '
        'more, please."] '
        '[{a} read it again|{a} nodded and read|{a} began again|{a} smiled and read]: "My {m}."',
        a=a,
        b=b,
        m=text,
    )
    if t.chance(0.5):
        t.say('["Who wrote it?" asked {b}. "It was {s}," said {a}.|"So that is {s}," said {b}.]', a=a, b=b, s=sender)
