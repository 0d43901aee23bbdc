"""What each command can be told: plain dataclasses, from which tyro makes the command line and its help."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from llm.corpora.catalog import CorpusKind
from llm.generation.filters import SamplingConfig
from llm.model.config import GPTConfig
from llm.training.config import TrainingConfig


class CommandError(ValueError):
    """The command was told something that cannot be done; one sentence with the remedy."""


@dataclass(frozen=True, kw_only=True)
class CorpusOptions:
    """Which text to learn from."""

    corpus: CorpusKind = "stories"  # a generated corpus, this Python's own sources, or a text file
    corpus_chars: int = 8_000_000  # characters to generate, or at most to read
    corpus_seed: int = 0  # of the generated corpora
    corpus_file: Path | None = None  # the text file when the corpus is "file"

    def __post_init__(self) -> None:
        if self.corpus_chars < 1 or self.corpus_seed < 0:
            raise CommandError(
                "corpus_chars must be at least 1 and corpus_seed at least 0, "
                f"got {self.corpus_chars} and {self.corpus_seed}."
            )
        if (self.corpus == "file") != (self.corpus_file is not None):
            raise CommandError("--corpus file and --corpus-file PATH belong together; give both or neither.")


@dataclass(frozen=True)
class TokenizerOptions:
    """Which tokenizer to use."""

    kind: Literal["bpe", "char"] = "bpe"  # learned from the training text
    n_vocab: int = 1024  # tokens of a bpe tokenizer, bytes and special tokens included
    directory: Path | None = None  # use the tokenizer saved here instead


@dataclass(frozen=True, kw_only=True)
class TrainOptions(CorpusOptions):
    """Train a model on a corpus and write checkpoints that can be resumed exactly."""

    out: Path  # the run's directory: run.json, metrics.jsonl, checkpoints/
    model: GPTConfig = field(default_factory=GPTConfig)  # its d_vocab is the tokenizer's
    training: TrainingConfig = field(default_factory=TrainingConfig)
    tokenizer: TokenizerOptions = field(default_factory=TokenizerOptions)
    validation_fraction: float = 0.05  # share of the documents kept out of training
    resume: bool = False  # go on from the newest checkpoint in --out, with that run's options where none are given
    checkpoint_every: int = 200  # steps between checkpoints
    keep: int = 2  # newest checkpoints kept, besides the best
    export: Path | None = None  # write the trained model here at the end, without training state
    export_dtype: Literal["float32", "float16"] = "float32"  # how the exported weights are stored
    log_every: int = 20  # steps between progress lines where there is no terminal
    device: str = "auto"  # cpu, cuda, ...; auto takes CUDA where there is one
    threads: int | None = None  # CPU threads; a resumed run is bit-identical only with the same number

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.validation_fraction < 1:
            raise CommandError(f"validation_fraction must be between 0 and 1, got {self.validation_fraction}.")
        for name in ("checkpoint_every", "keep", "log_every", "threads"):
            if (value := getattr(self, name)) is not None and value < 1:
                raise CommandError(f"{name} must be at least 1, got {value}.")

    def to_dict(self) -> dict[str, Any]:
        """JSON values of all but where the run is and whether it was resumed."""
        return {name: _plain(value) for name, value in asdict(self).items() if name not in _NOT_SAVED}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], out: Path) -> TrainOptions:
        """The options that `to_dict` saved, to go on in `out`."""
        known = {field.name for field in fields(cls)} - _NOT_SAVED
        if wrong := sorted(set(values) ^ known):
            raise CommandError(f"unknown or missing options: {', '.join(wrong)}")
        made: dict[str, Any] = {**values, "out": out, "resume": True}
        for name in ("corpus_file", "export"):
            made[name] = None if values[name] is None else Path(values[name])
        directory = values["tokenizer"]["directory"]
        made["tokenizer"] = TokenizerOptions(
            **values["tokenizer"] | {"directory": None if directory is None else Path(directory)}
        )
        made["model"] = GPTConfig.from_dict(values["model"])
        made["training"] = TrainingConfig.from_dict(values["training"])
        return cls(**made)


_NOT_SAVED = {"out", "resume"}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(v) for name, v in value.items()}
    return str(value) if isinstance(value, Path) else value


@dataclass(frozen=True, kw_only=True)
class TokenizerTrainOptions(CorpusOptions):
    """Learn a byte-level BPE tokenizer from a corpus and save it."""

    action: Annotated[Literal["train"], tyro.conf.Positional]  # what to do
    out: Path  # directory to write tokenizer.json and tokenizer.tiktoken to
    n_vocab: int = 1024  # tokens, bytes and special tokens included
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
    device: str = "auto"  # cpu, cuda, ...; auto takes CUDA where there is one


@dataclass(frozen=True, kw_only=True)
class InfoOptions:
    """Say what a checkpoint holds and where it comes from."""

    checkpoint: Annotated[Path, tyro.conf.Positional]  # a checkpoint, or a run's directory for its newest one


def write_run(out: Path, options: TrainOptions, command: str) -> None:
    """run.json: what the run does, and the command that started it; replaced whole."""
    path = out / "run.json"
    text = json.dumps({"command": command, "options": options.to_dict()}, indent=1, allow_nan=False)
    path.with_suffix(".tmp").write_text(text + "\n", encoding="utf-8")
    path.with_suffix(".tmp").replace(path)


def read_run(out: Path) -> tuple[TrainOptions, str]:
    """The options of the run in `out` and the command that started it; CommandError if there is none to read."""
    path = out / "run.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return TrainOptions.from_dict(record["options"], out), str(record["command"])
    except FileNotFoundError:
        raise CommandError(f"{out} holds no run to resume: {path.name} is missing; leave out --resume.") from None
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CommandError(f"{path} is damaged or of another version ({error}); start a new run.") from error
