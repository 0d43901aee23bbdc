"""The facts of a recipe's corpus and the time of its updates, looked up beside the page and kept."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from explorer import paths
from explorer.analysis.corpus_facts import CorpusFacts, corpus_facts
from explorer.analysis.run_metrics import RunMetrics
from explorer.analysis.step_time import step_seconds
from explorer.widgets.background import FACTS, TIMES, Answer
from llm.data import require_length
from llm.runs.config import RunConfig, RunError
from llm.runs.corpus import prepared_data
from llm.runs.device import pick_device, usual_threads
from llm.runs.directory import RunDirectory
from llm.tokenizers.load import FILES


def facts_of(config: RunConfig, base: Path) -> Answer:
    """CorpusFacts, or why there are none: too little text, a file that is gone."""
    files = [config.corpus_file, *(config.tokenizer.directory / file for file in FILES if config.tokenizer.directory)]
    stamps = tuple(_stamp(base / file) for file in files if file is not None)
    source = (config.corpus, config.corpus_seed, config.corpus_chars, stamps)
    n_ctx, n_windows = config.model.n_ctx, config.training.eval_windows
    cut = (config.tokenizer, config.validation_fraction, config.training.seed, config.windows, n_ctx, n_windows)

    def make(say: Callable[[str], None]) -> CorpusFacts:
        prepared = prepared_data(config, base, paths.cache(), say)
        require_length(prepared.data.train, n_ctx, "training text")
        require_length(prepared.data.validation, n_ctx, "validation text")
        say("Counting pairs of tokens")
        return corpus_facts(prepared.facts, prepared.data, prepared.tokenizer.n_vocab, n_ctx, n_windows)

    return FACTS.ask((source, cut), make)


def seconds_of(config: RunConfig, n_vocab: int, runs: Sequence[RunDirectory]) -> Answer:
    """Seconds of an update where nothing else runs: of the quickest earlier run of the same shape on this device, else
    of a few that are tried."""
    model = replace(config.model, d_vocab=n_vocab)
    t = config.training
    shape = (model, t.batch_size, t.grad_accumulation, t.optimizer, t.precision, config.device, config.threads)

    def make(say: Callable[[str], None]) -> float | None:
        known = [s for run in runs[:20] if (s := _known(run, shape))]
        if known:
            return min(known)
        return step_seconds(model, t, pick_device(config.device), config.threads or usual_threads())

    return TIMES.ask((shape, len(runs)), make)


def _known(run: RunDirectory, shape: tuple[object, ...]) -> float | None:
    """The median update of a run that was given this shape, once it has made enough of them."""
    try:
        c = run.config()
    except RunError:
        return None
    t, vocabulary = c.training, shape[0].d_vocab if hasattr(shape[0], "d_vocab") else 0
    model = replace(c.model, d_vocab=vocabulary)
    if (model, t.batch_size, t.grad_accumulation, t.optimizer, t.precision, c.device, c.threads) != shape:
        return None
    seconds = RunMetrics(run.metrics).read().seconds
    if len(seconds) < 50:
        return None
    return statistics.median(float(s) for s in seconds[1:] - seconds[:-1])


def _stamp(path: Path) -> tuple[str, int, int, int]:
    """Another one where the file was replaced."""
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0, 0
    return str(path), found.st_mtime_ns, found.st_ino, found.st_size
