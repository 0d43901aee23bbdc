"""Which ids a model has met: random tokens are drawn from these, since on others no head does its work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from llm.corpora.catalog import documents
from llm.tokenizers.base import Tokenizer

GENERATED = ("stories", "sums", "brackets", "repeats")  # pure functions of their seed, so they can be read again
N_CHARS = 1_000_000
OFTEN = 20


@dataclass(frozen=True)
class TokenPool:
    """Ids to draw from, and in words where they come from."""

    ids: tuple[int, ...]
    words: str


def seen_tokens(tokenizer: Tokenizer, provenance: Mapping[str, Any]) -> TokenPool:
    """The ids that occur OFTEN times or more in the start of the training corpus, where that can be generated again.

    Elsewhere every id but the special ones.
    """
    options = provenance.get("options")
    options = options if isinstance(options, Mapping) else {}
    kind, seed, n_chars = (options.get(name) for name in ("corpus", "corpus_seed", "corpus_chars"))
    special = set(tokenizer.special_tokens.values())
    if kind in GENERATED and _count(seed, 0) and _count(n_chars, 1):
        n_chars = min(n_chars, N_CHARS)
        seen = Counter[int]()
        for text in documents(kind, seed, n_chars):
            seen.update(tokenizer.encode(text))
        ids = tuple(sorted(id for id, n in seen.items() if n >= OFTEN and id not in special))
        if len(ids) > 1:
            return TokenPool(
                ids, f"{len(ids):,} ids seen {OFTEN} times or more in {n_chars:,} characters of its corpus"
            )
    ids = tuple(id for id in range(tokenizer.n_vocab) if id not in special)
    return TokenPool(ids, f"all {len(ids):,} ids of its vocabulary")


def _count(value: Any, least: int) -> TypeGuard[int]:
    """A checkpoint may have been edited by hand."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
