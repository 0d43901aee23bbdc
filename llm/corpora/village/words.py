"""Word lists the stories draw from, and the syllables of which names and chants are made."""

from dataclasses import dataclass

THINGS = (
    "lamp kite spoon rope bell drum hat key map ball boot broom bucket button candle cart chair clock comb crown cup "
    "feather fork hammer jar jug kettle ladder mirror nail needle net paddle pan pen pillow pot ring saddle scarf shell "
    "shovel sled stick stone stool sword thimble torch tray umbrella vase wagon wheel whip axe anchor apron basket "
    "blanket book bottle bowl box brush card chain coin doll flag glove lantern medal plate puzzle quilt ribbon ruler "
    "sack saw sponge spade stamp string tent tin top towel compass locket marble whisk oar envelope arrow"
).split()
ADJECTIVES = (
    "red blue green yellow white black brown grey golden silver orange purple pink old new small big long round little "
    "heavy light broken shiny wooden rusty soft striped painted cracked pretty plain tiny dusty clean square thin odd "
    "ugly iron"
).split()
COLOURS = "red blue green yellow white black brown grey golden silver orange purple pink".split()
ANIMALS = (
    "goat hen cow horse pig duck sheep fox frog mouse owl bear wolf deer hare swan goose crab ant bee crow dove eel "
    "donkey turkey otter beaver badger rabbit kitten puppy calf lamb foal robin heron snail mole stork"
).split()
FOODS = (
    "bread cheese butter milk honey eggs apples pears plums cherries grapes nuts beans peas carrots onions potatoes "
    "cabbage turnips leeks rice salt pepper sugar flour oats jam ham fish sausages mushrooms lemons berries figs "
    "pumpkins cream mustard mint garlic corn tea raisins"
).split()
PLANTS = (
    "carrots peas beans onions leeks turnips pumpkins cabbage garlic mint corn roses tulips lilies daisies poppies "
    "violets lavender parsley radishes beets melons cucumbers sunflowers"
).split()
NATURE = (
    "moon star cloud rain wind snow river forest mountain sea island sand leaf root tree flower grass thunder rainbow "
    "shadow fire smoke ice storm fog wave valley meadow desert sunrise"
).split()
SECRETS = tuple(dict.fromkeys((*THINGS, *ANIMALS, *NATURE, *FOODS)))
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
ORDINALS = "first second third fourth fifth sixth seventh eighth".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
INSTRUMENTS = "flute drum violin trumpet harp fiddle lute whistle bells horn piano banjo pipe".split()


@dataclass(frozen=True)
class Place:
    """A spot of the village; `at` is how one says that something is there."""

    name: str
    at: str

    def __str__(self) -> str:
        return self.name


PLACES = tuple(
    Place(line.split(" the ")[1], line)
    for line in (
        "in the barn|at the well|under the bridge|on the hill|by the river|in the tower|in the cellar|at the market|"
        "in the orchard|by the pond|in the cave|at the lighthouse|on the beach|in the attic|under the willow|"
        "in the stable|behind the waterfall|in the meadow|at the castle|by the fountain|in the chapel yard|"
        "on the roof|in the hay loft|at the quarry|in the hollow log|on the island|by the crooked fence|"
        "in the wine vault|under the stairs|on the stone bench|in the boat house|at the windmill|in the bell room|"
        "by the haystack|in the pine wood|at the old ruin"
    ).split("|")
)

ONSETS = "b br c ch cl d dr f fl g gr h j k kl l m n p pl pr qu r s sh sk sl st t th tr v w y z".split()
VOWELS = "a e i o u a e i o oo ee ai au ea".split()
CODAS = ["", "", "", "", "n", "r", "l", "m", "k", "s", "sh", "t", "nd", "x", "b", "lp"]
