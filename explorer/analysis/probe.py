"""What a checkpoint does on the fixed probe text of its run, and how far each head has moved since an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch.nn.functional as F
from torch import Tensor

from explorer.analysis.attention import pattern
from explorer.analysis.head_roles import HeadsOnText, heads_on_text
from explorer.analysis.next_token import NextTokens, next_tokens
from llm.checkpoint import Checkpoint
from llm.corpora.catalog import documents
from llm.data import split
from llm.runs.config import RunConfig
from llm.tokenizers.base import END_OF_TEXT, Tokenizer
from llm.trace import hook_name, trace

# Shapes: L layers, H query heads, T position.

LENGTH = 24  # tokens of a probe: a tile of 72 px gives each weight 3 px
HELD_OUT = 256  # documents kept to choose from
HELD_OUT_CHARS = 400  # of each: enough for a probe of long tokens
LISTED = 5  # most likely tokens named beside each true one


@dataclass(frozen=True)
class Probe:
    """One checkpoint on the probe text. Shared between readers, so never written to."""

    ids: tuple[int, ...]
    tokenizer: Tokenizer
    heads: HeadsOnText
    pattern: np.ndarray  # L H T T, float32
    loss: np.ndarray  # T-1, float64, nats: of each token but the first
    next: NextTokens

    @property
    def mean_loss(self) -> float | None:
        """Nats per token; None where a single token leaves nothing to predict."""
        return float(self.loss.mean()) if self.loss.size else None


def held_out(config: RunConfig, base: Path) -> tuple[str, ...]:
    """The start of what a run's corpus keeps out of training, document by document; `base` is the run's directory.

    Raises ValueError where the corpus cannot be read, or nothing was kept.
    """
    path = base / config.corpus_file if config.corpus_file else None
    texts = documents(config.corpus, config.corpus_seed, config.corpus_chars, path)
    _, kept = split(texts, config.validation_fraction, config.training.seed)
    if not any(kept):
        raise ValueError("expected some text to be kept out of training, got none")
    return tuple(text[:HELD_OUT_CHARS] for text in kept if text)[:HELD_OUT]


def probe_ids(texts: Sequence[str], tokenizer: Tokenizer, n_ctx: int) -> tuple[int, ...]:
    """The probe: whole documents while they fit LENGTH tokens, each after the end of text as in training.

    A first one that is longer is cut. Where documents are lists said over and over, the first two sayings of the one
    with the shortest are taken, if the context holds them.
    """
    separator = tokenizer.special_tokens.get(END_OF_TEXT)
    before, room, ids = [] if separator is None else [separator], min(LENGTH, n_ctx), list[int]()
    if sayings := [text[:end] for text in texts if (end := _two_sayings(text)) and len(before) + end <= n_ctx]:
        return (*before, *tokenizer.encode(min(sayings, key=len)))[:n_ctx]
    for text in texts:
        more = [*before, *tokenizer.encode(text)]
        if ids and len(ids) + len(more) > room:
            break
        ids += more
    return tuple(ids[:room])


def _two_sayings(text: str) -> int | None:
    """Where the second saying ends, if the text is a list of different characters said over and over to its end;
    others may come before it, once each."""
    seen: dict[str, int] = {}
    for at, character in enumerate(text):
        if character in seen:
            start, n = seen[character], at - seen[character]
            return at + n if n > 1 and at + n <= len(text) and text[start:-n] == text[at:] else None
        seen[character] = at
    return None


def probe(checkpoint: Checkpoint, ids: tuple[int, ...]) -> Probe:
    """Run the checkpoint's model once over the ids. Raises ValueError where its numbers overflow."""
    model = checkpoint.model
    names = [hook_name("pattern", layer) for layer in range(model.config.n_layers)]
    seen = trace(model, ids, names=names)
    if not all(map(_is_finite, (seen.logits, *seen.activations.values()))):
        raise ValueError("expected finite numbers from the model, got NaN or infinity: its training has diverged.")
    return Probe(
        ids=ids,
        tokenizer=checkpoint.tokenizer,
        heads=heads_on_text(seen, model),
        pattern=np.stack([pattern(seen, layer) for layer in range(model.config.n_layers)]),
        loss=F.cross_entropy(seen.logits[:-1].double(), seen.ids[1:], reduction="none").cpu().numpy(),
        next=next_tokens(seen, LISTED),
    )


def _is_finite(tensor: Tensor) -> bool:
    return bool(tensor.isfinite().all())


def change(now: Probe, before: Probe) -> np.ndarray | None:
    """How much of its attention each head gives elsewhere than before, (L, H) in [0, 1]; None for unlike models.

    The total variation distance of two rows, half the sum of |w - w'| over the keys, is the share of attention that
    moved; its mean over the queries t >= 1, since the first token can only look at itself.
    """
    if now.ids != before.ids or now.pattern.shape != before.pattern.shape:
        return None
    if len(now.ids) < 2:
        return np.zeros(now.pattern.shape[:2])
    moved = np.abs(now.pattern.astype(np.float64) - before.pattern)[:, :, 1:].sum(axis=-1) / 2
    return np.asarray(moved.mean(axis=-1))


def earlier(steps: Sequence[int], newest: int, ago: int = 100) -> int | None:
    """The step before `newest` that lies nearest to `ago` steps back, of two the later; None if it is the first."""
    return min((s for s in steps if s < newest), key=lambda s: (abs(newest - ago - s), -s), default=None)
