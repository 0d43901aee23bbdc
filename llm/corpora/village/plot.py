"""The joints of a story: how it opens, introduces its cast, moves to a scene with a reason, and ends."""

from llm.corpora.village.facts import ASKED, ask_about, ask_where, tell_fact
from llm.corpora.village.people import Person
from llm.corpora.village.scenes.machine import found_strip
from llm.corpora.village.scenes.table import SCENES
from llm.corpora.village.telling import Telling
from llm.corpora.village.words import ADJECTIVES_OF_ANIMALS, ANIMALS, DAYS


def opening(t: Telling) -> None:
    t.say(
        "[It was [a [cold|warm|windy|rainy|quiet|bright|foggy|fine] [morning|day|evening|afternoon]|"
        "{d} morning|{d} evening|market day|the first day of [spring|autumn|winter|summer]].|"
        "[Snow|Mist|Sunlight|Smoke|Fog] lay over the [village|fields|roofs].|[Rain|Snow|Hail] [was "
        "falling|fell] on the [village|fields|roofs|sea].|A [cold|warm|strong] wind came from the "
        "[sea|hills|north].|One {d} [the bells rang early|the wind blew from the sea|the whole "
        "village was awake|nobody wanted to work].|"
        "[Grey|White|Dark|Small] clouds [rolled|sailed|drifted] over the [sea|hills|village].|The "
        "[sun|moon] [was|stood] [high|low] [over the sea|above the roofs|in the sky].|"
        "[Early in the morning|Late in the evening|At noon|Before breakfast|After lunch] the "
        "[village|street|square] was [still|empty|full of people|full of noise].|"
        "This [happened|was] [long ago|last {d}|in the year of the great storm|before the harvest|on "
        "a {d}].]",
        d=t.pick(DAYS),
    )


def introduce(t: Telling) -> None:
    """A line or two on everyone who will act, with facts about them."""
    for person in t.cast:
        if person.resident:
            t.say(
                "[{p} was the {p.job}|{p} the {p.job} lived {p.home}|There was {p}, the {p.job}|{p} lived "
                "{p.home}|{p} was the {p.job} and lived {p.home}|"
                "{p} the {p.job} [was|stood|sat] {p.works}].",
                p=person,
            )
        else:
            t.say(
                "[{p} was a {p.job} who lived far away {p.home}|A {p.job} called {p} had come [on foot|by "
                "boat|by coach], and {p.his} home was {p.home}|"
                "There was a stranger too, a {p.job} named {p}, whose home was {p.home}|{p}, a {p.job}, was "
                "new in the village; {p.his} home was {p.home}].",
                p=person,
            )
        keys = ["food", "coat", "plays", t.pick(("pet", "pet_name"))]
        for i, key in enumerate(t.sample(keys, t.pick((0, 0, 1, 1) if person.resident else (0, 1, 1, 2)))):
            tell_fact(t, person, key, pronoun=t.chance(0.4 + 0.3 * i))


def _cast(t: Telling, n: int) -> list[Person]:
    """n people, at most one of them a stranger; in any order."""
    people = [t.resident() for _ in range(n - 1)]
    people.append(t.visitor() if t.chance(0.45) else t.resident())
    t.cast = t.sample(people, n)
    return t.sample(t.cast, n)


def begin(t: Telling, n: int) -> list[Person]:
    """Open the story and introduce its n people; the first returned is the hero."""
    people = _cast(t, n)
    if t.chance(0.1):
        found_strip(t)
    elif t.chance(0.6):
        opening(t)
    introduce(t)
    t.paragraph()
    return people


def task(t: Telling, host: Person, hero: Person, done: set[str]) -> None:
    """The host asks something of the hero, and a scene of that kind follows."""
    request, play = t.pick(SCENES)
    while request in done:
        request, play = t.pick(SCENES)
    done.add(request)
    said = request.format(my="my", me="me", I="I have")
    told = request.format(my=host.his, me=host.him, I=f"{host.he} had")
    t.say(
        '["[First you must|You have to|Please|But first you must|Come and|Then you must] {r}[|, '
        '{b}]," said {a}.|'
        "{a} asked {b} to {q}.|[First|But] {a} wanted {b} to {q}.|"
        '"[I will help you|You shall have my help|I am on your side] if you {r}," said {a}.|'
        '"I want you to {r}[|, {b}| first]," {a} said.|"Would you {r}?" asked {a}.|"[Nobody else|No '
        'one] wants to {r}," said {a}.|{a} said that {b} had to {q}.|'
        '"Stay and {r}," said {a}.]',
        a=host,
        b=hero,
        r=said,
        q=told,
    )
    t.say(
        '["[Gladly|All right|With pleasure|If you like|Of course|Why not|Very well|I will|I will try|'
        'Yes]," said {b}.|{b} [agreed|was glad to|nodded|did not mind|sighed, but agreed|had time '
        "for that].|{b} said [yes|that {b.he} would try|nothing, but stayed].]",
        b=hero,
    )
    t.paragraph()
    play(t, host, hero)
    if t.chance(0.4):
        t.say(
            '["[Well done|Thank you|That was good|You are clever|Very good|That will do|Good work], '
            '{b}," said {a}.|{a} was [pleased|happy|content|satisfied].|'
            "{a} [thanked {b}|shook {b}'s hand|smiled at {b}|nodded].|{b} [was glad|felt proud|wiped "
            "{b.his} face|took a deep breath|laughed].|"
            '"Was that hard?" asked {a}. "[No|Not at all|A little]," said {b}.]',
            a=host,
            b=hero,
        )
    t.paragraph()


def visit(t: Telling, hero: Person, host: Person) -> None:
    """The hero goes where the host is found, and may see something on the way."""
    again = host.name in t.visited
    first = not t.visited
    t.visited.add(host.name)
    if again:
        t.say("[Then|After that|Now] {b} went [to {a} again, who was [still |]{a.works}|back to {a}].", a=host, b=hero)
    elif t.chance(0.12):
        t.say("{a} was {a.works}, [and {b} went there|where {b} found {a.him}].", a=host, b=hero)
    else:
        t.say(
            "{w}[{b} went to {a}, who was {a.works}|{b} found {a} {a.works}|{b} [walked|ran|hurried] to "
            "{a}, who was {a.works}|"
            "{b} [looked for|went to see|wanted to see] {a} and found {a.him} {a.works}|{b} [met|saw|"
            "came upon] {a} {a.works}].",
            a=host,
            b=hero,
            w=t.pick(("", "", "First ", "So ") if first else ("", "Then ", "Next ", "After that ")),
        )
    if t.chance(0.25):
        t.say(
            "[On the way|By the roadside|Behind a wall|Not far from there] {b.he} [saw|met|passed|had "
            "seen|heard] "
            "a {x} {y}[, [fast asleep|hungry and cold|looking for food|with wet feet|on three legs]|]"
            "[. It [ran away|looked sad|did not move|followed {b.him} for a while|made a loud noise|"
            "wanted to play]|].",
            b=hero,
            x=t.pick(ADJECTIVES_OF_ANIMALS),
            y=t.fresh(ANIMALS),
        )


def recall(t: Telling) -> None:
    """Perhaps a last question about a thing or a person of this story."""
    if len(t.cast) < 2:
        return
    asker, answerer = t.sample(t.cast, 2)
    if t.where and t.chance(0.6):
        thing = t.pick(list(t.where))
        if t.where[thing] == asker.name:
            asker, answerer = answerer, asker
        ask_where(t, asker, answerer, thing)
    others = t.others(asker, answerer)
    if others and t.chance(0.4):
        ask_about(t, asker, answerer, t.pick(others), t.pick(ASKED))


def closing(t: Telling, hero: Person) -> None:
    t.paragraph()
    recall(t)
    for ending in t.endings[:1]:
        if t.chance(0.7):
            ending()
    t.say(
        "[And that was the end of [the day|it|a long day]|So the [day|story|evening] ended well|"
        "Everyone went home [happy|tired|in the dark|singing|early]|"
        "{b} was [happy|proud|tired|hungry] and [went home|went to bed|sat by the fire|ate a big "
        "supper]|{b} [slept well|could not sleep|dreamed of it] that night|"
        "{b} never forgot that [day|evening]|[The stars|The moon|The first star] came out over the "
        "[village|hills|sea]|It was a [good|long|strange|fine|happy] day|"
        "[After that|From then on], they were [friends|good friends|like family]|{b} [told|wrote] "
        "the whole story [to {b.his} {b.pet}|in a little book|to everybody]|"
        '"What a [day|good day|strange day|long day]," said {b}|The lamps went out [one by one|in '
        "every house]|[Outside|Far away] [a dog barked|the wind blew|it began to rain|the sea was "
        "calm]|"
        "{b} [walked|went] home [under the stars|along the river|through the quiet streets|with a "
        "smile]].",
        b=hero,
    )
