"""What does being a run cost a training step? `python -m tests.benchmarks.run_overhead [rounds]`.

Three trainings of one model in one process take turns, block by block: the bare `train(...)` loop, the same loop as the
worker's training process drives it (metrics, status, control, events), and that with checkpoints, samples and their
tidying as often as the Train page asks for. The layers' health is measured every 10 updates in all of them.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch

from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.runs.config import RunConfig, TokenizerOptions
from llm.runs.corpus import prepared_data
from llm.runs.directory import RunDirectory
from llm.runs.loop import train_run
from llm.runs.onlooker import Onlooker
from llm.runs.preparation import Prepared
from llm.training.config import TrainingConfig
from llm.training.state import TrainingState
from llm.training.trainer import StepReport, train
from tests.benchmarks.timing import machine

CHARACTERS = TokenizerOptions(kind="char")
TINY = GPTConfig(n_ctx=64, n_layers=2, n_heads=4, n_kv_heads=4, d_model=64, d_mlp=256)
SHAPES = {  # name: model, batch, updates in a block, updates between two checkpoints
    "tiny, 2 layers × 64, 16 × 64 tokens": (TINY, 16, 50, 100),
    "as shipped, 4 layers × 192, 8 × 256 tokens": (GPTConfig(), 8, 10, 100),
}
NEVER = 10**9


class Turns:
    """Several threads of which one at a time goes on, for a block of updates."""

    def __init__(self, block: int) -> None:
        self._block, self._done = block, 0
        self._may, self._ended = threading.Semaphore(0), threading.Semaphore(0)
        self.stopped = False

    def begin(self) -> None:
        """The thread's first word: everything is ready."""
        self._ended.release()
        self._may.acquire()

    def update(self) -> None:
        """The thread's word after each update."""
        self._done += 1
        if self._done % self._block == 0:
            self.begin()

    def wait_until_ready(self) -> None:
        self._ended.acquire()

    def take(self) -> float:
        """Let it go on for a block; the seconds that it took."""
        began = time.perf_counter()
        self._may.release()
        self._ended.acquire()
        return time.perf_counter() - began

    def end(self) -> None:
        """Let it see that it is to stop."""
        self.stopped = True
        self._may.release()


class Watcher(Onlooker):
    """Gives the turn away from inside the run's own loop."""

    def __init__(self, turns: Turns, run: RunDirectory) -> None:
        self._turns, self._run = turns, run

    def ready(self, prepared: Prepared) -> None:
        self._turns.begin()

    def show(self, report: StepReport) -> None:
        self._turns.update()
        if self._turns.stopped:
            self._run.ask(want="stop")


def bare(config: RunConfig, place: Path, turns: Turns) -> None:
    """`train` and nothing else."""
    torch.set_num_threads(1)
    found = prepared_data(config, place, place / "cache", lambda words: None)
    model = GPT(replace(config.model, d_vocab=found.tokenizer.n_vocab), seed=0)
    updates: Iterator[StepReport] = train(TrainingState(model, config.training), found.data)
    turns.begin()
    for _ in updates:
        turns.update()
        if turns.stopped:
            return


def as_run(config: RunConfig, place: Path, turns: Turns) -> None:
    """As `python -m llm.runs` does it."""
    run = RunDirectory.create(place / f"run-{config.checkpoint_every}", config)
    train_run(run, onlooker=Watcher(turns, run), cache=place / "cache")


def compare(model: GPTConfig, batch_size: int, block: int, every: int, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of an update in each block, by case."""
    training = TrainingConfig(steps=NEVER, batch_size=batch_size, eval_every=0)
    config = RunConfig(
        corpus_chars=400_000, tokenizer=CHARACTERS, model=model, training=training, checkpoint_every=NEVER, threads=1
    )
    cases: dict[str, tuple[Callable[[RunConfig, Path, Turns], None], RunConfig]] = {
        "bare": (bare, config),
        "run": (as_run, config),
        "checkpoints": (as_run, replace(config, checkpoint_every=every)),
    }
    taken: dict[str, list[float]] = {name: [] for name in cases}
    with tempfile.TemporaryDirectory() as place:
        threads, turns = [], {name: Turns(block) for name in cases}
        for name, (work, recipe) in cases.items():
            thread = threading.Thread(target=work, args=(recipe, Path(place), turns[name]), daemon=True)
            thread.start()
            turns[name].wait_until_ready()
            threads.append(thread)
        for name in cases:
            turns[name].take()  # warm
        for index in range(rounds):
            order = list(cases)
            for name in order[index % 3 :] + order[: index % 3]:
                taken[name].append(1000 * turns[name].take() / block)
        for turn, thread in zip(turns.values(), threads, strict=True):
            turn.end()
            thread.join(60)
    return taken


def main(argv: list[str]) -> None:
    """Print a row for each shape and case."""
    rounds = int(argv[0]) if argv else 20
    print(machine(), "\n")
    print(
        "| shape | case | ms an update, median of blocks | mean | over the bare loop, median of paired blocks | mean |"
    )
    print("|---|---|---|---|---|---|", flush=True)
    for shape, (model, batch_size, block, every) in SHAPES.items():
        taken = compare(model, batch_size, block, every, rounds)
        for case, values in taken.items():
            paired = [100 * (one / other - 1) for one, other in zip(values, taken["bare"], strict=True)]
            mean = 100 * (sum(values) / sum(taken["bare"]) - 1)
            name = f"with a checkpoint every {every}" if case == "checkpoints" else case
            print(
                f"| {shape} | {name} | {statistics.median(values):.2f} | {statistics.mean(values):.2f} "
                f"| {statistics.median(paired):+.1f}% | {mean:+.1f}% |",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
