"""What each command can be told: plain dataclasses, from which tyro makes the command line and its help."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from llm.generation.filters import SamplingConfig
from llm.runs.config import CorpusOptions, RunConfig
from llm.runs.directory import RunDirectory


class CommandError(ValueError):
    """The command was told something that cannot be done; one sentence with the remedy."""


@dataclass(frozen=True, kw_only=True)
class TrainOptions(RunConfig):
    """Train a model on a corpus and write checkpoints that can be resumed exactly."""

    out: Path  # the run's directory: run.json, metrics.jsonl, samples.jsonl, checkpoints/
    resume: bool = False  # go on from the newest checkpoint in --out, with that run's options where none are given
    export: Path | None = None  # write the trained model here at the end, without training state
    export_dtype: Literal["float32", "float16"] = "float32"  # how the exported weights are stored
    log_every: int = 20  # steps between progress lines where there is no terminal

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.log_every < 1:
            raise CommandError(f"log_every must be at least 1, got {self.log_every}.")

    @property
    def config(self) -> RunConfig:
        """The recipe alone."""
        return RunConfig(**{field.name: getattr(self, field.name) for field in fields(RunConfig)})

    @property
    def facts(self) -> dict[str, Any]:
        """What run.json keeps of the rest, for when the run is resumed."""
        export = None if self.export is None else str(self.export)
        return {"export": export, "export_dtype": self.export_dtype, "log_every": self.log_every}


def resumed(out: Path) -> TrainOptions:
    """The options of the run in `out`, to go on with it. Raises CommandError or RunError if there is none to read."""
    if not (out / "run.json").exists():
        raise CommandError(f"{out} holds no run to resume: run.json is missing; leave out --resume.")
    run = RunDirectory(out)
    config, record = run.config(), run.record()
    more = {name: record[name] for name in ("export_dtype", "log_every") if name in record}
    export = None if record.get("export") is None else Path(record["export"])
    recipe = {field.name: getattr(config, field.name) for field in fields(RunConfig)}
    return TrainOptions(**recipe, **more, out=out, resume=True, export=export)


@dataclass(frozen=True, kw_only=True)
class TokenizerTrainOptions(CorpusOptions):
    """Learn a byte-level BPE tokenizer from a corpus and save it."""

    action: Annotated[Literal["train"], tyro.conf.Positional]  # what to do
    out: Path  # directory to write tokenizer.json and tokenizer.tiktoken to
    n_vocab: int = 1024  # tokens, bytes and special tokens included
    pattern: str = "gpt4"  # words that no merge crosses: gpt4, gpt2, or a regular expression of one's own
    show: int = 20  # merges to print, the first ones


@dataclass(frozen=True, kw_only=True)
class SampleOptions:
    """Continue a prompt with a trained model, token by token."""

    checkpoint: Annotated[Path, tyro.conf.Positional]  # a checkpoint, or a run's directory for its newest one
    prompt: str = ""  # text to continue; none starts a new document
    max_new_tokens: int = 200  # most tokens to add
    samples: int = 1  # continuations to write
    seed: int = 0  # of the draws; further samples count up from it
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    device: str = "auto"  # cpu, cuda, mps, ...; auto takes the first of CUDA, MPS and CPU that works


@dataclass(frozen=True, kw_only=True)
class InfoOptions:
    """Say what a checkpoint holds and where it comes from."""

    checkpoint: Annotated[Path, tyro.conf.Positional]  # a checkpoint, or a run's directory for its newest one
