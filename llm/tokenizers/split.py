"""Cut a text into the words that merges never cross: exactly as GPT-4's or GPT-2's pattern does, or by one's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain

import regex

from llm.tokenizers import own_pattern
from llm.tokenizers.base import TokenizerError

# From OpenAI's tiktoken (cl100k_base, r50k_base). <L> stands for letters, <N> for numbers: see `_spelled`.
PATTERNS = {
    "gpt4": (
        r"'(?i:[sdmt]|ll|ve|re)"  # the ends of I'm, we'll, you've
        r"|[^\r\n<L><N>]?+[<L>]++"  # letters, with one sign or space before them
        r"|[<N>]{1,3}+"  # up to three digits
        r"| ?[^\s<L><N>]++[\r\n]*+"  # punctuation, with the line ends after it
        r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"  # white space, leaving the last blank to the word after it
    ),
    "gpt2": r"'(?:[sdmt]|ll|ve|re)| ?[<L>]++| ?[<N>]++| ?[^\s<L><N>]++|\s++$|\s+(?!\S)|\s",
}

_BLOCK = 65_536  # characters
_CUT = re.compile(r"\S |[a-zA-Z][!-@\[-`{-~]")


def words(text: str, pattern: str) -> Iterator[str]:
    """The words of a text in order; joined again they are the text."""
    return chain.from_iterable(word_blocks(text, pattern))


def word_blocks(text: str, pattern: str) -> Iterator[list[str]]:
    """The same words, some thousands at a time."""
    check_pattern(pattern)
    if pattern not in PATTERNS:
        return own_pattern.word_blocks(text, pattern)
    any_text, ascii_text = _compiled(pattern)
    return ((ascii_text if block.isascii() else any_text).findall(block) for block in _blocks(text))


def check_pattern(pattern: str) -> None:
    """Refuse what is neither a name in PATTERNS nor a regular expression that cuts text in reasonable time."""
    if not isinstance(pattern, str):
        raise TokenizerError(
            f"expected a split pattern named {' or '.join(PATTERNS)}, or a regular expression, got {pattern!r:.80}"
        )
    if pattern not in PATTERNS:
        own_pattern.compiled(pattern)


def _blocks(text: str) -> Iterator[str]:
    """Pieces of a long text, cut before a space that follows something else, or between a letter and a sign or digit.

    No word of either pattern holds a space behind anything but white space, or goes on after a letter with anything but
    a letter, so no word is cut.
    """
    start = 0
    while start < len(text):
        cut = _CUT.search(text, start + _BLOCK)
        end = cut.start() + 1 if cut else len(text)
        yield text[start:end]
        start = end


def _spelled(name: str, letters: str, numbers: str) -> str:
    """The pattern with its two character classes filled in."""
    if name not in PATTERNS:
        raise TokenizerError(
            f"expected a split pattern named {' or '.join(PATTERNS)}, got {name!r:.80}; other programs read a pattern "
            "of one's own in another way, so that ids would differ"
        )
    return PATTERNS[name].replace("<L>", letters).replace("<N>", numbers)


@cache
def _compiled(name: str) -> tuple[regex.Pattern[str], re.Pattern[str]]:
    """The pattern for any text, and the same for ASCII in the standard library, at half the cost."""
    any_text = regex.compile(_spelled(name, r"\p{L}", r"\p{N}"))
    ascii_text = re.compile(_spelled(name, "a-zA-Z", "0-9"), re.ASCII)  # or \s would take \x1c-\x1f
    return any_text, ascii_text


@cache
def explicit_pattern(name: str) -> str:
    """The pattern with letters and numbers listed as ranges.

    An engine given this cuts where `words` does, whichever Unicode version it was built with.
    """
    every_character = "".join(map(chr, range(0x110000)))

    def ranges(property: str) -> str:
        runs: list[str] = regex.findall(property + "+", every_character)
        return "".join(f"\\x{{{ord(run[0]):x}}}-\\x{{{ord(run[-1]):x}}}" for run in runs)

    return _spelled(name, ranges(r"\p{L}"), ranges(r"\p{N}"))
