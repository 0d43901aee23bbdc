"""What all sessions share: loaded models and traces. The only st.cache_* of the explorer."""

import json
import math
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st

from explorer import paths
from explorer.analysis.curves import Metrics
from explorer.analysis.head_roles import HeadRoles, head_roles
from explorer.analysis.ledger import Facts, facts
from explorer.analysis.probe import Probe, held_out, probe, probe_ids
from explorer.analysis.run_metrics import RunMetrics
from explorer.analysis.seen_tokens import TokenPool, seen_tokens
from explorer.kept import Kept
from explorer.opening import Opening
from explorer.runs.store import Runs
from llm.checkpoint import Checkpoint, CheckpointError, load_checkpoint
from llm.checkpoint_files import MANIFEST, read_json
from llm.model.gpt import GPT
from llm.runs.config import RunConfig
from llm.runs.directory import RunDirectory, Status
from llm.runs.log import Tail
from llm.tokenizers.base import END_OF_TEXT, SPECIAL_TOKENS
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


def traced(path: Path, ids: tuple[int, ...]) -> Trace:
    """Every activation of the model at `path` on `ids`; cached, and never to be written to."""
    _remember(path, lambda other: traced(other, ids))
    return _memory().traces.get((str(path), _stamp(path), ids), lambda: _trace(path, ids))


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
    key = (name, str(path), _stamp(path), ids, args, tuple(sorted(kwargs.items())))
    return _memory().derived.get(key, lambda: compute(traced(path, ids), load_model(path).model, *args, **kwargs))


def standing_roles(path: Path) -> tuple[HeadRoles, TokenPool] | None:
    """The roles of a model's heads on random tokens said twice; None where the context has no room for them."""
    _remember(path, standing_roles, lasting=True)
    return _memory().derived.get(("standing_roles", str(path), _stamp(path)), lambda: _standing_roles(path))


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
    log = getattr(_asked, "log", None)
    if log is not None:
        log.append((path, again, lasting))


@dataclass(frozen=True)
class RunNow:
    """A run as lists name it."""

    directory: RunDirectory
    name: str
    status: Status
    steps: tuple[int, ...]  # of its checkpoints

    @property
    def key(self) -> str:
        return self.directory.id


def runs_now() -> tuple[RunNow, ...]:
    """Every run of this home and the shipped ones, newest first; looked up at most once a second for all sessions."""
    places = (paths.runs(), paths.ASSETS / "runs")
    return _runs_now(tuple((str(place), _changed(place)) for place in places))


@st.cache_resource(ttl=1, max_entries=4, show_spinner=False)
def _runs_now(places: tuple[tuple[str, int], ...]) -> tuple[RunNow, ...]:
    found = Runs(paths.home(), paths.ASSETS / "runs").all()
    return tuple(RunNow(run, run.label().name or run.id, run.status(), tuple(run.steps())) for run in found)


def examples(run: RunDirectory) -> tuple[str, ...]:
    """Texts that the model of a run can read: the starts of what it wrote last; plain ones where it wrote nothing."""
    found = _examples(str(run.path), _changed(run.samples))
    return found or Opening().examples


@st.cache_resource(max_entries=64, show_spinner=False)
def _examples(path: str, changed: int) -> tuple[str, ...]:
    run = RunDirectory(Path(path))
    try:
        room = min(48, run.config().model.n_ctx - 1)
    except ValueError:
        return ()
    texts = [f"{row.get('prompt', '')}{row.get('text', '')}" for row in Tail(run.samples).read()[-4:]]
    special = "|".join(map(re.escape, SPECIAL_TOKENS))
    pieces = [[piece.strip()[:room] for piece in re.split(special, text) if piece.strip()] for text in reversed(texts)]
    return tuple(dict.fromkeys(found[0] for found in pieces if found and "\ufffd" not in found[0]))


def validation_loss(checkpoint: Path) -> float | None:
    """What a checkpoint's manifest says of its loss, in nats; None where it says nothing. No weight is read."""
    return _validation_loss(str(checkpoint), _stamp(checkpoint))


@st.cache_resource(max_entries=4096, show_spinner=False)
def _validation_loss(path: str, stamp: Stamp) -> float | None:
    try:
        found = read_json(Path(path) / MANIFEST)["provenance"]["validation_loss"]
    except (CheckpointError, KeyError, TypeError):
        return None
    usable = isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found)
    return float(found) if usable else None


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def run_metrics(path: Path) -> Metrics:
    """The figures of the run at `path`, its directory, up to now; one reader a run, shared by all who look."""
    return _run_metrics(str(path)).read()


def run_facts(run: RunDirectory) -> Facts:
    """What a ledger says of a run, read again when its files have changed."""
    stamps = []
    for name in ("run.json", "status.json", "metrics.jsonl", "checkpoints"):
        try:
            found = (run.path / name).stat()
            stamps += [found.st_mtime_ns, found.st_size]
        except OSError:
            stamps += [0, 0]
    return _run_facts(str(run.path), tuple(stamps), run.status().live)


@st.cache_resource(max_entries=512, show_spinner=False)
def _run_facts(path: str, stamps: tuple[int, ...], live: bool) -> Facts:
    run = RunDirectory(Path(path))
    return facts(run, run_metrics(run.path) if live else RunMetrics(run.metrics).read())


@st.cache_resource(max_entries=24, show_spinner=False)
def _run_metrics(path: str) -> RunMetrics:
    return RunMetrics(RunDirectory(Path(path)).metrics)


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
    checkpoint = load_model(path)
    with _memory().passing:
        return trace(checkpoint.model, ids, [checkpoint.tokenizer.token_bytes(i) for i in ids])


def _standing_roles(path: Path) -> tuple[HeadRoles, TokenPool] | None:
    checkpoint = load_model(path)
    tokenizer, first = checkpoint.tokenizer, checkpoint.tokenizer.special_tokens.get(END_OF_TEXT)
    vocabulary = hash(tuple(tokenizer.token_bytes(id) for id in range(tokenizer.n_vocab)))
    text = json.dumps([checkpoint.provenance.get("options"), str(type(tokenizer)), vocabulary], sort_keys=True)
    pool = _memory().derived.get(("seen_tokens", text), lambda: seen_tokens(tokenizer, checkpoint.provenance))
    try:
        with _memory().passing:
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


def held_out_texts(run: RunDirectory) -> tuple[tuple[str, ...], str]:
    """What a run's model has never learned from, and nothing; or example texts, and why the run's own cannot be had."""
    try:
        config = run.config()
        text = run.path / config.corpus_file if config.corpus_file else None
        options = (config.corpus, config.corpus_seed, config.corpus_chars, config.validation_fraction)
        stamp = text.stat().st_mtime_ns if text else 0
        return _held_out(config, run.path, (*options, config.training.seed, str(text), stamp)), ""
    except (ValueError, OSError) as error:
        return Opening().examples, str(error)


@st.cache_resource(max_entries=16, show_spinner=False)
def _held_out(_config: RunConfig, _base: Path, of: tuple[Any, ...]) -> tuple[str, ...]:
    return held_out(_config, _base)


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
