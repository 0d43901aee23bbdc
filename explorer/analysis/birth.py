"""An induction head through training: at every checkpoint the same rows, the scores of all heads and their losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from explorer.analysis.composition import k_composition
from explorer.analysis.head_roles import CLEAR
from explorer.analysis.repetition import (
    Rows,
    held_out_rows,
    induction_weights,
    looked_up,
    mean_weight,
    previous_weights,
    split_loss,
)
from explorer.analysis.silencing import Head, Silence, silenced_losses, silent, token_losses, usual_results
from llm.checkpoint import Checkpoint
from llm.model.hooks import capture
from llm.runs.config import RunConfig
from llm.trace import hook_name

# Shapes: L layers, H query heads, T position, A sets of silent heads.

N_ROWS = 24
HEADS = 16  # most heads of a model that are drawn, each with a line, a tile and an ablation
_APART = 1_000_003  # between the seed of a run's lists and that of the rows


@dataclass(frozen=True)
class Moment:
    """One checkpoint on the held-out rows."""

    new: float  # nats, mean loss of the targets that cannot be looked up
    copied: float  # nats, of those that can
    share: float  # of the targets that can be looked up
    previous: np.ndarray  # L H, score
    induction: np.ndarray  # L H, score
    composition: np.ndarray  # L H L H, NaN where not earlier


@dataclass(frozen=True)
class MomentOnRow:
    """One checkpoint on one text."""

    pattern: np.ndarray  # L H T T, uint8: weight times 255
    before: np.ndarray  # L H T, weight on the token before
    after_copy: np.ndarray  # L H T, weight on the tokens after earlier copies
    loss: np.ndarray  # T-1, nats of every token but the first


@dataclass(frozen=True)
class Span:
    """From when to when a score rose: the last checkpoint below a tenth of the way, the first above nine tenths."""

    start: int  # places among the checkpoints
    end: int
    head: Head


def unfit(config: RunConfig) -> str:
    """Why a run cannot be shown as the birth of an induction head, in a sentence; nothing where it can."""
    model = config.model
    if config.corpus != "repeats":
        return f"It learned from {config.corpus.replace('_', ' ')}; this page needs lists said over and over (repeats)."
    if model.n_layers * model.n_heads > HEADS:
        return f"It has {model.n_layers * model.n_heads} heads; this page draws at most {HEADS}."
    if model.n_ctx < 16:
        return f"Its context is {model.n_ctx} tokens; a list and its copy need at least 16."
    return ""


def rows_for(checkpoint: Checkpoint, corpus_seed: int = 0) -> Rows:
    """The rows on which a run is measured. Raises ValueError where its tokenizer or context cannot read them."""
    return held_out_rows(checkpoint.tokenizer, checkpoint.model.config.n_ctx, N_ROWS, corpus_seed + _APART)


def moment(checkpoint: Checkpoint, rows: Rows) -> Moment:
    """One true forward pass over the rows."""
    model = checkpoint.model
    names = [hook_name("pattern", layer) for layer in range(model.config.n_layers)]
    with capture(model, names) as seen:
        losses = token_losses(model, torch.from_numpy(rows.ids), torch.from_numpy(rows.targets))
    new, copied = split_loss(losses.numpy().astype(np.float64), rows.copied)
    previous, induction = (np.stack([mean_weight(seen[name], role) for name in names]) for role in rows.roles)
    return Moment(float(new), float(copied), float(rows.copied.mean()), previous, induction, k_composition(model))


def moment_on_row(
    checkpoint: Checkpoint, rows: Rows, ids: Sequence[int], silence: Sequence[Head] = (), way: Silence = "zero"
) -> MomentOnRow:
    """One true forward pass over a text of at least two tokens, with some heads silent; means are those of the rows."""
    model = checkpoint.model
    names = [hook_name("pattern", layer) for layer in range(model.config.n_layers)]
    row = torch.tensor(list(ids))[None]
    instead = usual_results(model, torch.from_numpy(rows.ids)) if silence and way == "mean" else None
    with silent(model, silence, instead), capture(model, names) as seen:
        loss = token_losses(model, row[:, :-1], row[:, 1:])
    pattern = torch.cat([seen[name].float() for name in names]).cpu().numpy()  # L H T-1 T-1
    here = row[:, :-1].numpy()
    n_queries = max(1, int(looked_up(here[0]).sum()))
    before = (pattern * previous_weights(here)[0].astype(bool)).sum(-1)
    after_copy = (pattern * (induction_weights(here)[0] * n_queries)).sum(-1)
    return MomentOnRow((pattern * 255 + 0.5).astype(np.uint8), before, after_copy, loss[0].numpy())


def silenced(checkpoint: Checkpoint, rows: Rows, sets: Sequence[Sequence[Head]], way: Silence = "zero") -> np.ndarray:
    """Loss of the new and of the copied targets with each set of heads silent, (2, A)."""
    model, ids, targets = checkpoint.model, torch.from_numpy(rows.ids), torch.from_numpy(rows.targets)
    instead = usual_results(model, ids) if way == "mean" else None
    losses = silenced_losses(model, ids, targets, sets, instead)
    return np.stack(split_loss(losses.astype(np.float64), rows.copied))


def induction_heads(last: Moment) -> tuple[Head, ...]:
    """The heads whose induction score at the last checkpoint is clear, best first; their set is the same throughout."""
    scores = {head: float(last.induction[head]) for head in np.ndindex(last.induction.shape)}
    clear = [head for head, score in scores.items() if score >= CLEAR["induction"]]
    return tuple(sorted(clear, key=lambda head: -scores[head]))


def previous_heads(last: Moment) -> tuple[Head, ...]:
    """The heads below the induction heads (all, where there is none) with a clear previous-token score, best first."""
    above = max((layer for layer, _ in induction_heads(last)), default=0) or len(last.previous)
    scores = {head: float(last.previous[head]) for head in np.ndindex(last.previous.shape) if head[0] < above}
    clear = [head for head, score in scores.items() if score >= CLEAR["previous"]]
    return tuple(sorted(clear, key=lambda head: -scores[head]))


def silent_sets(last: Moment) -> dict[str, tuple[Head, ...]]:
    """What can be silenced, by name: every head ("0.1"), and all of a role where there are several."""
    sets: dict[str, tuple[Head, ...]] = {f"{i}.{j}": ((i, j),) for i, j in np.ndindex(last.induction.shape)}
    groups = {"previous": previous_heads(last), "induction": induction_heads(last)}
    return sets | {name: tuple(sorted(heads)) for name, heads in groups.items() if len(heads) > 1}


def span(moments: Sequence[Moment]) -> Span | None:
    """When the best induction head of the last checkpoint was born; None while there is none."""
    heads = induction_heads(moments[-1])
    if not heads:
        return None
    score = np.array([moment.induction[heads[0]] for moment in moments])
    low, high = score[0], score.max()
    below, above = score < low + 0.1 * (high - low), score >= low + 0.9 * (high - low)
    end = int(above.argmax())
    start = int(np.flatnonzero(below[: end + 1]).max(initial=0))
    return Span(start, end, heads[0])


def by_step(moments: Mapping[int, Moment | str]) -> tuple[dict[int, Moment], str]:
    """The moments that could be read, and a word on those that could not."""
    good = {step: found for step, found in sorted(moments.items()) if isinstance(found, Moment)}
    bad = [found for found in moments.values() if isinstance(found, str)]
    return good, f"{len(bad)} checkpoint{'s' * (len(bad) > 1)} cannot be read: {bad[0]}" if bad else ""
