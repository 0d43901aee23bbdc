"""The village: 24 residents with the same facts in every story, and visitors whose facts live in one story only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """One character and every fact a story may tell or ask about them."""

    name: str
    he: str
    his: str
    him: str
    job: str
    works: str  # "at the bakery": where they are found
    home: str  # "in the red house by the old oak", or a far town
    pet: str
    pet_name: str
    food: str
    coat: str
    plays: str
    resident: bool = True

    def __str__(self) -> str:
        return self.name

    @property
    def He(self) -> str:
        return self.he.capitalize()

    @property
    def His(self) -> str:
        return self.his.capitalize()


# name, she or he, job, where found | house | pet and its name | food | coat | instrument
_TABLE = """
Mara she baker at the bakery|white house by the old oak|cat Pippin|plum cake|green|flute
Finn he miller at the mill|yellow house near the north gate|donkey Bramble|warm bread|brown|drum
Anna she teacher at the school|blue house behind the chapel|hen Dotty|pea soup|red|violin
Oscar he smith at the forge|black house beside the pump|dog Rusty|roast beef|grey|trumpet
Nell she doctor at the sick house|green house by the long wall|rabbit Clover|honey toast|white|harp
Tom he farmer on the farm|red house at the crossroads|pig Biscuit|fried eggs|blue|fiddle
Ida she weaver at the loom house|purple house near the two elms|lamb Woolly|apple pie|purple|lute
Hugo he carpenter in the workshop|brown house under the cliff|crow Inky|bean stew|orange|whistle
Rosa she gardener in the rose garden|pink house behind the pear tree|tortoise Pebble|carrot salad|yellow|bells
Ben he fisher on the pier|grey house by the sea steps|gull Splash|fish soup|black|horn
Lily she beekeeper by the beehives|yellow house at the lane's end|duck Puddle|honey cake|pink|flute
Max he clockmaker in the clock shop|silver house near the sundial|mouse Ticker|cheese pie|silver|piano
Greta she potter at the kiln|orange house beside the clay bank|goat Nanny|onion soup|brown|drum
Sam he shepherd in the sheepfold|green house on the ridge|ram Curly|goat cheese|white|pipe
Vera she tailor in the tailor shop|red house behind the linden|parrot Chico|rice pudding|golden|violin
Carl he cobbler in the shoe shop|white house at the corner|hedgehog Thistle|baked potatoes|green|banjo
Elsa she painter in the studio|blue house with the round door|fox Amber|cherry tart|blue|harp
Peter he postman at the post office|brown house near the south gate|pony Flash|ham and peas|red|horn
Ruth she cook in the big kitchen|pink house by the herb bed|goose Mabel|mushroom pie|grey|bells
Jack he woodcutter at the woodpile|black house under the pines|owl Hoot|sausages|yellow|fiddle
Clara she librarian in the library|purple house beside the ivy arch|kitten Velvet|lemon tart|purple|piano
Leo he boatman at the ferry|grey house on the green bank|otter Slick|grilled trout|orange|banjo
Martha she innkeeper at the inn|golden house near the milestone|calf Daisy|barley stew|black|lute
Otto he lamplighter under the street lamps|silver house by the iron fence|bat Flitter|walnut bread|golden|trumpet
"""

_PRONOUNS = {"she": ("she", "her", "her"), "he": ("he", "his", "him")}


def _residents() -> tuple[Person, ...]:
    people = []
    for line in _TABLE.strip().splitlines():
        who, house, pet, food, coat, plays = (" ".join(part.split()) for part in line.split("|"))
        name, pronoun, job, works = who.split(" ", 3)
        kind, pet_name = pet.split()
        people.append(
            Person(name, *_PRONOUNS[pronoun], job, works, f"in the {house}", kind, pet_name, food, coat, plays)
        )
    return tuple(people)


RESIDENTS = _residents()


def visitor(
    name: str, pronoun: str, job: str, town: str, pet: str, pet_name: str, food: str, coat: str, plays: str
) -> Person:
    """A stranger invented for one story, met on the village square."""
    return Person(
        name, *_PRONOUNS[pronoun], job, "on the square", town, pet, pet_name, food, coat, plays, resident=False
    )
