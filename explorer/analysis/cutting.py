"""How a text is cut: by characters, bytes and any tokenizer; what it costs in each script; the split before merging."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
import regex

from llm.tokenizers import own_pattern
from llm.tokenizers.base import without_lone_surrogates
from llm.tokenizers.published import PUBLISHED
from llm.tokenizers.split import PATTERNS

# Shapes: N tokens of a text. Offsets count bytes of its UTF-8.


class Cutter(Protocol):
    """The part of a tokenizer that cutting a text needs."""

    @property
    def n_vocab(self) -> int: ...

    @property
    def special_tokens(self) -> Mapping[str, int]: ...

    def encode(self, text: str) -> list[int]: ...

    def token_bytes(self, id: int) -> bytes: ...


class Characters:
    """Every character a token, its code point the id."""

    n_vocab = 0x110000
    special_tokens: Mapping[str, int] = {}

    def encode(self, text: str) -> list[int]:
        """Code points; a lone half of a surrogate pair becomes U+FFFD."""
        return [ord(character) for character in without_lone_surrogates(text)]

    def token_bytes(self, id: int) -> bytes:
        """UTF-8 of the character."""
        return chr(id).encode()


class Bytes:
    """Every byte of the UTF-8 a token, its value the id."""

    n_vocab = 256
    special_tokens: Mapping[str, int] = {}

    def encode(self, text: str) -> list[int]:
        """Byte values."""
        return list(without_lone_surrogates(text).encode())

    def token_bytes(self, id: int) -> bytes:
        """The byte."""
        return bytes([id])


@dataclass(frozen=True)
class Cut:
    """A text as one tokenizer cuts it."""

    ids: np.ndarray  # N, int32
    ends: np.ndarray  # N, int32: where each token ends
    n_bytes: int  # of the text
    exact: bool  # whether the tokens' bytes, one after another, are the text's

    @property
    def bytes_per_token(self) -> float:
        """How much text a token holds on average; 0 for no text."""
        return self.n_bytes / len(self.ids) if len(self.ids) else 0.0


def cut(tokenizer: Cutter, text: str) -> Cut:
    """Encode and read back. Raises TokenizerError where the tokenizer does not know a character."""
    raw = without_lone_surrogates(text).encode()
    ids = tokenizer.encode(text)
    tokens = [tokenizer.token_bytes(id) for id in ids]
    ends = np.cumsum([len(token) for token in tokens], dtype=np.int32)
    return Cut(np.array(ids, dtype=np.int32), ends, len(raw), b"".join(tokens) == raw)


# Fertility: tokens per word (Rust et al. 2021). Scripts that write no spaces between words are counted by character,
# each with its marks.

_SPACED = (
    "Latin", "Cyrillic", "Greek", "Arabic", "Hebrew", "Syriac", "Thaana", "Devanagari", "Bengali", "Gurmukhi",
    "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala", "Armenian", "Georgian", "Ethiopic",
    "Hangul", "Mongolian", "Cherokee", "Tifinagh", "Nko",
)  # fmt: skip
_UNSPACED = ("Han", "Hiragana", "Katakana", "Bopomofo", "Thai", "Lao", "Khmer", "Myanmar", "Tibetan", "Javanese")
_EMOJI = r"\p{Regional_Indicator}{2}|\p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F]*(?:\u200D\p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F]*)*"  # noqa: E501


@dataclass(frozen=True)
class Fertility:
    """What one script of a text costs."""

    script: str  # "numbers", "emoji", and "other" for letters of a script that is not told apart
    unit: str  # what is counted: a word, a character, ...
    units: int
    tokens_per_unit: float  # tokens that a unit is spread over, on average


def fertility(text: str, ends: np.ndarray) -> list[Fertility]:
    """Tokens per word for each script in the text, most words first; `ends` as in Cut.

    A token that reaches into two words counts for both; what stands between words counts for none.
    """
    found: dict[str, list[int]] = {}
    at = place = 0
    text = without_lone_surrogates(text)
    for match in _scripts().finditer(text):
        at += len(text[place : match.start()].encode())
        end = at + len(match.group().encode())
        first, last = np.searchsorted(ends, [at, end - 1], side="right")
        found.setdefault(match.lastgroup or "", []).append(int(last - first) + 1)
        at, place = end, match.end()
    rows = [Fertility(s, _unit(s), len(n), sum(n) / len(n)) for s, n in found.items()]
    return sorted(rows, key=lambda row: (-row.units, row.script))


def _unit(script: str) -> str:
    return {"numbers": "number", "emoji": "emoji"}.get(script, "character" if script in _UNSPACED else "word")


@cache
def _scripts() -> regex.Pattern[str]:
    words = [rf"(?P<{name}>\p{{Script={name}}}[\p{{Script={name}}}\p{{M}}]*+)" for name in _SPACED]
    characters = [rf"(?P<{name}>\p{{Script={name}}}\p{{M}}*+)" for name in _UNSPACED]
    other = r"(?P<other>(?:(?!\p{Script=Common})\p{L}\p{M}*+)++)"
    return regex.compile("|".join([rf"(?P<emoji>{_EMOJI})", r"(?P<numbers>\p{N}++)", *words, *characters, other]))


# The split pattern at work: which part of it took which word.

_LETTERS = "letters, with one sign or space before them"
NAMED: dict[str, tuple[str, ...]] = {  # what each part of a pattern takes
    "gpt4": (
        "ends such as 'm, 'll, 've, in any case",
        _LETTERS,
        "one to three digits",
        "signs, with the line ends after them",
        "white space at the end of the text",
        "white space up to a line end",
        "white space, but for the last blank before a word",
        "one blank",
    ),
    "gpt2": (
        "ends such as 'm, 'll, 've",
        "letters, with one space before them",
        "digits, with one space before them",
        "signs, with one space before them",
        "white space at the end of the text",
        "white space, but for the last blank before a word",
        "one blank",
    ),
    "o200k_base": (
        "letters, the first ones capitals, with one sign before and an end such as 'm after them",
        "letters, all capitals, with the same around them",
        "one to three digits",
        "signs, with the line ends and slashes after them",
        "white space up to a line end",
        "white space, but for the last blank before a word",
        "white space",
    ),
}
_SPLIT_AS = {"gpt2": "gpt2", "cl100k_base": "gpt4", "o200k_base": "o200k_base"}  # published ones


def split_of(tokenizer: object) -> str | None:
    """The name of the pattern that a tokenizer splits by, for `split`; None where it needs none."""
    return getattr(tokenizer, "pattern", None) or _SPLIT_AS.get(getattr(tokenizer, "name", ""))


@dataclass(frozen=True)
class Part:
    """One alternative of a split pattern; the first that fits takes the word."""

    name: str
    regex: str


@dataclass(frozen=True)
class Split:
    """A text cut into the words that no merge crosses."""

    parts: tuple[Part, ...]
    ends: np.ndarray  # words, int32: where each ends, in bytes
    took: np.ndarray  # words, uint8: place in parts


def split(text: str, pattern: str) -> Split:
    """The words, and the part of the pattern that took each. Raises TokenizerError for one that cannot be used."""
    text = without_lone_surrogates(text)
    if pattern not in NAMED:
        return _own_split(text, pattern)
    parts = _parts(pattern)
    matches = [(len(m.group().encode()), int((m.lastgroup or "part0")[4:])) for m in _numbered(pattern).finditer(text)]
    ends = np.cumsum([length for length, _ in matches], dtype=np.int32)
    return Split(parts, ends, np.array([part for _, part in matches], dtype=np.uint8))


def _own_split(text: str, pattern: str) -> Split:
    """By a pattern of a person's own, which has no parts that can be named."""
    found = list(own_pattern.pieces(text, pattern))
    ends = np.cumsum([len(word.encode()) for word, _ in found], dtype=np.int32)
    parts = Part("a pattern of one's own", pattern), Part("what it leaves out", "")
    return Split(parts, ends, np.array([not matched for _, matched in found], dtype=np.uint8))


@cache
def _parts(pattern: str) -> tuple[Part, ...]:
    named = PATTERNS.get(pattern) or PUBLISHED[pattern].split
    spelled = named.replace("<L>", r"\p{L}").replace("<N>", r"\p{N}")
    return tuple(Part(name, each) for name, each in zip(NAMED[pattern], _alternatives(spelled), strict=True))


@cache
def _numbered(pattern: str) -> regex.Pattern[str]:
    return regex.compile("|".join(f"(?P<part{i}>{part.regex})" for i, part in enumerate(_parts(pattern))))


def _alternatives(pattern: str) -> list[str]:
    """What stands between the bars that are in no bracket."""
    found, depth, escaped = [""], 0, False
    for letter in pattern:
        depth += 0 if escaped else (letter in "([") - (letter in ")]")
        if letter == "|" and depth == 0:
            found.append("")
        else:
            found[-1] += letter
        escaped = letter == "\\" and not escaped
    return found
