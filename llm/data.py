"""Text to tokens to batches: decoding, the token stream, the split by document, and a data order that is a pure
function of (seed, step)."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch

from llm.tokenizers.base import without_lone_surrogates


class Encoder(Protocol):
    """All that this module needs of a tokenizer."""

    @property
    def n_vocab(self) -> int: ...

    def encode(self, text: str) -> list[int]: ...


def decode_text(raw: bytes) -> str:
    """The text of a file in UTF-8, or in UTF-16 with a byte-order mark; ValueError with a remedy otherwise."""
    encoding = "utf-8-sig"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"expected UTF-8 text, got byte 0x{raw[error.start]:02x} at position {error.start:,} "
            f"({error.reason}); save the file as UTF-8"
        ) from error
    if "\0" in text:
        raise ValueError(
            f"expected text, got a NUL character at position {text.index(chr(0)):,}, which binary files have; "
            "choose a text file, or save it as UTF-8"
        )
    return text


def clean_text(text: str) -> str:
    """Untrusted text as every tokenizer reads it: surrogate pairs joined, lone surrogates replaced by U+FFFD."""
    return without_lone_surrogates(text)


def token_stream(tokenizer: Encoder, documents: Sequence[str], separator_id: int | None) -> np.ndarray:
    """All documents as one 1-D array of ids, each after the separator if any; uint16 where ids fit, else int32."""
    dtype = np.uint16 if tokenizer.n_vocab <= 1 << 16 else np.int32
    before = [] if separator_id is None else [separator_id]
    parts = [np.array([*before, *tokenizer.encode(document)], dtype=dtype) for document in documents]
    return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)


def split(documents: Sequence[str], validation_fraction: float = 0.05, seed: int = 0) -> tuple[list[str], list[str]]:
    """Training and validation documents, each in the order given; by document, so that no text is on both sides.

    Documents that are equal stay together. Where the fraction is less than one document, the end of the longest one,
    from a line's start where there is one, becomes the validation text.
    """
    if not 0 < validation_fraction < 1:
        raise ValueError(f"expected a validation fraction between 0 and 1, got {validation_fraction}")
    unique = list(dict.fromkeys(documents))
    if not unique:
        raise ValueError("expected at least one document, got none; give some text")
    n_validation = round(len(unique) * validation_fraction)
    if n_validation < 1 or n_validation == len(unique):
        longest = max(range(len(unique)), key=lambda i: len(unique[i]))
        text, n_chars = unique[longest], sum(map(len, unique))
        cut = max(0, len(text) - max(1, int(n_chars * validation_fraction)))
        line = text.rfind("\n", max(0, 2 * cut - len(text)), cut) + 1  # at most twice what was asked for
        cut = line or cut
        unique[longest] = text[:cut]
        return [document for document in unique if document], [text[cut:]]
    order = np.random.Generator(np.random.Philox(key=seed)).permutation(len(unique))
    held_out = {unique[i] for i in order[:n_validation]}
    train = [document for document in documents if document not in held_out]
    return train, [document for document in unique if document in held_out]


@dataclass(frozen=True)
class TokenDataset:
    """Two token streams, and the validation text's size in bytes, by which nats per token become bits per byte."""

    train: np.ndarray  # (n,) ids
    validation: np.ndarray  # (m,) ids
    n_bytes_validation: int  # UTF-8 bytes of the validation documents, separators not counted
    train_starts: np.ndarray | None = None  # where windows may start, in order; None: anywhere
    validation_starts: np.ndarray | None = None

    def at_documents(self, separator_id: int) -> TokenDataset:
        """The same streams, whose windows start at separators alone: each shows a document from its beginning."""
        starts = [np.flatnonzero(stream == separator_id) for stream in (self.train, self.validation)]
        return replace(self, train_starts=starts[0], validation_starts=starts[1])

    @property
    def bytes_per_token(self) -> float:
        """UTF-8 bytes of text per validation token, separators counted as tokens."""
        return self.n_bytes_validation / max(1, len(self.validation))

    def bits_per_byte(self, nats_per_token: float) -> float:
        """A loss that does not depend on the tokenizer, so that models with different ones can be compared."""
        return nats_per_token / self.bytes_per_token / float(np.log(2))


def dataset(
    tokenizer: Encoder,
    documents: Sequence[str],
    separator_id: int | None,
    validation_fraction: float = 0.05,
    seed: int = 0,
) -> TokenDataset:
    """Split the documents and encode both sides."""
    train, validation = split(documents, validation_fraction, seed)
    n_bytes = sum(len(document.encode()) for document in validation)
    return TokenDataset(
        token_stream(tokenizer, train, separator_id), token_stream(tokenizer, validation, separator_id), n_bytes
    )


def require_length(stream: np.ndarray, n_ctx: int, name: str = "text") -> None:
    """ValueError with a remedy when the stream holds no full window of n_ctx inputs and their targets."""
    if len(stream) < n_ctx + 1:
        raise ValueError(
            f"the {name} needs at least {n_ctx + 1:,} tokens for a context of {n_ctx:,}, got {len(stream):,}; "
            "use a shorter context or more text"
        )


def batch(
    stream: np.ndarray,
    seed: int,
    step: int,
    batch_size: int,
    n_ctx: int,
    device: torch.device | str = "cpu",
    starts: np.ndarray | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs and targets (B, T), int64, from uniformly drawn offsets that depend on (seed, step) alone.

    Any step's offsets are computed directly, so a resumed run sees the data it would have seen. With `starts`, in
    order, the offsets are drawn from them.
    """
    require_length(stream, n_ctx)
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, step))))
    if starts is None:
        offsets = random.integers(0, len(stream) - n_ctx, size=batch_size)
    else:
        offsets = starts[random.integers(0, _full_windows(stream, starts, n_ctx), size=batch_size)]
    windows = stream[offsets[:, None] + np.arange(n_ctx + 1)].astype(np.int64)  # (B, T + 1)
    both = torch.from_numpy(windows).to(device)
    return both[:, :-1].contiguous(), both[:, 1:].contiguous()


def validation_windows(
    stream: np.ndarray, n_ctx: int, starts: np.ndarray | None = None
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Fixed (1, T) inputs and targets in order, without overlap: each token but the first is a target at most once.

    What is left at the end and fills no window is left out; with `starts`, in order, so is what lies between a window
    and the next start.
    """
    require_length(stream, n_ctx, "validation text")
    offsets = range(0, len(stream) - n_ctx, n_ctx) if starts is None else starts[: _full_windows(stream, starts, n_ctx)]
    free = 0
    for start in map(int, offsets):
        if start >= free:
            window = torch.from_numpy(stream[start : start + n_ctx + 1].astype(np.int64))[None]
            yield window[:, :-1], window[:, 1:]
            free = start + n_ctx


def _full_windows(stream: np.ndarray, starts: np.ndarray, n_ctx: int) -> int:
    """How many of `starts` have a full window after them."""
    if not (found := int(np.searchsorted(starts, len(stream) - n_ctx))):
        raise ValueError(
            f"expected a document's start with {n_ctx:,} more tokens after it, got none; "
            "use a shorter context, more text, or windows that start anywhere"
        )
    return found
