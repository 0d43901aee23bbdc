"""A split pattern of a person's own: any regular expression, tried before it is used, and stopped where it searches for
ever. What it leaves out of a text is kept: each stretch between two matches is a word too."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import regex

from llm.tokenizers.base import TokenizerError, without_lone_surrogates

LONGEST = 2_000  # characters of a pattern
TRIAL = 0.5  # seconds of processor time for each text that a new pattern is tried on
PATIENCE, PER_CHARACTER = 2.0, 1e-5  # seconds that cutting a text may take; honest patterns need a tenth
_BLOCK = 8_192  # words
_TRIALS = [f"{run * 40}{end}" for run in "a 1!\n" for end in ("", "b", " 2", "!")]  # on runs bad patterns explode


@lru_cache(maxsize=64)
def compiled(pattern: str) -> regex.Pattern[str]:
    """The pattern, if it can be used. Raises TokenizerError, in a sentence, if not."""
    if not pattern or len(pattern) > LONGEST or without_lone_surrogates(pattern) != pattern:
        raise TokenizerError(
            f"expected a split pattern named gpt4 or gpt2, or a regular expression of 1 to {LONGEST:,} characters, "
            f"got {_said(pattern)}; write one"
        )
    try:
        found = regex.compile(pattern)
    except (regex.error, RecursionError, ValueError, OverflowError, MemoryError) as error:
        raise TokenizerError(
            f"expected a split pattern named gpt4 or gpt2, or a regular expression, got {_said(pattern)} "
            f"({error!s:.80}); mend it there"
        ) from None
    if found.flags & regex.REVERSE:
        raise TokenizerError(f"expected a split pattern that searches forwards, got {_said(pattern)}; leave out (?r)")
    for text in _TRIALS:
        for _ in _cut(found, text, TRIAL):
            pass
    return found


def _said(pattern: str) -> str:
    """The pattern in a sentence, its backslashes as they were typed."""
    return f"{pattern!r:.80}".replace("\\\\", "\\")


def word_blocks(text: str, pattern: str) -> Iterator[list[str]]:
    """The words of a text in order, some thousands at a time; joined again they are the text.

    Raises TokenizerError where the pattern takes too long.
    """
    cut = (word for word, _ in pieces(text, pattern))
    while block := list(islice(cut, _BLOCK)):
        yield block


def pieces(text: str, pattern: str) -> Iterator[tuple[str, bool]]:
    """The same words one by one, each with whether the pattern matched it or left it out."""
    return _cut(compiled(pattern), text, PATIENCE + PER_CHARACTER * len(text))


def _cut(pattern: regex.Pattern[str], text: str, seconds: float) -> Iterator[tuple[str, bool]]:
    done = 0
    for start, end in _matches(pattern, text, seconds):
        if start < done:
            raise TokenizerError(
                f"expected a split pattern whose matches follow each other, got {_said(pattern.pattern)}, of which two "
                "share a character; leave out \\K"
            )
        if end > start:
            if start > done:
                yield text[done:start], False
            yield text[start:end], True
            done = end
    if done < len(text):
        yield text[done:], False


def _matches(pattern: regex.Pattern[str], text: str, seconds: float) -> Iterator[tuple[int, int]]:
    """Where it matches. The time of the search alone counts, not of what is done with the words meanwhile.

    regex's own limit counts the time of every thread; where that was up and this thread's was not, it searches again.
    """
    at, used, full = 0, 0.0, True
    while full:
        began = time.thread_time()
        try:
            found = pattern.finditer(text, at, timeout=seconds - used, concurrent=True)
            spans = [match.span() for match in islice(found, _BLOCK)]
            full = len(spans) == _BLOCK
        except TimeoutError:
            spans = []
        used += time.thread_time() - began
        if used >= seconds:
            raise TokenizerError(
                f"the split pattern {_said(pattern.pattern)} took more than {seconds:.1f} seconds on {len(text):,} "
                "characters; write it so that it can match each stretch in one way only, with ++ for +"
            )
        yield from spans
        at = spans[-1][1] if spans else at
