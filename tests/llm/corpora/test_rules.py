from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from llm.corpora.brackets import PAIRS, brackets
from llm.corpora.repeats import CHARACTERS, LENGTH, repeats
from llm.corpora.sums import sums


@pytest.mark.parametrize("digits", [1, 2, 3])
@pytest.mark.parametrize("reversed_answer", [False, True])
def test_every_sum_is_true(digits: int, reversed_answer: bool) -> None:
    for line in islice(sums(1, digits, reversed_answer), 2_000):
        left, answer = line.removesuffix("\n").split("=")
        a, b = left.split("+")
        assert max(len(a), len(b)) <= digits
        assert int(a) + int(b) == int(answer[::-1] if reversed_answer else answer)


def test_sums_cover_all_pairs() -> None:
    assert len(set(islice(sums(0, digits=1), 3_000))) == 100


def test_brackets_are_balanced_and_nested_within_limits() -> None:
    closers = {pair[1]: pair[0] for pair in PAIRS}
    deepest, kinds = 0, set[str]()
    for line in islice(brackets(2, max_depth=5, max_pairs=12), 2_000):
        stack: list[str] = []
        assert 4 <= len(line.removesuffix("\n")) <= 24
        for char in line.removesuffix("\n"):
            kinds.add(char)
            if char in closers:
                assert stack.pop() == closers[char]
            else:
                stack.append(char)
                deepest = max(deepest, len(stack))
        assert not stack
    assert deepest == 5
    assert kinds == set("".join(PAIRS))


def test_repeats_say_one_list_of_different_characters_again() -> None:
    lead_ins, lengths, seen = set[int](), set[int](), set[str]()
    for document in islice(repeats(3), 5_000):
        assert len(document) == LENGTH
        new = len(set(document))
        assert len(set(document[:new])) == new
        if new < LENGTH:
            lead_in = document.index(document[new])
            assert document[new:] == document[lead_in : lead_in + LENGTH - new]
            lead_ins.add(lead_in)
            lengths.add(new - lead_in)
        seen.update(document)
    assert lead_ins == set(range(33))
    assert lengths == set(range(8, 33))
    assert seen == set(CHARACTERS)
    assert len(CHARACTERS) == 96


def test_repeats_without_a_lead_in_begin_with_the_list() -> None:
    for document in islice(repeats(3, shortest=5, longest=5, lead_in=0), 100):
        assert document == (document[:5] * 13)[:LENGTH]


@pytest.mark.parametrize("generator", [sums, brackets, repeats])
def test_a_seed_fixes_the_lines(generator: Callable[[int], Iterator[str]]) -> None:
    assert list(islice(generator(5), 100)) == list(islice(generator(5), 100))
    assert list(islice(generator(5), 100)) != list(islice(generator(6), 100))


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="digit"):
        next(sums(0, digits=0))
    with pytest.raises(ValueError, match="max_depth"):
        next(brackets(0, max_depth=0))
    with pytest.raises(ValueError, match="shortest"):
        next(repeats(0, shortest=9, longest=8))
