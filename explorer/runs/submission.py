"""How a run comes to be: from a recipe and its text, or from a checkpoint of another run; a second click is none."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from explorer.runs.disk import copy_checkpoint
from llm.checkpoint_files import verify
from llm.runs.config import RunConfig, RunError
from llm.runs.directory import RunDirectory
from llm.runs.given import given_tokenizer
from llm.tokenizers.base import without_lone_surrogates
from llm.tokenizers.load import fingerprint

TEXT = Path("corpus.txt")  # a run's own text, in its directory
TOKENIZER = Path("tokenizer")  # the one it was given, in its directory
TWICE = 2.0  # seconds within which the same recipe again is the same click


@dataclass(frozen=True)
class Submission:
    """What a person asked for, and all that a directory needs to become that run."""

    config: RunConfig
    name: str = ""
    raw: bytes | None = None  # its own text
    parent: Mapping[str, Any] | None = None  # what it comes from, in words of JSON
    start: Path | None = None  # the checkpoint that it begins with
    corpus: Mapping[str, Any] | None = None  # what is known of its text already
    tokenizer: Mapping[str, bytes] = field(default_factory=dict)  # files of the one that it was given

    @classmethod
    def of(
        cls, config: RunConfig, name: str, text: str | None, parent: Mapping[str, Any] | None, start: Path | None = None
    ) -> Submission:
        """With its text and its tokenizer, where it was given them, beside the recipe. Raises RunError."""
        raw = None if text is None else without_lone_surrogates(text).encode()
        if raw is not None:
            config = replace(config, corpus="file", corpus_file=TEXT)
        files: Mapping[str, bytes] = {}
        if (given := config.tokenizer.directory) is not None:
            tokenizer, files = given_tokenizer(config.tokenizer, given)
            called = config.tokenizer.name or ("" if given.name == TOKENIZER.name else given.name)
            n_vocab, sha256 = tokenizer.n_vocab, fingerprint(files)
            known = replace(config.tokenizer, directory=TOKENIZER, name=called, n_vocab=n_vocab, sha256=sha256)
            config = replace(config, tokenizer=known)
        return cls(config, name, raw, parent, start, tokenizer=files)

    @property
    def click(self) -> str:
        """The same for the same wish."""
        what = [
            self.config.to_dict(),
            self.name,
            dict(self.parent or {}),
            self.raw and hashlib.sha256(self.raw).hexdigest(),
        ]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()

    def fill(self, place: Path, created: str) -> RunDirectory:
        """Make the run in an empty directory. Raises RunError, CheckpointError or OSError."""
        facts = {"created": created, "submission": {"sha256": self.click, "time": time.time()}}
        known = {name: dict(of) for name, of in (("parent", self.parent), ("corpus", self.corpus)) if of}
        run = RunDirectory.create(place, self.config, **facts, **known)
        if self.raw is not None:
            (place / TEXT).write_bytes(self.raw)
        for file, content in self.tokenizer.items():
            (place / TOKENIZER).mkdir(exist_ok=True)
            (place / TOKENIZER / file).write_bytes(content)
        if self.start is not None:
            copy_checkpoint(self.start, run.start)
        return run


def branch(run: RunDirectory, step: int, config: RunConfig | None, name: str) -> Submission:
    """From the weights of a checkpoint of `run`; without a recipe by the old one, or as long again from its end.

    Raises RunError or CheckpointError.
    """
    made = config or run.config()
    checkpoint = run.steps().get(step)
    if checkpoint is None:
        raise RunError(f"{run.id} has no checkpoint of step {step:,}; branch from one that it lists.")
    verify(checkpoint)
    if config is None and step >= made.training.steps:
        made = replace(made, training=replace(made.training, steps=step + made.training.steps))
    text = None
    if made.corpus_file is not None and not made.corpus_file.is_absolute():
        try:
            text = (run.path / made.corpus_file).read_bytes().decode()
        except (OSError, ValueError) as error:
            raise RunError(f"The text of {run.id} cannot be read: {error}; start a new run with it.") from error
    if not name and (before := run.label().name):
        name = f"{before}, from step {step:,}"
    if (given := made.tokenizer.directory) is not None:
        made = replace(made, tokenizer=replace(made.tokenizer, directory=run.path / given))
    wish = Submission.of(made, name, text, {"id": run.id, "step": step}, checkpoint)
    return replace(wish, corpus=run.record().get("corpus")) if _same_text(made, run.config()) else wish


def _same_text(a: RunConfig, b: RunConfig) -> bool:
    kept = ("corpus", "corpus_file", "corpus_seed", "corpus_chars")
    return all(getattr(a, name) == getattr(b, name) for name in kept)


def made_by(run: RunDirectory, click: str) -> bool:
    """Whether this run came of the same click, a moment ago."""
    try:
        if abs(time.time() - (run.path / "run.json").stat().st_mtime) > 60:
            return False
        made = run.record()["submission"]
        return bool(made["sha256"] == click and abs(time.time() - made["time"]) < TWICE)
    except (RunError, OSError, KeyError, TypeError, OverflowError):
        return False
