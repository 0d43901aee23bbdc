"""What a run does, as plain values: with the corpus's text, all that is needed to repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from llm.corpora.kinds import CorpusKind
from llm.model.config import GPTConfig
from llm.training.config import TrainingConfig

TokenizerKind = Literal["bpe", "char"]
WindowKind = Literal["anywhere", "documents"]


class RunError(ValueError):
    """A run that cannot be made, read or gone on with; one sentence with the remedy."""


@dataclass(frozen=True, kw_only=True)
class CorpusOptions:
    """Which text to learn from."""

    corpus: CorpusKind = "stories"  # a generated corpus, this Python's own sources, or a text file
    corpus_chars: int = 8_000_000  # characters to generate, or at most to read
    corpus_seed: int = 0  # of the generated corpora
    corpus_file: Path | None = None  # the text file when the corpus is "file"; a relative one lies in the run

    def __post_init__(self) -> None:
        if self.corpus not in get_args(CorpusKind):
            raise RunError(f"corpus must be one of {', '.join(get_args(CorpusKind))}, got {self.corpus!r}.")
        if self.corpus_chars < 1 or self.corpus_seed < 0:
            raise RunError(
                "corpus_chars must be at least 1 and corpus_seed at least 0, "
                f"got {self.corpus_chars} and {self.corpus_seed}."
            )
        if (self.corpus == "file") != (self.corpus_file is not None):
            raise RunError("--corpus file and --corpus-file PATH belong together; give both or neither.")


@dataclass(frozen=True)
class TokenizerOptions:
    """Which tokenizer to use."""

    kind: TokenizerKind = "bpe"  # learned from the training text
    n_vocab: int = 1024  # tokens of a bpe tokenizer, bytes and special tokens included
    directory: Path | None = None  # use the tokenizer saved here instead; a relative one lies in the run
    name: str = ""  # what that one is called
    sha256: str = ""  # of its files; another than this is refused


@dataclass(frozen=True, kw_only=True)
class RunConfig(CorpusOptions):
    """The whole recipe of a run."""

    model: GPTConfig = field(default_factory=GPTConfig)  # its d_vocab is the tokenizer's
    training: TrainingConfig = field(default_factory=TrainingConfig)
    tokenizer: TokenizerOptions = field(default_factory=TokenizerOptions)
    validation_fraction: float = 0.05  # share of the documents kept out of training
    windows: WindowKind = "anywhere"  # where training windows start: anywhere, or at the start of a document
    checkpoint_every: int = 200  # steps between checkpoints to resume from
    keep: int = 2  # newest of those kept, besides the best
    timeline: tuple[int, ...] = ()  # steps whose weights are kept for good, to look back at; 0 is before training
    prompt: str = ""  # text that the samples continue; none starts a new document
    device: str = "auto"  # cpu, cuda, mps, ...; auto takes the first of CUDA, MPS and CPU that works
    threads: int | None = None  # CPU threads; a resumed run is bit-identical only with the same number

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.validation_fraction < 1:
            raise RunError(f"validation_fraction must be between 0 and 1, got {self.validation_fraction}.")
        if self.windows not in get_args(WindowKind):
            raise RunError(f"windows must be one of {', '.join(get_args(WindowKind))}, got {self.windows!r}.")
        for name in ("checkpoint_every", "keep", "threads"):
            if (value := getattr(self, name)) is not None and value < 1:
                raise RunError(f"{name} must be at least 1, got {value}.")
        if any(not 0 <= step <= self.training.steps for step in self.timeline):
            raise RunError(f"timeline must hold steps from 0 to {self.training.steps:,}, got {self.timeline}.")

    def to_dict(self) -> dict[str, Any]:
        """As JSON values; what a subclass adds is not part of the recipe."""
        names = {field.name for field in fields(RunConfig)}
        return {name: _plain(value) for name, value in asdict(self).items() if name in names}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunConfig:
        """What `to_dict` gave. Raises RunError or ConfigError, naming what is wrong."""
        known = {field.name for field in fields(RunConfig)}
        if wrong := sorted(set(values) ^ known):
            raise RunError(f"The run's configuration has unknown or missing options: {', '.join(wrong)}.")
        try:
            tokenizer = {"name": "", "sha256": "", **values["tokenizer"]}  # older runs knew neither
            _require_kinds(RunConfig, values)
            _require_kinds(TokenizerOptions, tokenizer)
            made = dict(values)
            made["corpus_file"] = None if values["corpus_file"] is None else Path(values["corpus_file"])
            directory = tokenizer["directory"]
            made["tokenizer"] = TokenizerOptions(
                **tokenizer | {"directory": None if directory is None else Path(directory)}
            )
            made["timeline"] = tuple(values["timeline"])
            made["model"] = GPTConfig.from_dict(values["model"])
            made["training"] = TrainingConfig.from_dict(values["training"])
            return RunConfig(**made)
        except (TypeError, KeyError, AttributeError) as error:
            raise RunError(f"The run's configuration is damaged: {error}.") from error


def _require_kinds(kind: type, values: Mapping[str, Any]) -> None:
    """A number where the usual value is one, and a text where that is; JSON may hold anything."""
    for option in fields(kind):
        value, usual = values[option.name], type(option.default)
        fits = type(value) is usual or (usual is float and type(value) is int)
        if option.name == "threads":
            fits, usual = value is None or type(value) is int, int
        if usual in _KINDS and not fits:
            raise RunError(f"{option.name} must be {_KINDS[usual]}, got {value!r:.80}.")
    if any(type(step) is not int for step in values.get("timeline", ())):
        raise RunError(f"timeline must hold whole numbers, got {values['timeline']!r:.80}.")


_KINDS: dict[type, str] = {int: "a whole number", float: "a number", str: "a text"}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(v) for name, v in value.items()}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, Path) else value
