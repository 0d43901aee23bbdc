"""From options to a run that is ready to train: corpus, tokenizer, model, provenance, and what a checkpoint adds."""

from __future__ import annotations

import hashlib
import json
import platform
import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy
import safetensors
import torch

from llm.checkpoint import load_checkpoint, load_training
from llm.cli.device import pick_device
from llm.cli.options import CommandError, CorpusOptions, TrainOptions, read_run
from llm.corpora.catalog import documents
from llm.data import TokenDataset, dataset, require_length, split
from llm.model.gpt import GPT
from llm.tokenizers.base import END_OF_TEXT, Tokenizer
from llm.tokenizers.bpe import BPETokenizer
from llm.tokenizers.char import CharTokenizer
from llm.tokenizers.load import load_tokenizer
from llm.training.precision import resolve_precision
from llm.training.state import TrainingState


@dataclass(frozen=True)
class Run:
    """A model in training, and all that stays the same meanwhile."""

    options: TrainOptions
    model: GPT
    state: TrainingState
    tokenizer: Tokenizer
    data: TokenDataset
    provenance: Mapping[str, Any]


def prepare(options: TrainOptions, start: Path | None, argv: Sequence[str]) -> Run:
    """Make or, from the checkpoint `start`, restore everything. CommandError if they do not belong together."""
    device = pick_device(options.device)
    texts, digest = corpus(options)
    saved = load_checkpoint(start, device) if start else None
    if saved and saved.provenance.get("corpus", {}).get("sha256") != digest:
        raise CommandError(f"The corpus is not the one that {saved.path} was trained on; start a new run.")
    if saved:
        _require_same_split(saved.path, saved.provenance.get("options", {}), options)
    tokenizer = saved.tokenizer if saved else _make_tokenizer(options, texts)
    options = replace(options, model=replace(options.model, d_vocab=tokenizer.n_vocab))
    if saved and saved.model.config != options.model:
        raise CommandError(f"The model is not the one in {saved.path}; leave out the --model options, or start anew.")
    separator = tokenizer.special_tokens.get(END_OF_TEXT)
    data = dataset(tokenizer, texts, separator, options.validation_fraction, options.training.seed)
    require_length(data.train, options.model.n_ctx, "training text")
    if options.training.eval_every:
        require_length(data.validation, options.model.n_ctx, "validation text")
    model = saved.model if saved else GPT(options.model, seed=options.training.seed).to(device)
    state = TrainingState(model, options.training)
    provenance = _provenance(options, argv, texts, digest, data, device)
    if options.resume:
        provenance["command"] = read_run(options.out)[1]
    if saved:
        load_training(saved.path, state)
        _tell_differences(saved.path, saved.provenance, provenance)
        provenance["resumed"] = [
            *saved.provenance.get("resumed", []),
            {"step": state.step, "command": _command(argv), "machine": provenance["machine"]},
        ]
    return Run(options, model, state, tokenizer, data, provenance)


def corpus(options: CorpusOptions) -> tuple[list[str], str]:
    """The documents of the chosen corpus, and the SHA-256 of their UTF-8, one after another."""
    texts = documents(options.corpus, options.corpus_seed, options.corpus_chars, options.corpus_file)
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
    return texts, digest.hexdigest()


def _make_tokenizer(options: TrainOptions, texts: Sequence[str]) -> Tokenizer:
    """Characters come from all of the text, so that validation text can be encoded; BPE from the training text."""
    wanted = options.tokenizer
    if wanted.directory:
        return load_tokenizer(wanted.directory)
    if wanted.kind == "char":
        return CharTokenizer.train(texts)
    training_texts, _ = split(texts, options.validation_fraction, options.training.seed)
    tokenizer = BPETokenizer.train(training_texts, wanted.n_vocab)
    if tokenizer.n_vocab < wanted.n_vocab:
        print(f"The text has pairs for {tokenizer.n_vocab:,} tokens only, of {wanted.n_vocab:,} asked for.")
    return tokenizer


def _provenance(
    options: TrainOptions,
    argv: Sequence[str],
    texts: Sequence[str],
    digest: str,
    data: TokenDataset,
    device: torch.device,
) -> dict[str, Any]:
    return {
        "command": _command(argv),
        "options": {name: value for name, value in options.to_dict().items() if not name.startswith("export")},
        "seed": options.training.seed,
        "corpus": {
            "kind": options.corpus,
            "sha256": digest,
            "documents": len(texts),
            "characters": sum(map(len, texts)),
            "training_tokens": len(data.train),
            "validation_tokens": len(data.validation),
        },
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": numpy.__version__,
            "safetensors": safetensors.__version__,
        },
        "machine": {
            "device": str(device),
            "threads": torch.get_num_threads(),
            "precision": resolve_precision(options.training.precision, device),
            "processor": platform.machine(),
        },
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _command(argv: Sequence[str]) -> str:
    return f"python -m llm {shlex.join(argv)}"


def _require_same_split(path: Path, before: Mapping[str, Any], options: TrainOptions) -> None:
    """What was trained on must not become validation text: a better loss would then mean nothing."""
    was = {
        "--validation-fraction": before.get("validation_fraction", options.validation_fraction),
        "--training.seed": before.get("training", {}).get("seed", options.training.seed),
    }
    now = {"--validation-fraction": options.validation_fraction, "--training.seed": options.training.seed}
    for name, value in was.items():
        if now[name] != value:
            raise CommandError(
                f"{name} was {value} in {path.name} and is {now[name]}: it would validate on text already trained on; "
                "leave it as it was, or start a new run with another --out."
            )


def _tell_differences(path: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Say what keeps a resumed run from being bit-identical to one that was never stopped."""
    for part in ("versions", "machine"):
        for name, value in now[part].items():
            if (was := before.get(part, {}).get(name)) != value:
                print(f"Not bit-identical to an unbroken run: {name} was {was}, is {value}.")
    recipe, was = now["options"]["training"], before.get("options", {}).get("training", {})
    for name, value in json.loads(json.dumps(recipe)).items():  # tuples as lists, as they were read
        if was.get(name) != value:
            print(f"The recipe changed at {path.name}: {name} was {was.get(name)}, is {value}.")
