"""How the facts about a person are told, asked and answered; the answers are read from the person, never made up."""

from dataclasses import dataclass

from llm.corpora.village.people import Person
from llm.corpora.village.telling import Question, Telling


@dataclass(frozen=True)
class Fact:
    """Templates for one attribute: a statement, a question about oneself and about another, and both answers."""

    told: str
    ask_self: str
    answer_self: str
    ask: str
    answer: str


FACTS = {
    "job": Fact(
        "{s} [was a {p.job}|worked as a {p.job}|was the {p.job} {from_}]",
        "[What is your work|What do you do all day|What are you]?",
        "I am a {p.job}",
        "[What is {p}'s work|What does {p} do|What is {p}]?",
        "{p.He} is a {p.job}",
    ),
    "home": Fact(
        "{s} lived {p.home}",
        "Where [do you live|is your home|is your house]?",
        "I live {p.home}",
        "Where does {p} live?",
        "[{p}|{p.He}] lives {p.home}",
    ),
    "pet": Fact(
        "{s} [kept a {p.pet} called|had a {p.pet} named] {p.pet_name}",
        "[What pet do you have|Do you keep a pet|Which animal is yours]?",
        "[I have a {p.pet}|I keep a {p.pet}|Mine is a {p.pet}]",
        "[What pet does {p} have|Which animal belongs to {p}]?",
        "{p} has a {p.pet}",
    ),
    "pet_name": Fact(
        "{own} {p.pet} was called {p.pet_name}",
        "[What is your {p.pet} called|What do you call your {p.pet}|What is the name of your {p.pet}]?",
        "[My {p.pet} is called|I call it|Its name is] {p.pet_name}",
        "[What is {p}'s {p.pet} called|What is the name of {p}'s {p.pet}]?",
        "[The {p.pet} is called|Its name is] {p.pet_name}",
    ),
    "food": Fact(
        "{s} [liked {p.food} best|loved {p.food}|was fond of {p.food}]",
        "[What do you like to eat|What is your favourite food|What would you like for supper]?",
        "I [like|love] {p.food}[| best]",
        "[What does {p} like to eat|What food does {p} love]?",
        "{p} [likes|loves] {p.food}",
    ),
    "coat": Fact(
        "{s} [wore a {p.coat} coat|had a {p.coat} coat|always wore {p.his} {p.coat} coat]",
        "[What colour is your coat|Which coat is yours]?",
        "[My coat is {p.coat}|Mine is the {p.coat} coat|I have a {p.coat} coat]",
        "[What colour is {p}'s coat|Which coat is {p}'s]?",
        "[{p.His} coat is {p.coat}|{p.He} has a {p.coat} coat|{p} wears a {p.coat} coat]",
    ),
    "plays": Fact(
        "{s} played the {p.plays}[ well|]",
        "[What do you play|Which instrument do you play]?",
        "I play the {p.plays}",
        "[What does {p} play|Which instrument does {p} play]?",
        "{p.He} plays the {p.plays}",
    ),
}
ASKED = tuple(FACTS)


def tell_fact(t: Telling, p: Person, key: str, pronoun: bool = False) -> None:
    """One sentence that states the fact, of the name or of "he" or "she"."""
    t.say(
        FACTS[key].told + ".",
        s=p.he if pronoun else p,
        own=p.his if pronoun else f"{p}'s",
        p=p,
        from_="of the village" if p.resident else "from far away",
    )


def _log(t: Telling, asker: Person, answerer: Person, p: Person, key: str) -> None:
    t.log.append(Question(asker.name, answerer.name, p.name, key, getattr(p, key)))


def ask_self(t: Telling, asker: Person, p: Person, key: str) -> None:
    """The asker asks p about p."""
    fact = FACTS[key]
    t.say(
        f'[{{a}} asked: "{fact.ask_self}"|"{fact.ask_self}" asked {{a}}.|{{a}} asked {{p}}, '
        f'"{fact.ask_self}"] '
        f'["{fact.answer_self}."|"{fact.answer_self}," said {{p}}.|{{p}} answered, "{fact.answer_self}."]',
        a=asker,
        p=p,
    )
    _log(t, asker, p, p, key)


def ask_about(t: Telling, asker: Person, answerer: Person, p: Person, key: str) -> None:
    """The asker asks somebody else about p."""
    fact = FACTS[key]
    t.say(
        f'["{fact.ask}" asked {{a}}.|{{a}} asked {{b}}, "{fact.ask}"|{{a}} wanted to know: "{fact.ask}"] '
        f'["{fact.answer}."|"{fact.answer}," said {{b}}.|{{b}} knew. "{fact.answer}."]',
        a=asker,
        b=answerer,
        p=p,
    )
    _log(t, asker, answerer, p, key)


_LYING = (
    '["Where is the {x}[|, do you think| now]?" asked {a}.|{a} asked {b}, "Where is the {x}?"|'
    '"Do you know where the {x} is?" '
    '{a} asked.] ["It is {w}," said {b}.|"The {x} is {w}," {b} answered.|{b} knew that it was '
    '{w}.|"Look {w}," said {b}.]'
)
_HELD = (
    '["Who has the {x}[| now]?" asked {a}.|{a} asked {b}, "Who has the {x}?"|"Where is the {x}?" '
    "asked {a}.] "
    '["{w} has it," said {b}.|"{w} has the {x}," {b} answered.|"Ask {w}. {w} has it," said {b}.]'
)


def ask_where(t: Telling, asker: Person, answerer: Person, thing: str) -> None:
    """The asker asks where the thing is; the answer is the state of the story."""
    where = t.where[thing]
    if where == answerer.name:
        t.say(
            '["Who has the {x}?" asked {a}.|{a} asked, "Where is the {x}?"] '
            '["I have it," said {b}.|"I have the {x}," {b} answered.]',
            x=thing,
            a=asker,
            b=answerer,
        )
    elif where == asker.name:
        t.say(
            '["Who has the {x}?" asked {a}.|"Where is the {x}?" {a} asked.] ["You have it, {a}," said '
            "{b}.|"
            '"You have the {x}," {b} laughed.]',
            x=thing,
            a=asker,
            b=answerer,
        )
    elif where.startswith(("in ", "on ", "at ", "by ", "under ", "behind ")):
        t.say(_LYING, x=thing, a=asker, b=answerer, w=where)
    else:
        t.say(_HELD, x=thing, a=asker, b=answerer, w=where)
    t.log.append(Question(asker.name, answerer.name, thing, "where", where))
