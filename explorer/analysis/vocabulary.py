"""A tokenizer's vocabulary: what each token was made of, how often a text holds it, and whether a model learned it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explorer.analysis.cutting import Cutter
from explorer.analysis.seen_tokens import GENERATED
from llm.corpora.catalog import documents
from llm.data import split
from llm.model.gpt import GPT
from llm.tokenizers.base import N_BYTES, Tokenizer
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.split import PATTERNS, word_blocks

# Shapes: V d_vocab, C d_model.

TOLD_EVERY = 65_536  # characters
MOST_CHARACTERS = 50_000_000  # of a corpus that is made or read again
NOWHERE = (0xC0, 0xC1, *range(0xF5, 0x100))  # bytes that no UTF-8 text holds, so that no training text ever did
FLAGGED = 0.1  # of the 90th percentile of all distances
MEASURE = (
    "cosine distance of a token's row of the unembedding to the mean row of the 13 bytes that no UTF-8 text holds "
    "(after Land and Bartolo 2024)"
)


def parents(tokenizer: Cutter) -> np.ndarray:
    """V x 2, int32: the two tokens that a merge joined; -1 for bytes, characters and special tokens."""
    found = np.full((tokenizer.n_vocab, 2), -1, dtype=np.int32)
    if isinstance(tokenizer, BPETokenizer) and tokenizer.merges:
        found[N_BYTES : N_BYTES + len(tokenizer.merges)] = tokenizer.merges
    return found


def counts(tokenizer: Cutter, texts: Iterable[str], say: Callable[[str], None] = lambda words: None) -> np.ndarray:
    """V, int64: how often each token occurs in the texts."""
    found = np.zeros(tokenizer.n_vocab, dtype=np.int64)
    pattern = getattr(tokenizer, "pattern", "gpt4")
    characters = told = 0
    for text in texts:
        # No token crosses from one block to the next; a pattern of somebody's own may look across, and is given all.
        for words in word_blocks(text, pattern) if pattern in PATTERNS else [[text]]:
            part = "".join(words)
            found += np.bincount(tokenizer.encode(part), minlength=tokenizer.n_vocab)
            characters += len(part)
            if characters - told >= TOLD_EVERY:
                told = characters
                say(f"Counted {characters:,} characters")
    return found


def training_texts(provenance: Mapping[str, Any], base: Path | None) -> tuple[str, Callable[[], list[str]]] | None:
    """What a model was trained on, in words, and how to get it again; None where that cannot be had.

    `base` is the run's directory, where a text of the person's own lies.
    """
    options = provenance.get("options")
    if not isinstance(options, Mapping):
        return None
    try:
        kind, seed, n_chars = options["corpus"], int(options["corpus_seed"]), int(options["corpus_chars"])
        fraction, split_seed = float(options["validation_fraction"]), int(options["training"]["seed"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    named = options.get("corpus_file")
    path = base / Path(named).name if base and isinstance(named, str) else None  # an imported run may name any file
    if not 1 <= n_chars <= MOST_CHARACTERS or not (kind in GENERATED or (kind == "file" and path and path.is_file())):
        return None
    told = provenance.get("corpus")
    known = told.get("characters") if isinstance(told, Mapping) else None
    words = f"{known if isinstance(known, int) else n_chars:,} characters of {str(kind).replace('_', ' ')}"

    def read() -> list[str]:
        return list(split(documents(kind, seed, n_chars, path), fraction, split_seed)[0])

    return words, read


@dataclass(frozen=True)
class Undertrained:
    """How far each token is from one that never was a target."""

    distance: np.ndarray  # V, float32: see MEASURE
    threshold: float  # below it a token is flagged

    @property
    def flagged(self) -> np.ndarray:
        """V, bool."""
        return self.distance < self.threshold


def undertrained(model: GPT, tokenizer: Tokenizer) -> Undertrained | None:
    """Glitch candidates; None for a tokenizer without bytes, where no token is known to be unseen."""
    place = {tokenizer.token_bytes(id): id for id in range(tokenizer.n_vocab)}
    never = [place[bytes([byte])] for byte in NOWHERE if bytes([byte]) in place]
    if len(never) < len(NOWHERE):
        return None
    rows = model.unembed.weight.detach().cpu().float().numpy()[: tokenizer.n_vocab]  # V C
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    mean = rows[never].mean(0)
    distance = 1 - unit @ (mean / max(float(np.linalg.norm(mean)), 1e-12))
    return Undertrained(distance.astype(np.float32), FLAGGED * float(np.percentile(distance, 90)))
