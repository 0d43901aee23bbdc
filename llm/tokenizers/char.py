"""One id per character: the simplest tokenizer. It knows only the characters it was trained on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self

from llm.tokenizers.base import (
    SPECIAL_TOKENS,
    TokenizerError,
    decode,
    place_specials,
    token_bytes,
    without_lone_surrogates,
    write_fields,
)

NAMED = 5  # unknown characters that an error lists


class CharTokenizer:
    """Ids are places in the list of known characters; special tokens follow them."""

    kind: Final = "char"

    def __init__(self, characters: Sequence[str], special_tokens: Sequence[str] = SPECIAL_TOKENS) -> None:
        for character in characters:
            if not isinstance(character, str) or len(character) != 1 or "\ud800" <= character <= "\udfff":
                raise TokenizerError(f"expected single characters, got {character!r:.80}; list each by itself")
        self._ids = {character: id for id, character in enumerate(characters)}
        if len(self._ids) != len(characters):
            raise TokenizerError("expected each character once, got some twice; remove the doubles")
        self.special_tokens: Mapping[str, int] = MappingProxyType(
            place_specials(special_tokens, first_id=len(characters))
        )
        names = (*characters, *self.special_tokens)
        self._vocabulary = [name.encode() for name in names]
        self.n_vocab = len(names)

    @classmethod
    def train(cls, text: str | Iterable[str], special_tokens: Sequence[str] = SPECIAL_TOKENS) -> Self:
        """Know every character of a text, or of several, in the order of their code points."""
        documents = [text] if isinstance(text, str) else text
        characters: set[str] = set()
        for document in documents:
            characters.update(without_lone_surrogates(document))
        return cls(sorted(characters), special_tokens)

    @property
    def characters(self) -> tuple[str, ...]:
        """Every known character; its place is its id."""
        return tuple(self._ids)

    def encode(self, text: str) -> list[int]:
        """One id per character; a TokenizerError names the first few that are unknown."""
        text = without_lone_surrogates(text)
        try:
            return [self._ids[character] for character in text]
        except KeyError:
            unknown = list(dict.fromkeys(character for character in text if character not in self._ids))
            named = ", ".join(f"{c!r} (U+{ord(c):04X}) at position {text.index(c)}" for c in unknown[:NAMED])
            more = f" and {len(unknown) - NAMED:,} more" if len(unknown) > NAMED else ""
            raise TokenizerError(
                f"expected one of the {len(self._ids)} characters this tokenizer was trained on, got "
                f"{named}{more}; take {'it' if len(unknown) == 1 else 'them'} out, or use a BPE tokenizer, "
                "which reads any text"
            ) from None

    def decode(self, ids: Iterable[int]) -> str:
        """Text of the ids."""
        return decode(self._vocabulary, ids)

    def token_bytes(self, id: int) -> bytes:
        """UTF-8 of one character."""
        return token_bytes(self._vocabulary, id)

    def save(self, directory: Path) -> None:
        """Write tokenizer.json."""
        write_fields(directory, self.kind, characters=self.characters, special_tokens=list(self.special_tokens))

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any], directory: Path) -> Self:
        """The tokenizer that tokenizer.json describes; reads no other file."""
        return cls(fields["characters"], fields["special_tokens"])
