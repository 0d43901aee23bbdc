"""What a ledger says of a run: its recipe, its best validation, its curve in small; and how two recipes differ."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from explorer.analysis.curves import Metrics, means
from llm.model.size import size
from llm.runs.config import RunConfig, RunError
from llm.runs.directory import RunDirectory
from llm.runs.log import Tail
from llm.tokenizers.base import TokenizerError
from llm.tokenizers.load import fingerprint, saved_files
from llm.training.cost import cost

SPARK = 60  # points of a curve in small
Recipe = Mapping[str, Any]

_NAMES = {
    "corpus_chars": "characters",
    "corpus_file": "text",
    "tokenizer.kind": "tokenizer",
    "tokenizer.n_vocab": "vocabulary",
    "model.n_ctx": "context",
    "model.n_layers": "blocks",
    "model.n_heads": "heads",
    "model.n_kv_heads": "key/value heads",
    "model.d_model": "width",
    "model.d_mlp": "MLP width",
    "model.mlp": "MLP",
    "model.block": "norms",
    "model.tied": "tied embeddings",
    "training.batch_size": "batch",
    "training.lr": "learning rate",
    "training.muon_lr": "Muon's rate",
    "training.grad_accumulation": "batches an update",
    "training.clip_norm": "clipping",
}
_WITHOUT_EFFECT = {  # on what is learned
    "checkpoint_every",
    "keep",
    "timeline",
    "prompt",
    "device",
    "threads",
    "model.d_vocab",  # the tokenizer's
    "training.eval_every",
    "training.eval_windows",
    "training.health_every",
}


@dataclass(frozen=True)
class Facts:
    """What a run's files say, but for where it stands now. None where it is not known."""

    recipe: Recipe  # everything in the configuration by its name, in order; empty where that cannot be read
    problem: str  # why it cannot be read
    text: tuple[Any, ...]  # which text it learns from: losses of different ones do not compare
    tokens: tuple[Any, ...]  # and how that is cut: nats per token of different ones do not compare either
    parameters: int | None
    flops_per_token: int | None
    best: float | None  # lowest validation loss, nats per token
    best_step: int | None
    bits_per_byte: float | None  # there
    origin: tuple[Any, ...]  # when it was made and what its updates took, which only its copies share; empty: not known
    parent: tuple[str, int] | None  # id of the run that it branched from, and the step
    n_bytes: int  # all its files
    spark: np.ndarray  # (2, at most SPARK): step, loss
    spark_of: str  # which loss that is


def facts(run: RunDirectory, metrics: Metrics) -> Facts:
    """Read one run; a damaged one has a `problem`."""
    best, (spark, of) = metrics.best, small_curve(metrics)
    figures: dict[str, Any] = {
        "best": None if best is None else float(metrics.validation_loss[best]),
        "best_step": None if best is None else int(metrics.step[best]),
        "bits_per_byte": None if best is None else _finite(metrics.bits_per_byte[best]),
        "n_bytes": _size(run.path),
        "spark": spark,
        "spark_of": of,
    }
    try:
        config, record = _with_its_tokenizer(run, run.config()), run.record()
    except (RunError, ValueError) as error:
        nothing: dict[str, Any] = {"parameters": None, "flops_per_token": None, "parent": None}
        return Facts(recipe={}, problem=str(error), text=(), tokens=(), origin=(), **nothing, **figures)
    parent = _parent(record.get("parent"))
    corpus = record.get("corpus")
    sha = corpus.get("sha256") if isinstance(corpus, dict) else None
    text = (sha,) if sha else (config.corpus, config.corpus_seed, config.corpus_chars, str(config.corpus_file))
    text = (*text, config.validation_fraction)
    created, made = record.get("created"), len(metrics.step)
    cut = config.tokenizer
    named = (cut.sha256 or run.id if cut.directory else (cut.kind, cut.n_vocab), config.model.n_ctx)
    return Facts(
        recipe={**recipe(config), **_course(run, parent)},
        problem="",
        text=text,
        tokens=(*text, *named),
        origin=(created, made, float(metrics.seconds[-1])) if created and made else (),
        parameters=size(config.model).parameters,
        flops_per_token=cost(config.model, config.training).flops_per_token,
        parent=parent,
        **figures,
    )


def _with_its_tokenizer(run: RunDirectory, config: RunConfig) -> RunConfig:
    """With what an older run does not say of the tokenizer that it was given."""
    cut = config.tokenizer
    if cut.directory is None or cut.sha256:
        return config
    try:
        sha256 = fingerprint(saved_files(run.path / cut.directory))
    except TokenizerError:
        return config
    return replace(config, tokenizer=replace(cut, sha256=sha256, n_vocab=config.model.d_vocab))


def _parent(told: Any) -> tuple[str, int] | None:
    try:
        return str(told["id"]), int(told["step"])
    except (KeyError, TypeError, ValueError):
        return None


def _course(run: RunDirectory, parent: tuple[str, int] | None) -> dict[str, str]:
    """What a run was given besides its configuration: the weights it began with, and other rates while it ran."""
    rows = [row for row in Tail(run.events).read() if row.get("event") == "lr_scale"]
    changes = [f"× {row['value']:g} from {row['step']:,}" for row in rows if _is_change(row)]
    begun = "chance" if parent is None else f"step {parent[1]:,} of {parent[0]}"
    return {"begun from": begun, "rates changed": ", ".join(changes) or "never"}


def _is_change(row: dict[str, Any]) -> bool:
    return isinstance(row.get("value"), int | float) and isinstance(row.get("step"), int)


def _size(path: Path) -> int:
    """Bytes of all files; one that goes away while it is counted is not."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                total += Path(folder, name).lstat().st_size
    return total


def recipe(config: RunConfig) -> dict[str, Any]:
    """Every choice by a reader's name: the text, the tokenizer, the model, the training."""
    values = config.to_dict()
    parts = {name: values.pop(name) for name in ("tokenizer", "model", "training")}
    cut = parts["tokenizer"]
    given = f"{cut['name'] or 'given'} · {cut['sha256'][:6] or 'not known'}"  # a name alone may be used again
    parts["tokenizer"] = {"kind": given if cut["directory"] else cut["kind"], "n_vocab": cut["n_vocab"]}
    flat = {**values}
    for part, chosen in parts.items():
        flat.update({f"{part}.{name}": value for name, value in chosen.items()})
    return {name_of(key): _plain(value) for key, value in flat.items()}


def name_of(key: str) -> str:
    """A reader's name of an option."""
    return _NAMES.get(key) or key.rpartition(".")[2].replace("_", " ")


WITHOUT_EFFECT = frozenset(name_of(key) for key in _WITHOUT_EFFECT)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return " ".join(str(one) for one in value)
    return Path(value).name if isinstance(value, str) and "/" in value else value


def varying(recipes: Iterable[Recipe]) -> list[str]:
    """The choices in which runs differ, of those that change what is learned."""
    made = [one for one in recipes if one]
    names = list(dict.fromkeys(name for one in made for name in one if name not in WITHOUT_EFFECT))
    return [name for name in names if len({repr(one.get(name)) for one in made}) > 1]


def differences(one: Recipe, reference: Recipe) -> dict[str, tuple[Any, Any]]:
    """Name -> (this one's, the reference's) where they differ."""
    return {name: (one.get(name), reference.get(name)) for name in varying([one, reference])}


def small_curve(metrics: Metrics) -> tuple[np.ndarray, str]:
    """At most SPARK points: of the validation loss where there are three, else means of the training loss."""
    seen = metrics.evaluated
    of = "validation" if len(seen) >= 3 else "training"
    steps, values = (
        (metrics.step[seen], metrics.validation_loss[seen]) if of == "validation" else (metrics.step, metrics.loss)
    )
    width = max(1, -(-len(values) // SPARK))
    pair = np.stack([means(steps, width), means(values, width)]) if len(values) else np.zeros((2, 0))
    return pair[:, np.isfinite(pair).all(axis=0)].astype(np.float32), of


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def comparable(of: Sequence[Facts]) -> list[int]:
    """Places of the runs that can be ranked: the most that learned from one text and have been validated."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for i, one in enumerate(of):
        if one.text and one.bits_per_byte is not None:
            groups.setdefault(one.text, []).append(i)
    return max(groups.values(), key=len, default=[])  # of equals the first
