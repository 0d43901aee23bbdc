"""What all sessions share of checkpoints: loaded models, traces and what follows from them."""

import json
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import streamlit as st

from explorer import in_force
from explorer.analysis.edits import Means, means, reference
from explorer.analysis.head_roles import HeadRoles, head_roles
from explorer.analysis.probe import Probe, probe, probe_ids
from explorer.analysis.seen_tokens import TokenPool, seen_tokens
from explorer.analysis.stacks import Stack
from explorer.kept import Kept
from llm.checkpoint import Checkpoint, CheckpointError, load_checkpoint
from llm.checkpoint_files import MANIFEST, read_json
from llm.model.gpt import GPT
from llm.tokenizers.base import END_OF_TEXT
from llm.trace import Trace, trace

P = ParamSpec("P")
R = TypeVar("R")
Stamp = tuple[int, int, int]  # modified, size and number of a file

# Room for all sessions together. A model of 2 M parameters takes 8 MB, so that a run of 48 checkpoints stays warm.
MODEL_BYTES = 512 * 2**20
TRACE_BYTES = 512 * 2**20
DERIVED_BYTES = 256 * 2**20

Again = Callable[[Path], object]  # what was asked of one checkpoint, to be asked of another


@dataclass(frozen=True)
class Memory:
    """All that is kept of checkpoints, each under its path and stamp: one that was replaced is never served again."""

    models: Kept
    traces: Kept
    derived: Kept
    passing: threading.Lock  # of the forward pass: one at a time, since it fills the cores by itself
    stamps: dict[str, Stamp]  # the last one seen: a checkpoint that was pruned is still there for who is reading it


@st.cache_resource(show_spinner=False)
def _memory() -> Memory:
    return Memory(Kept(MODEL_BYTES), Kept(TRACE_BYTES), Kept(DERIVED_BYTES), threading.Lock(), {})


def load_model(path: Path) -> Checkpoint:
    """The checkpoint at `path`, in evaluation mode; read again when its files have changed. Raises CheckpointError."""
    return _memory().models.get((str(path), _stamp(path)), lambda: _load_model(path))


def effective(path: Path) -> Stack:
    """Those of the interventions in force that change something in the model at `path`."""
    return in_force.effective(load_model(path))


def intervened(path: Path, any_text: bool = False) -> AbstractContextManager[None]:
    """The model at `path` under the interventions in force: every forward pass inside is edited. For `any_text` by
    those alone that are not meant for the places of one."""
    return in_force.edited(load_model(path), partial(usual_results, path), partial(_clean, path), any_text)


def _clean(path: Path, ids: tuple[int, ...]) -> Trace:
    with in_force.under(()):
        return traced(path, ids)


def usual_results(path: Path) -> Means:
    """What each part of the model at `path` gives on average."""

    def made() -> Means:
        checkpoint = load_model(path)
        model = checkpoint.model
        rows, words = reference(checkpoint.tokenizer, checkpoint.provenance, model.config.n_ctx)
        return means(model, rows, words)

    return _memory().derived.get(("usual_results", str(path), _stamp(path)), made)


def traced(path: Path, ids: tuple[int, ...]) -> Trace:
    """Every activation of the model at `path` on `ids`; cached, and never to be written to."""
    _remember(path, lambda other: traced(other, ids))
    return _memory().traces.get((str(path), _stamp(path), ids, effective(path)), lambda: _trace(path, ids))


def derived(
    compute: Callable[Concatenate[Trace, GPT, P], R],
    path: Path,
    ids: tuple[int, ...],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """compute(trace, model, *args) for the text `ids`; cached like the trace, and never to be written to."""
    _remember(path, lambda other: derived(compute, other, ids, *args, **kwargs))
    name = f"{compute.__module__}.{compute.__qualname__}"
    key = (name, str(path), _stamp(path), ids, args, tuple(sorted(kwargs.items())), effective(path))

    def made() -> R:
        found = traced(path, ids)  # which is edited already: edits of edits would count twice
        with intervened(path):
            return compute(found, load_model(path).model, *args, **kwargs)

    return _memory().derived.get(key, made)


def of_weights(compute: Callable[Concatenate[GPT, P], R], path: Path, *args: P.args, **kwargs: P.kwargs) -> R:
    """compute(model, *args), which holds for every text; cached, and never to be written to."""
    _remember(path, lambda other: of_weights(compute, other, *args, **kwargs), lasting=True)
    name = f"{compute.__module__}.{compute.__qualname__}"
    key = (name, str(path), _stamp(path), args, tuple(sorted(kwargs.items())))
    return _memory().derived.get(key, lambda: compute(load_model(path).model, *args, **kwargs))


def standing_roles(path: Path) -> tuple[HeadRoles, TokenPool] | None:
    """The roles of a model's heads on random tokens said twice; None where the context has no room for them."""
    _remember(path, standing_roles, lasting=True)
    key = ("standing_roles", str(path), _stamp(path), in_force.effective(load_model(path), any_text=True))
    return _memory().derived.get(key, lambda: _standing_roles(path))


@contextmanager
def remembered() -> Iterator[list[tuple[Path, Again, bool]]]:
    """What is asked of checkpoints inside: of which, how to ask it of another, and whether it holds for every text."""
    _asked.log = []
    try:
        yield _asked.log
    finally:
        _asked.log = None


_asked = threading.local()


def _remember(path: Path, again: Again, lasting: bool = False) -> None:
    log, stack = getattr(_asked, "log", None), in_force.now()

    def as_now(other: Path) -> object:
        with in_force.under(stack):
            return again(other)

    if log is not None:
        log.append((path, as_now, lasting))


def validation_loss(checkpoint: Path) -> float | None:
    """What a checkpoint's manifest says of its loss, in nats; None where it says nothing. No weight is read."""
    return _memory().derived.get(("loss", str(checkpoint), _stamp(checkpoint)), lambda: _validation_loss(checkpoint))


def _validation_loss(checkpoint: Path) -> float | None:
    try:
        found = read_json(checkpoint / MANIFEST)["provenance"]["validation_loss"]
    except (CheckpointError, KeyError, TypeError):
        return None
    usable = isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found)
    return float(found) if usable else None


def _load_model(path: Path) -> Checkpoint:
    before = _stamp(path)
    try:
        checkpoint = load_checkpoint(path)
    except CheckpointError:
        if _stamp(path) == before:
            raise
        checkpoint = load_checkpoint(path)  # it was replaced while it was read
    checkpoint.model.eval().requires_grad_(False)
    return checkpoint


def _trace(path: Path, ids: tuple[int, ...]) -> Trace:
    checkpoint, edited = load_model(path), intervened(path)  # which may need a trace itself
    with edited, _memory().passing:
        return trace(checkpoint.model, ids, [checkpoint.tokenizer.token_bytes(i) for i in ids])


def _standing_roles(path: Path) -> tuple[HeadRoles, TokenPool] | None:
    checkpoint = load_model(path)
    tokenizer, first = checkpoint.tokenizer, checkpoint.tokenizer.special_tokens.get(END_OF_TEXT)
    vocabulary = hash(tuple(tokenizer.token_bytes(id) for id in range(tokenizer.n_vocab)))
    text = json.dumps([checkpoint.provenance.get("options"), str(type(tokenizer)), vocabulary], sort_keys=True)
    pool = _memory().derived.get(("seen_tokens", text), lambda: seen_tokens(tokenizer, checkpoint.provenance))
    try:
        with intervened(path, any_text=True), _memory().passing:
            return head_roles(checkpoint.model, pool.ids, first), pool
    except ValueError:
        return None


def _stamp(path: Path) -> Stamp:
    """Changes when a checkpoint is replaced; the last one known where it has been removed, so that what is held of it
    can still be read."""
    stamps = _memory().stamps
    try:
        found = (path / "model.safetensors").stat()
    except OSError:
        return stamps.get(str(path), (0, 0, 0))
    stamps[str(path)] = found.st_mtime_ns, found.st_size, found.st_ino
    return stamps[str(path)]


def probed(path: Path, texts: tuple[str, ...]) -> Probe | str:
    """What the checkpoint at `path` does on a probe of `texts`, or in a sentence why it cannot be read.

    The model is not kept. A failure is, so that a damaged file is not read again and again.
    """
    return _memory().derived.get(("probed", str(path), _stamp(path), texts), lambda: _probed(path, texts))


def _probed(path: Path, texts: tuple[str, ...]) -> Probe | str:
    try:
        checkpoint = load_checkpoint(path)
        checkpoint.model.requires_grad_(False)
        return probe(checkpoint, probe_ids(texts, checkpoint.tokenizer, checkpoint.model.config.n_ctx))
    except (ValueError, OSError) as error:
        return str(error)


def measured(
    compute: Callable[Concatenate[Checkpoint, P], R], path: Path, *args: P.args, **kwargs: P.kwargs
) -> R | str:
    """compute(checkpoint, *args) of the checkpoint at `path`, or in a sentence why it cannot be read; cached."""
    name = f"{compute.__module__}.{compute.__qualname__}"
    key = (name, str(path), _stamp(path), args, tuple(sorted(kwargs.items())))
    return _memory().derived.get(key, lambda: _measured(compute, path, *args, **kwargs))


def _measured(
    compute: Callable[Concatenate[Checkpoint, P], R], path: Path, *args: P.args, **kwargs: P.kwargs
) -> R | str:
    try:
        return compute(load_model(path), *args, **kwargs)
    except (ValueError, OSError) as error:
        return str(error)
