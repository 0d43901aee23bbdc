"""What every tokenizer can do, the special tokens all of them keep, and the error all of them raise."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from operator import index
from pathlib import Path
from typing import Any, Protocol

END_OF_TEXT = "<|endoftext|>"
USER = "<|user|>"
ASSISTANT = "<|assistant|>"
SPECIAL_TOKENS = (END_OF_TEXT, USER, ASSISTANT)

N_BYTES = 256  # tokens that every byte-level vocabulary begins with
TOKENIZER_FILE = "tokenizer.json"
FORMAT_VERSION = 1


class TokenizerError(ValueError):
    """A text, an id or a file that a tokenizer cannot take: one sentence with the remedy."""


class Tokenizer(Protocol):
    """Text to ids and back.

    Special tokens come from `special_tokens[name]` only: text that spells one is encoded as ordinary text.
    """

    @property
    def kind(self) -> str:
        """The name of this kind in tokenizer.json."""

    @property
    def n_vocab(self) -> int:
        """How many ids there are, special tokens included: the size a model's embedding needs."""

    @property
    def special_tokens(self) -> Mapping[str, int]:
        """Name to id."""

    def encode(self, text: str) -> list[int]:
        """Ids of the text; [] for no text."""

    def decode(self, ids: Iterable[int]) -> str:
        """Text of the ids; bytes that are not UTF-8 become U+FFFD, special tokens their names."""

    def token_bytes(self, id: int) -> bytes:
        """The bytes one id stands for; a special token's are its name's; none for an id that a rank file leaves out."""

    def save(self, directory: Path) -> None:
        """Write tokenizer.json (and the rank file, for a kind that has ranks) into an existing directory."""


def token_bytes(vocabulary: Sequence[bytes], id: int) -> bytes:
    """The bytes of one id, or a TokenizerError that says which ids exist."""
    if not 0 <= index(id) < len(vocabulary):
        raise TokenizerError(
            f"expected a token id from 0 to {len(vocabulary) - 1}, got {id}; "
            "use the tokenizer that these ids were made with"
        )
    return vocabulary[id]


def by_id(tokens: Mapping[int, bytes]) -> list[bytes]:
    """The tokens in the order of their ids, b"" for an id between them that none has."""
    return [tokens.get(id, b"") for id in range(max(tokens) + 1)]


def decode(vocabulary: Sequence[bytes], ids: Iterable[int]) -> str:
    """Join the bytes of the ids and read them as UTF-8; what is not UTF-8 becomes U+FFFD."""
    return b"".join(token_bytes(vocabulary, id) for id in ids).decode("utf-8", errors="replace")


def without_lone_surrogates(text: str) -> str:
    """The text itself, or a copy with U+FFFD for each half of a surrogate pair, which UTF-8 cannot hold.

    Two halves that stand in order are joined to the character they mean, as tiktoken does.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def place_specials(names: Sequence[str], first_id: int) -> dict[str, int]:
    """Give special tokens the ids from `first_id` on."""
    if isinstance(names, str) or not isinstance(names, Sequence) or len(set(map(repr, names))) != len(names):
        raise TokenizerError(f"expected a list of different special tokens, got {names!r:.80}")
    return {checked_special(name): first_id + i for i, name in enumerate(names)}


def checked_special(name: str) -> str:
    """The name itself; a TokenizerError for one that is empty or cannot be written in UTF-8."""
    if not isinstance(name, str) or not name or without_lone_surrogates(name) != name:
        raise TokenizerError(f"expected names of special tokens to be text, got {name!r:.80}")
    return name


def write_fields(directory: Path, kind: str, **fields: Any) -> None:
    """Write tokenizer.json, plain ASCII."""
    record = {"format": "vitrine-tokenizer", "version": FORMAT_VERSION, "kind": kind, **fields}
    (directory / TOKENIZER_FILE).write_text(json.dumps(record) + "\n", encoding="ascii")
