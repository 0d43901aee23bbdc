"""Every kind of scene: what is asked of the hero, the scene, and its weight. {my}, {me}, {I} stand for who asks."""

from collections.abc import Callable

from llm.corpora.village.people import Person
from llm.corpora.village.scenes import lists, machine, refrains, rows, talk, things
from llm.corpora.village.telling import Telling

Scene = Callable[[Telling, Person, Person], None]

_WEIGHTED: tuple[tuple[str, Scene, int], ...] = (
    ("read the strange words", refrains.spell, 5),
    ("try {my} machine", machine.typewriter, 4),
    ("learn {my} song", refrains.song, 2),
    ("keep some secret words", refrains.secret_words, 2),
    ("help {me} pack", lists.packing, 1),
    ("help {me} with the animals", lists.growing_list, 1),
    ("listen to a letter", refrains.letter, 1),
    ("meet {my} talking bird", refrains.parrot, 1),
    ("hear the echo", refrains.echo, 3),
    ("help {me} find the little ones", lists.roll_call, 1),
    ("go shopping for {me}", lists.shopping, 2),
    ("help {me} plant the garden", lists.planting, 1),
    ("listen to {my} dream", lists.dream, 1),
    ("play {my} memory game", lists.memory_game, 4),
    ("watch the lights with {me}", refrains.signal, 1),
    ("learn the way to {my} hut", lists.directions, 1),
    ("learn a rhyme", refrains.rhyme, 1),
    ("look for what {I} hidden", things.hiding, 2),
    ("share some things with {me}", things.sharing, 2),
    ("make a swap with {me}", things.swap, 1),
    ("fill some boxes with {me}", rows.boxes, 1),
    ("make a trade for {me}", things.trade_chain, 1),
    ("help {me} mend something", things.mending, 1),
    ("count with {me}", rows.counting, 1),
    ("look at {my} shelf", rows.missing_one, 1),
    ("watch the animals with {me}", rows.line_up, 1),
    ("tidy up with {me}", things.tidying, 1),
    ("answer some questions", talk.questions, 2),
    ("talk about the neighbours", talk.gossip, 2),
    ("play a question game", talk.quiz, 1),
    ("sort the coats", talk.coats, 1),
    ("guess {my} riddle", talk.riddle, 2),
    ("learn some foreign words", talk.language, 1),
    ("listen to an old tale", talk.tale, 1),
    ("sit with {me} and talk", talk.introductions, 1),
)
SCENES = tuple((request, scene) for request, scene, weight in _WEIGHTED for _ in range(weight))
