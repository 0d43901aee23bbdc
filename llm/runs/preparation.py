"""From a run's directory to a model ready to train: made anew, gone on with, or begun from another run's weights."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy
import safetensors
import torch

from llm.checkpoint import Checkpoint, load_checkpoint, load_training
from llm.data import TokenDataset, require_length
from llm.model.gpt import GPT
from llm.runs.checkpoints import holds_training, newest_resumable
from llm.runs.config import RunConfig, RunError
from llm.runs.corpus import PreparedData, Say, prepared_data
from llm.runs.device import pick_device, words_of
from llm.runs.directory import RunDirectory
from llm.tokenizers.base import Tokenizer
from llm.training.precision import resolve_precision
from llm.training.state import TrainingState


@dataclass(frozen=True)
class Prepared:
    """A model in training, and all that stays the same meanwhile."""

    config: RunConfig
    model: GPT
    state: TrainingState
    tokenizer: Tokenizer
    data: TokenDataset
    provenance: Mapping[str, Any]  # goes into every checkpoint
    start: Path | None  # the checkpoint it goes on from, or branches off
    goes_on: bool  # from a checkpoint of its own
    passed_over: tuple[str, ...]  # damaged checkpoints, a sentence each
    remarks: tuple[str, ...]  # what differs from how the run went until now, a sentence each


def prepare(run: RunDirectory, config: RunConfig, resume: bool, say: Say, cache: Path | None = None) -> Prepared:
    """Make or restore everything, and complete run.json with `config` as its recipe.

    A run that is resumed goes on from its newest undamaged checkpoint; without one it begins, from the weights in
    `start/` if it branches off another run. Raises ValueError, in a sentence, where things do not fit together.
    """
    record = run.record()
    if config.threads:
        torch.set_num_threads(config.threads)
    device = pick_device(config.device)
    newest, passed_over = newest_resumable(run.checkpoints) if resume else (None, ())
    branch = run.start if newest is None and run.start.is_dir() else None
    begin = newest or branch
    saved = load_checkpoint(begin, device) if begin else None
    if saved and newest:
        _require_same_tokenizer_options(saved, config)
    sha256 = saved.provenance.get("corpus", {}).get("sha256", "unknown") if saved and newest else None
    prepared = prepared_data(config, run.path, cache, say, saved.tokenizer if saved else None, sha256)
    tokenizer, data = prepared.tokenizer, prepared.data
    if saved:
        _require_same_split(saved, config, prepared)
    config = replace(config, model=replace(config.model, d_vocab=tokenizer.n_vocab))
    require_length(data.train, config.model.n_ctx, "training text")
    if config.training.eval_every:
        require_length(data.validation, config.model.n_ctx, "validation text")
    say(f"Building the model on {words_of(device)}")
    model = _model(saved, config, going_on=newest is not None).to(device)
    state = TrainingState(model, config.training)
    provenance = _provenance(record, config, prepared, device)
    remarks: list[str] = []
    if saved and newest:
        load_training(newest, state)
        remarks = _differences(saved, provenance)
        provenance["resumed"] = [
            *saved.provenance.get("resumed", []),
            {"step": state.step, "machine": provenance["machine"]},
        ]
    elif saved and branch:
        remarks = [_begin_from(saved, state)]
    run.write_record(config, **{name: provenance[name] for name in ("corpus", "versions", "machine")})
    return Prepared(
        config, model, state, tokenizer, data, provenance, begin, newest is not None, passed_over, tuple(remarks)
    )


def _model(saved: Checkpoint | None, config: RunConfig, going_on: bool) -> GPT:
    """The saved one; a branch may differ from it in whatever leaves every weight's shape as it was."""
    if saved is None:
        return GPT(config.model, seed=config.training.seed)
    if saved.model.config == config.model:
        return saved.model
    model = GPT(config.model, seed=config.training.seed)
    weights = {name: p.detach() for name, p in saved.model.named_parameters()}
    shapes = {name: p.shape for name, p in weights.items()}
    if going_on or shapes != {name: p.shape for name, p in model.named_parameters()}:
        raise RunError(f"The model is not the one in {saved.path}; leave out the --model options, or start anew.")
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(weights[name])
    return model


def _begin_from(saved: Checkpoint, state: TrainingState) -> str:
    """Take over the step of the checkpoint that a branch begins at, and the optimizer's memory if it was kept."""
    parent, kept = saved.provenance, holds_training(saved.path)
    if kept:
        load_training(saved.path, state)
        state.best_loss, state.best_step, state.since_best = float("inf"), 0, 0
    else:
        state.step, state.tokens = int(parent.get("step", 0)), int(parent.get("tokens", 0))
    if state.step >= state.config.steps:
        raise RunError(
            f"The branch begins at step {state.step:,} and is to train up to step {state.config.steps:,}; "
            "ask for more steps."
        )
    memory = "with the optimizer's memory" if kept else "with an optimizer that remembers nothing"
    return f"Began from another run's weights at step {state.step:,}, {memory}."


def _provenance(
    record: Mapping[str, Any], config: RunConfig, prepared: PreparedData, device: torch.device
) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "command": record.get("command", ""),
        "options": config.to_dict(),
        "seed": config.training.seed,
        "corpus": prepared.facts,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": numpy.__version__,
            "safetensors": safetensors.__version__,
        },
        "machine": {
            "device": str(device),
            "threads": torch.get_num_threads(),
            "precision": resolve_precision(config.training.precision, device),
            "processor": platform.machine(),
        },
        "created": record.get("created") or time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    return facts | ({"parent": record["parent"]} if record.get("parent") else {})


def _require_same_tokenizer_options(saved: Checkpoint, config: RunConfig) -> None:
    before = saved.provenance.get("options", {}).get("tokenizer")
    now = config.to_dict()["tokenizer"]
    if before is not None and _identity(before) != _identity(now):
        raise RunError(
            f"The tokenizer was {_words(before)} in {saved.path.name} and is {_words(now)}: its ids would mean other "
            "text; leave it as it was, or start a new run."
        )


def _identity(tokenizer: Mapping[str, Any]) -> Mapping[str, Any]:
    """What makes it the same: its bytes where they are known, however it is called."""
    if sha256 := tokenizer.get("sha256"):
        return {"sha256": sha256}
    return {name: value for name, value in tokenizer.items() if name not in ("name", "sha256")}


def _words(tokenizer: Mapping[str, Any]) -> str:
    if tokenizer["directory"]:
        return str(tokenizer.get("name") or tokenizer["directory"])
    return "characters" if tokenizer["kind"] == "char" else f"{tokenizer['kind']} of {tokenizer['n_vocab']:,} tokens"


def _require_same_split(saved: Checkpoint, config: RunConfig, prepared: PreparedData) -> None:
    """What was trained on must not become validation text: a better loss would then mean nothing."""
    if saved.provenance.get("corpus", {}).get("sha256") != prepared.facts["sha256"]:
        return  # a branch that learns from other text
    before = saved.provenance.get("options", {})
    was = {
        "--validation-fraction": before.get("validation_fraction", config.validation_fraction),
        "--training.seed": before.get("training", {}).get("seed", config.training.seed),
    }
    now = {"--validation-fraction": config.validation_fraction, "--training.seed": config.training.seed}
    for name, value in was.items():
        if now[name] != value:
            raise RunError(
                f"{name} was {value} in {saved.path.name} and is {now[name]}: it would validate on text already "
                "trained on; leave it as it was, or start a new run."
            )


def _differences(saved: Checkpoint, now: Mapping[str, Any]) -> list[str]:
    """What keeps a resumed run from being bit-identical to one that was never stopped."""
    before, found = saved.provenance, []
    for part in ("versions", "machine"):
        for name, value in now[part].items():
            if (was := before.get(part, {}).get(name)) != value:
                found.append(f"Not bit-identical to an unbroken run: {name} was {was}, is {value}.")
    options, earlier = json.loads(json.dumps(now["options"])), before.get("options", {})  # tuples as lists, as read
    recipes = [(options["training"], earlier.get("training", {})), (options, earlier)]
    for recipe, was in recipes:
        for name, value in recipe.items():
            if name in _RECIPE_APART or was.get(name) == value:
                continue
            found.append(f"The recipe changed at {saved.path.name}: {name} was {was.get(name)}, is {value}.")
    return found


_RECIPE_APART = {"training", "model", "tokenizer", "corpus_file", "device", "threads"}  # told otherwise, or refused
