"""What all sessions share of runs: which there are, their figures, and texts that their models can read."""

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from explorer import paths
from explorer.analysis.curves import Metrics
from explorer.analysis.ledger import Facts, facts
from explorer.analysis.probe import held_out
from explorer.analysis.run_metrics import RunMetrics
from explorer.kept import Kept
from explorer.opening import Opening
from explorer.runs.store import Runs
from llm.runs.config import RunConfig
from llm.runs.directory import RunDirectory, Status
from llm.runs.log import Tail
from llm.tokenizers.base import SPECIAL_TOKENS

KEPT_BYTES = 64 * 2**20
ASKED = 0.5  # seconds
_STATUSES = Kept(2**20)


@st.cache_resource(show_spinner=False)
def _kept() -> Kept:
    return Kept(KEPT_BYTES)


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
    key = ("examples", str(run.path), _changed(run.samples))
    return _kept().get(key, lambda: _examples(run)) or Opening().examples


def _examples(run: RunDirectory) -> tuple[str, ...]:
    try:
        room = min(48, run.config().model.n_ctx - 1)
    except ValueError:
        return ()
    texts = [f"{row.get('prompt', '')}{row.get('text', '')}" for row in Tail(run.samples).read()[-4:]]
    special = "|".join(map(re.escape, SPECIAL_TOKENS))
    pieces = [[piece.strip()[:room] for piece in re.split(special, text) if piece.strip()] for text in reversed(texts)]
    return tuple(dict.fromkeys(found[0] for found in pieces if found and "\ufffd" not in found[0]))


def run_metrics(path: Path) -> Metrics:
    """The figures of the run at `path`, its directory, up to now; one reader a run, shared by all who look."""
    return _run_metrics(str(path)).read()


def run_status(run: RunDirectory) -> Status:
    """Where a run stands, as written this moment; whether its process lives is asked twice a second for everybody."""
    try:
        found = (run.path / "status.json").stat()
    except OSError:
        return run.status()
    key = (str(run.path), found.st_ino, found.st_mtime_ns, found.st_size, time.monotonic() // ASKED)
    return _STATUSES.get(key, run.status)


def run_facts(run: RunDirectory) -> Facts:
    """What a ledger says of a run, read again when its files have changed."""
    stamps = []
    for name in ("run.json", "status.json", "metrics.jsonl", "checkpoints"):
        try:
            found = (run.path / name).stat()
            stamps += [found.st_mtime_ns, found.st_size]
        except OSError:
            stamps += [0, 0]
    live = run.status().live
    return _kept().get(("facts", str(run.path), tuple(stamps), live), lambda: _run_facts(run, live))


def _run_facts(run: RunDirectory, live: bool) -> Facts:
    return facts(run, run_metrics(run.path) if live else RunMetrics(run.metrics).read())


@st.cache_resource(max_entries=24, show_spinner=False)
def _run_metrics(path: str) -> RunMetrics:
    return RunMetrics(RunDirectory(Path(path)).metrics)


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


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
