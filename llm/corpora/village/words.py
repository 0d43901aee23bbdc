"""Word lists the stories draw from, and the syllables of which names and chants are made."""

from dataclasses import dataclass


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


THINGS = _split(
    """
    lamp kite spoon rope bell drum hat key map ball boot broom bucket button candle cart chair clock
    comb crown cup feather fork hammer jar jug kettle ladder mirror nail needle net paddle pan pen
    pillow pot ring saddle scarf shell shovel sled stick stone stool sword thimble torch tray
    umbrella vase wagon wheel whip axe anchor apron basket blanket book bottle bowl box brush card
    chain coin doll flag glove lantern medal plate puzzle quilt ribbon ruler sack saw sponge spade
    stamp string tent tin top towel compass locket marble whisk oar envelope arrow
    """
)
ADJECTIVES = _split(
    """
    red blue green yellow white black brown grey golden silver orange purple pink old new small big
    long round little heavy light broken shiny wooden rusty soft striped painted cracked pretty
    plain tiny dusty clean square thin odd ugly iron
    """
)
COLOURS = _split(
    """
    red blue green yellow white black brown grey golden silver orange purple pink
    """
)
ANIMALS = _split(
    """
    goat hen cow horse pig duck sheep fox frog mouse owl bear wolf deer hare swan goose crab ant bee
    crow dove eel donkey turkey otter beaver badger rabbit kitten puppy calf lamb foal robin heron
    snail mole stork
    """
)
FOODS = _split(
    """
    bread cheese butter milk honey eggs apples pears plums cherries grapes nuts beans peas carrots
    onions potatoes cabbage turnips leeks rice salt pepper sugar flour oats jam ham fish sausages
    mushrooms lemons berries figs pumpkins cream mustard mint garlic corn tea raisins
    """
)
PLANTS = _split(
    """
    carrots peas beans onions leeks turnips pumpkins cabbage garlic mint corn roses tulips lilies
    daisies poppies violets lavender parsley radishes beets melons cucumbers sunflowers
    """
)
NATURE = _split(
    """
    moon star cloud rain wind snow river forest mountain sea island sand leaf root tree flower grass
    thunder rainbow shadow fire smoke ice storm fog wave valley meadow desert sunrise
    """
)
SECRETS = tuple(dict.fromkeys((*THINGS, *ANIMALS, *NATURE, *FOODS)))
LITTLE_WORDS = _split(
    """
    the and was said under asked you it in to of he she with yes no is they what where then there
    not very when how who but all some my your has had will came went found gave took lost wanted
    knew here now never always again only over behind near before after first last good old far away
    up down out
    """
)
ANY_WORD = (*SECRETS, *ADJECTIVES, *LITTLE_WORDS, *PLANTS)
NUMBERS = _split(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen
    """
)
ORDINALS = _split(
    """
    first second third fourth fifth sixth seventh eighth
    """
)
DAYS = _split(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday
    """
)
INSTRUMENTS = _split(
    """
    flute drum violin trumpet harp fiddle lute whistle bells horn piano banjo pipe
    """
)
VISITOR_JOBS = _split(
    """
    juggler pedlar singer sailor mapmaker pilgrim merchant scholar wizard messenger puppeteer piper
    knight poet tinker dancer astronomer storyteller explorer drummer
    """
)
VISITOR_PETS = _split(
    """
    monkey ferret lizard raven toad camel mule falcon snail beetle squirrel spider turtle peacock
    badger
    """
)
ADJECTIVES_OF_ANIMALS = _split(
    """
    young old fat thin small big wild tame lame brown grey white black shy angry lonely lazy
    """
)


@dataclass(frozen=True)
class Place:
    """A spot of the village; `at` is how one says that something is there."""

    name: str
    at: str

    def __str__(self) -> str:
        return self.name


_PLACES = """
in the barn, at the well, under the bridge, on the hill, by the river, in the tower, in the cellar, at the
market, in the orchard, by the pond, in the cave, at the lighthouse, on the beach, in the attic, under the
willow, in the stable, behind the waterfall, in the meadow, at the castle, by the fountain, in the chapel
yard, on the roof, in the hay loft, at the quarry, in the hollow log, on the island, by the crooked fence, in
the wine vault, under the stairs, on the stone bench, in the boat house, at the windmill, in the bell room, by
the haystack, in the pine wood, at the old ruin
"""
PLACES = tuple(Place(at.split(" the ")[1], at) for at in " ".join(_PLACES.split()).split(", "))

ONSETS = _split(
    """
    b c d f g h j k l m n p r s t v w z b d f k l m n p r s t v br dr fl gr kl pl sk st tr
    """
)
VOWELS = _split(
    """
    a e i o u a e i o ee oo ai
    """
)
CODAS = ("", "", *_split("n r l m k s x sh"))
