"""What all sessions share: loaded models and traces. The only st.cache_* of the explorer."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st

from explorer.analysis.head_roles import HeadRoles, head_roles
from explorer.analysis.seen_tokens import TokenPool, seen_tokens
from llm.checkpoint import Checkpoint, load_checkpoint
from llm.model.gpt import GPT
from llm.tokenizers.base import END_OF_TEXT
from llm.trace import Trace, trace

P = ParamSpec("P")
R = TypeVar("R")

TRACE_BYTES = 512 * 2**20  # all kept traces together


class Traces:
    """Traces by (checkpoint, ids), the least recently used dropped first. Shared, so never written to."""

    def __init__(self, n_bytes: int = TRACE_BYTES) -> None:
        self.limit = n_bytes
        self.held = 0
        self._kept: OrderedDict[tuple[str, int, tuple[int, ...]], Trace] = OrderedDict()
        self._lock = threading.Lock()  # of what is kept
        self._passing = threading.Lock()  # of the forward pass: one at a time, since it fills the cores by itself

    def get(self, path: Path, ids: tuple[int, ...]) -> Trace:
        """The trace of `ids`, computed at most once; one that is kept waits for nobody's pass."""
        key = (str(path), _stamp(path), ids)
        if kept := self._find(key):
            return kept
        with self._passing:
            if kept := self._find(key):
                return kept
            checkpoint = load_model(path)
            made = trace(checkpoint.model, ids, [checkpoint.tokenizer.token_bytes(i) for i in ids])
            with self._lock:
                self._kept[key] = made
                self.held += made.n_bytes
                while self.held > self.limit and len(self._kept) > 1:
                    self.held -= self._kept.popitem(last=False)[1].n_bytes
            return made

    def _find(self, key: tuple[str, int, tuple[int, ...]]) -> Trace | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)


def load_model(path: Path) -> Checkpoint:
    """The checkpoint at `path`, in evaluation mode; read again when its files have changed. Raises CheckpointError."""
    return _load_model(str(path), _stamp(path))


def traced(path: Path, ids: tuple[int, ...]) -> Trace:
    """Every activation of the model at `path` on `ids`; cached, and never to be written to."""
    return _traces().get(path, ids)


def derived(
    compute: Callable[Concatenate[Trace, GPT, P], R],
    path: Path,
    ids: tuple[int, ...],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """compute(trace, model, *args) for the text `ids`; cached like the trace, and never to be written to."""
    name = f"{compute.__module__}.{compute.__qualname__}"
    return _derived(compute, name, str(path), _stamp(path), ids, args, kwargs)


@st.cache_resource(max_entries=24, show_spinner=False)
def _derived(
    _compute: Callable[..., Any], name: str, path: str, stamp: int, ids: tuple[int, ...], args: Any, kwargs: Any
) -> Any:
    return _compute(traced(Path(path), ids), load_model(Path(path)).model, *args, **kwargs)


def standing_roles(path: Path) -> tuple[HeadRoles, TokenPool] | None:
    """The roles of a model's heads on random tokens said twice; None where the context has no room for them."""
    return _standing_roles(str(path), _stamp(path))


@st.cache_resource(max_entries=4, show_spinner=False)
def _load_model(path: str, stamp: int) -> Checkpoint:
    checkpoint = load_checkpoint(Path(path))
    checkpoint.model.eval().requires_grad_(False)
    return checkpoint


@st.cache_resource(show_spinner=False)
def _traces() -> Traces:
    return Traces()


@st.cache_resource(max_entries=8, show_spinner=False)
def _standing_roles(path: str, stamp: int) -> tuple[HeadRoles, TokenPool] | None:
    checkpoint = load_model(Path(path))
    pool = seen_tokens(checkpoint.tokenizer, checkpoint.provenance)
    first = checkpoint.tokenizer.special_tokens.get(END_OF_TEXT)
    try:
        return head_roles(checkpoint.model, pool.ids, first), pool
    except ValueError:
        return None


def _stamp(path: Path) -> int:
    """Changes when a checkpoint is replaced; 0 where there is none."""
    try:
        return (path / "model.safetensors").stat().st_mtime_ns
    except OSError:
        return 0
