"""Who watches a training process from inside it, such as a terminal."""

from __future__ import annotations

from llm.runs.preparation import Prepared
from llm.training.trainer import StepReport


class Onlooker:
    """Is told everything and does nothing; subclasses show what they like."""

    def say(self, sentence: str) -> None:
        """What is being done, or a remark."""

    def warn(self, sentence: str) -> None:
        """Something was damaged, and what was done about it."""

    def ready(self, prepared: Prepared) -> None:
        """Training is about to begin."""

    def show(self, report: StepReport) -> None:
        """An update is done."""
