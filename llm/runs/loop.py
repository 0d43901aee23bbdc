"""The body of a training process: trains a run's directory, and leaves it in a named state however it ends."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import Any

from llm.checkpoint import save_checkpoint
from llm.checkpoint_files import remove_stale, step_directory
from llm.runs.checkpoints import tidy
from llm.runs.config import RunConfig, RunError
from llm.runs.corpus import Say
from llm.runs.directory import ENDED, RunDirectory, Status, stopped_at
from llm.runs.events import Events
from llm.runs.failures import is_expected, sentence
from llm.runs.lock import only_writer
from llm.runs.log import JsonLines, Tail
from llm.runs.onlooker import Onlooker
from llm.runs.preparation import Prepared, prepare
from llm.runs.rates import Rates
from llm.runs.requests import Requests, StopRequested
from llm.runs.sampling import sample
from llm.runs.standing import Standing
from llm.training.trainer import StepReport, TrainingError, train

PAUSE_LOOK = 0.2  # seconds between two looks at control.json in a pause


def train_run(
    run: RunDirectory,
    resume: bool = False,
    onlooker: Onlooker | None = None,
    cache: Path | None = None,
    config: RunConfig | None = None,
) -> Status:
    """Train until the run ends, and say how: finished, stopped or failed, the last with the reason in one sentence.

    `resume` goes on from the newest undamaged checkpoint, or begins where there is none. A stop or pause that ended
    the run before no longer counts; one asked for since it was queued anew does. A `config` takes the place of that in
    run.json once it has proved to fit the run. Raises RunError, and touches nothing,
    where another process trains it, it cannot be written to, or it has begun and is not to be resumed.
    """
    if not (run.path / "run.json").exists():
        raise RunError(f"{run.path} holds no run: run.json is missing; check the path.")
    with only_writer(run):
        if not resume and (run.steps() or run.metrics.exists()):
            raise RunError(f"{run.path} already holds a run; resume it, or name another place.")
        if run.status().state in ENDED and run.control().want != "run":
            run.ask(want="run")
        standing, requests = Standing(run), Requests(run)
        with requests.heard():
            try:
                with Events(run.events) as events:
                    preparation = partial(prepare, run, config or run.config(), resume, cache=cache)
                    _train(run, preparation, onlooker or Onlooker(), standing, requests, events)
            except StopRequested:  # before or after all there is to stop
                standing.be("stopped", stopped_at(standing.status))
            except Exception as error:
                if not is_expected(error):
                    traceback.print_exc()
                standing.be("failed", sentence(error))  # first, since the disk may have no room for more
                with suppress(OSError), Events(run.events) as events:
                    events.record(standing.status.step, "failed", sentence(error))
        return standing.status


def _train(
    run: RunDirectory,
    preparation: Callable[[Say], Prepared],
    onlooker: Onlooker,
    standing: Standing,
    requests: Requests,
    events: Events,
) -> None:
    def say(words: str) -> None:
        requests.check()
        standing.be("preparing", words)
        onlooker.say(words)

    try:
        remove_stale(run.checkpoints)
        requests.check()
        made = preparation(say)
        step = made.state.step
        with JsonLines(run.metrics, step) as metrics, JsonLines(run.samples, step) as samples:
            seconds = sum(row.get("seconds") or 0.0 for row in Tail(run.metrics).read())
            standing.begin(step, made.config.training.steps, seconds)
            for words in made.passed_over:
                events.record(step, "passed_over", words)
                onlooker.warn(words)
            events.record(step, "resumed" if made.goes_on else "started", " ".join(made.remarks))
            for words in made.remarks:
                onlooker.say(words)
            onlooker.ready(made)
            requests.begun()
            _Loop(run, made, onlooker, standing, requests, (metrics, samples, events)).run()
    except StopRequested:
        message = stopped_at(standing.status)
        events.record(standing.status.step, "stopped", message)
        standing.be("stopped", message)


class _Loop:
    """Updates and what goes with them, from where the run was prepared to its end."""

    def __init__(
        self,
        run: RunDirectory,
        made: Prepared,
        onlooker: Onlooker,
        standing: Standing,
        requests: Requests,
        logs: tuple[JsonLines, JsonLines, Events],
    ) -> None:
        self._run, self._made, self._state = run, made, made.state
        self._onlooker, self._standing, self._requests = onlooker, standing, requests
        self._metrics, self._samples, self._events = logs
        self._rates = Rates(Tail(run.events).read())
        self._saved_step = self._state.step
        self._validation_loss: float | None = None  # of the step that was done last

    def run(self) -> None:
        """To the last step, which always has a checkpoint, or until asked to stop."""
        first = step_directory(self._run.checkpoints, self._state.step)
        if self._state.step in self._made.config.timeline and not first.exists():
            self._save()
        self._standing.be("running")
        try:
            if self._goes_on():
                self._update()
            if self._saved_step != self._state.step:
                self._save()
        except TrainingError as error:
            nan = float("nan")
            self._metrics.write(asdict(StepReport(error.step, nan, nan, nan, self._state.tokens, 0.0)))
            raise
        self._conclude()

    def _update(self) -> None:
        config, state = self._made.config, self._state
        for report in train(state, self._made.data, lr_scale=self._rates.at):
            self._metrics.write(_row(report))
            self._standing.trained(state.step, report.seconds)
            self._validation_loss = report.validation_loss
            self._onlooker.show(report)
            best = report.is_best and config.training.patience is not None
            if best or state.step % config.checkpoint_every == 0 or state.step in config.timeline:
                self._save()
            if not self._goes_on():
                return

    def _goes_on(self) -> bool:
        """Take over a new learning rate, wait as long as a pause is wanted; False if the run is to stop."""
        control, step = self._requests.control(), self._state.step
        if control is not None and control.lr_scale != self._rates.last:
            self._rates.change(step, control.lr_scale)
            self._events.record(step, "lr_scale", f"Learning rates times {control.lr_scale:g}.", control.lr_scale)
        if self._requests.pause:
            self._pause()
        return not self._requests.stop

    def _pause(self) -> None:
        if self._saved_step != self._state.step:
            self._save()
        self._events.record(self._state.step, "paused")
        self._standing.be("paused", f"Paused at step {self._state.step:,}.")
        while self._requests.pause:
            time.sleep(PAUSE_LOOK)
        if self._goes_on():
            self._events.record(self._state.step, "continued")
            self._standing.be("running")

    def _conclude(self) -> None:
        """Say how it ended; a stop asked for during the last update is none."""
        state, steps = self._state, self._made.config.training.steps
        patience = self._made.config.training.patience
        if state.step >= steps:
            self._end("finished", "")
        elif patience is not None and state.since_best >= patience:
            validations = f"{patience} validation{'' if patience == 1 else 's'}"
            self._end("finished", f"Ended at step {state.step:,}: no better validation loss in {validations}.")
        else:
            self._end("stopped", stopped_at(self._standing.status))

    def _end(self, state: Any, message: str) -> None:
        self._events.record(self._state.step, state, message)
        self._standing.be(state, message)

    def _save(self) -> None:
        """The checkpoint of the state's step, and what the model writes there; the logs are safe before it is."""
        made, state, run = self._made, self._state, self._run
        try:
            self._samples.write(sample(made.model, made.tokenizer, made.config.prompt, state.step))
        except ValueError as error:  # nor is a model that cannot speak worth keeping in place of a sound one
            raise TrainingError(
                f"Training stopped at step {state.step + 1}: the model's outputs are not finite; lower the learning "
                "rate or lengthen the warm-up, and resume or start again.",
                state.step + 1,
            ) from error
        for log in (self._metrics, self._samples, self._events):
            log.flush()
        here = {"step": state.step, "tokens": state.tokens, "validation_loss": self._validation_loss}
        directory = step_directory(run.checkpoints, state.step)
        has_memory = state.step == 0 or bool(state.tensors())  # a branch off bare weights has none at its first step
        training = state if has_memory else None
        save_checkpoint(directory, made.model, made.tokenizer, {**made.provenance, **here}, training, overwrite=True)
        self._saved_step = state.step
        tidy(run.checkpoints, made.config.keep, made.config.timeline)


_FIELDS = [field.name for field in fields(StepReport)]


def _row(report: StepReport) -> dict[str, Any]:
    """As asdict, which copies deeply and takes longer than the write."""
    row = {name: getattr(report, name) for name in _FIELDS}
    if report.layers is not None:
        row["layers"] = asdict(report.layers)
    return row
