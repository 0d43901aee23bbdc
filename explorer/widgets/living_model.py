"""The model in training as it is now: what its heads do, what it writes and how it reads (components/living_model/)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import display, resources, run_resources
from explorer.analysis.head_roles import ROLES, name_role
from explorer.analysis.probe import Probe, change, earlier
from explorer.analysis.samples import Sample, sample_at
from explorer.kept import Kept
from explorer.widgets import focus
from explorer.widgets.component import pack, picture
from llm.runs.config import RunConfig, RunError
from llm.runs.directory import RunDirectory, Status
from llm.tokenizers.base import Tokenizer, TokenizerError

Payload = tuple[dict[str, Any], dict[str, np.ndarray]]

FULL = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)  # what a full bar of change can mean
_SHARED = Kept(16 * 2**20)
_PICTURE = picture("living_model", "tiles", "texts", "twin")
_MOVED = "_living_model_moved"

# Shapes: L layers, H query heads, T position.


@dataclass(frozen=True)
class Seen:
    """The newest checkpoint that can be read, and an earlier one to compare it with."""

    step: int
    probe: Probe
    before: tuple[int, Probe] | None
    note: str  # which newer one was passed over, and why; what else is not as it should be


def living_model(run: RunDirectory, key: str) -> None:
    """Draw it; a click on a head moves the focus of all pages. Costs a few file stamps when nothing has changed."""
    if st.session_state.pop(_MOVED, False):
        st.rerun()  # the address and the foot of the sidebar say the focus too
    status, made = run_resources.run_status(run), f"_{key}_made"
    signature = (str(run.path), *map(_stamp, (run.checkpoints, run.samples)), status.live)
    kept, place = st.session_state.get(made), None
    if kept is None or kept[0] != signature:
        if kept is None or kept[0][0] != signature[0]:  # there is no picture of this run to be left standing meanwhile
            place = _preparing(run)
        kept = st.session_state[made] = (signature, _found(run, status, signature))
    header, arrays = waiting(run, status, kept[1]) if isinstance(kept[1], str) else kept[1]
    layer, head = _head(run, header["heads"], key)
    focused = {**header, "focus": {"layer": layer, "head": head}}
    if arrays:
        data = _SHARED.get((signature, header["note"], layer, head), lambda: pack(focused, **arrays))
    else:
        data = pack(focused)
    with place or nullcontext():
        _PICTURE(key=key, data=data, on_focus_change=_on_focus(run, key))


def _preparing(run: RunDirectory) -> DeltaGenerator:
    """What stands in the picture's place until it is there: on a busy machine for seconds."""
    newest, place = max(run.steps(), default=None), st.empty()
    if newest is not None:
        words = f"Reading the checkpoint of step {newest:,} and running it over text kept out of training."
        place.html(f'<p class="vitrine-empty" role="status">{words}</p>')
    return place


def _found(run: RunDirectory, status: Status, signature: Hashable) -> Payload | str:
    """What there is to draw, made once for all who look; or why there is nothing."""
    seen = look(run)
    if isinstance(seen, str):
        return seen
    return _SHARED.get(
        (signature, seen.step, seen.note), lambda: payload(seen, sample_at(run.samples, seen.step), status.live)
    )


def _head(run: RunDirectory, heads: list[int], key: str) -> tuple[int, int]:
    """The head to frame: the focus of all pages. A head clicked here that the model on show lacks, where the focus is
    held to a smaller one, stays until that moves."""
    shared, clicked = focus.within(*heads), st.session_state.get(f"_{key}_clicked", {})
    if clicked.get("run") == run.path and clicked.setdefault("shared", shared) == shared:
        return min(clicked["layer"], heads[0] - 1), min(clicked["head"], heads[1] - 1)
    return shared


def _on_focus(run: RunDirectory, key: str) -> Callable[[], None]:
    moved = focus.on_focus(key)

    def changed() -> None:
        moved()
        sent = st.session_state[key].get("focus")
        at = {name: focus.parse(sent.get(name)) for name in ("layer", "head")} if isinstance(sent, Mapping) else {}
        st.session_state[f"_{key}_clicked"] = {"run": run.path, **at} if at and None not in at.values() else {}
        st.session_state[_MOVED] = True

    return changed


def _stamp(path: Path) -> tuple[int, int]:
    """Changes when a file grows, or an entry of a directory comes, goes or is replaced."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def look(run: RunDirectory) -> Seen | str:
    """The newest checkpoint that can be read; a damaged one is named and passed over.

    Where there is none, why none of them can be read; nothing where there are no checkpoints.
    """
    found = run.steps()
    if not found:  # before the text is read, which takes a second the first time
        return ""
    texts, note = run_resources.held_out_texts(run)
    notes = [f"The run's own text cannot be read, so the model reads an example: {note}"] if note else []
    for step in sorted(found, reverse=True):
        probe = resources.probed(found[step], texts)
        if isinstance(probe, Probe):
            return Seen(step, probe, _before(found, step, texts), " ".join(notes))
        if found[step].is_dir():  # else it was thinned out a moment ago
            notes.append(f"The checkpoint of step {step:,} is passed over: {probe}")
    return notes[-1] if notes else ""


def _before(found: dict[int, Path], newest: int, texts: tuple[str, ...]) -> tuple[int, Probe] | None:
    left = list(found)
    while (step := earlier(left, newest)) is not None:
        probe = resources.probed(found[step], texts)
        if isinstance(probe, Probe):
            return step, probe
        left.remove(step)
    return None


def payload(seen: Seen, sample: Sample | None, live: bool) -> Payload:
    """Header and arrays for living_model.js."""
    probe, before = seen.probe, seen.before
    moved = change(probe, before[1]) if before else None
    tiles, tokenizer = probe.heads.tiles, probe.tokenizer
    scores = np.stack([*(probe.heads.roles[role] for role in ROLES), probe.heads.spread.evenness])
    top = display.tokens(tokenizer, probe.next.ids.ravel())
    header: dict[str, Any] = {
        "step": seen.step,
        "before": before[0] if before and moved is not None else None,
        "live": live,
        "note": seen.note,
        "heads": list(probe.pattern.shape[:2]),
        "tokens_per_cell": tiles.tokens_per_cell,
        "full": next(full for full in FULL if moved is None or moved.max() <= full + 1e-6),
        "roles": list(ROLES),
        "words": [_role(column) for column in scores.reshape(len(scores), -1).T],
        "tokens": [token.wire() for token in display.tokens(tokenizer, probe.ids)],
        "top": [token.wire() for token in top],
        "mean_loss": probe.mean_loss,
        "mean_before": before[1].mean_loss if before and moved is not None else None,
        "sample": _sample(sample, tokenizer) if sample else None,
    }
    arrays = {
        "cells": tiles.cells,
        "scores": scores.astype(np.float32),
        "loss": probe.loss,
        "told": probe.next.told,
        "top_p": probe.next.probs.astype(np.float32),
        "surprise": np.array(sample.surprise if sample else [], dtype=np.float64),
    }
    if moved is not None:
        arrays["change"] = moved
    return header, arrays


def _role(scores: np.ndarray) -> str:
    return name_role(dict(zip(ROLES, np.nan_to_num(scores[:-1]), strict=True)), scores[-1])


def _sample(sample: Sample, tokenizer: Tokenizer) -> dict[str, Any] | None:
    """The sample as tokens, those of its prompt first; None where they are not this tokenizer's."""
    try:
        prompt = tokenizer.encode(sample.prompt)
        tokens = display.tokens(tokenizer, [*prompt, *sample.ids])
    except TokenizerError:
        return None
    return {
        "step": sample.step,
        "seed": sample.seed,
        "temperature": sample.temperature,
        "n_prompt": len(prompt),
        "tokens": [token.wire() for token in tokens],
    }


def waiting(run: RunDirectory, status: Status, trouble: str) -> Payload:
    """What is drawn while there is no checkpoint: the empty tiles of the model to come, and why there is none."""
    try:
        config: RunConfig | None = run.config()
    except RunError:
        config = None
    heads = [config.model.n_layers, config.model.n_heads] if config else [1, 1]
    return {"heads": heads, "waiting": trouble or waiting_for(status, config)}, {}


def waiting_for(status: Status, config: RunConfig | None) -> str:
    """Why there is no checkpoint yet, in a sentence."""
    due = {*config.timeline, config.checkpoint_every, config.training.steps} if config else set()
    first = min((step for step in due if step >= status.step), default=None)
    comes = "" if first is None else f"; the first checkpoint comes at step {first:,}"
    comes = "; the first checkpoint is being written" if first == status.step else comes
    match status.state:
        case "queued":
            return "Waiting in the queue: there is no model yet."
        case "preparing":
            return status.message or "Reading the text and making the model."
        case "running":
            return f"Step {status.step:,} of {status.steps:,}{comes}."
        case "paused":
            return f"Paused at step {status.step:,}{comes}."
        case _:
            return f"There is no checkpoint to look at. {status.message}".rstrip()
