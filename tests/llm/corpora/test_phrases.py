from random import Random

import pytest

from llm.corpora.village.people import RESIDENTS
from llm.corpora.village.phrases import fill, listed


def test_alternatives_nest_and_each_is_reached() -> None:
    random = Random(0).random
    seen = {fill("[a|b [c|d]|] {x}.", random, {"x": "y"}) for _ in range(200)}
    assert seen == {"A y.", "B c y.", "B d y.", " y."}


def test_slots_articles_and_capitals_are_put_right() -> None:
    mara = RESIDENTS[0]
    text = fill("{p.his} {x} was a {x}. an {y} of {p}. a hen?", Random(0).random, {"p": mara, "x": "owl", "y": "hat"})
    assert text == "Her owl was an owl. A hat of Mara. A hen?"


@pytest.mark.parametrize("template", ["[a|b", "a|b", "a]"])
def test_unbalanced_templates_are_refused(template: str) -> None:
    with pytest.raises(ValueError, match="balanced"):
        fill(template, Random(0).random, {})


def test_listed() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["owl", "hen"], article="the") == "the owl and the hen"
