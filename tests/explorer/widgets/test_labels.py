"""No two entries of a list are called the same."""

from explorer.widgets.labels import told_apart


def test_names_that_occur_once_stay() -> None:
    assert told_apart({"a": "one", "b": "two"}) == {"a": "one", "b": "two"}


def test_names_that_occur_twice_are_told_apart() -> None:
    names = {"20261121-1-k3f9": "Stories", "20261121-2-x0aa": "Stories", "c": "Sums"}
    assert told_apart(names) == {"20261121-1-k3f9": "Stories · k3f9", "20261121-2-x0aa": "Stories · x0aa", "c": "Sums"}


def test_even_where_the_ends_are_the_same_or_a_name_looks_like_another() -> None:
    said = told_apart({"1-aaaa": "x", "2-aaaa": "x", "3": "x · aaaa"})
    assert len(set(said.values())) == 3
