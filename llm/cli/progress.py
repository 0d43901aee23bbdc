"""What a person sees of a training run: a bar on a terminal, a line every so often elsewhere."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

from llm.training.trainer import StepReport


class Progress:
    """Shows reports; validations always get a line of their own."""

    def __init__(self, done: int, steps: int, log_every: int) -> None:
        self._steps, self._log_every = steps, log_every
        self._first, self._started = done, time.monotonic()
        self._bar = tqdm(total=steps, initial=done, unit="step") if sys.stderr.isatty() else None

    def show(self, report: StepReport) -> None:
        """Called once per update."""
        if self._bar is not None:
            self._bar.set_postfix_str(f"loss {report.loss:.3f}", refresh=False)
            self._bar.update()
        if report.validation_loss is not None:
            self.say(
                f"step {report.step:,}: validation {report.validation_loss:.4f} nats/token, "
                f"{report.bits_per_byte:.4f} bits/byte; training {report.loss:.4f}"
            )
        elif self._bar is None and report.step % self._log_every == 0:
            pace = (time.monotonic() - self._started) / max(1, report.step - self._first)
            left = round(pace * (self._steps - report.step))
            self.say(
                f"step {report.step:,} of {self._steps:,}: loss {report.loss:.4f}, rate {report.lr:.2e}, "
                f"gradient {report.grad_norm:.3f}, {1000 * pace:.0f} ms/step, {left // 60}:{left % 60:02d} left"
            )

    def say(self, line: str) -> None:
        """A line that does not tear the bar."""
        if self._bar is not None:
            self._bar.write(line)
        else:
            print(line, flush=True)

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()
