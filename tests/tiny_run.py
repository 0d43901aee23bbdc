"""A run's directory with a tiny model and a few checkpoints in it, written like llm/runs/directory.py says."""

import json
from pathlib import Path

import torch

from llm.checkpoint import save_checkpoint
from llm.checkpoint_files import step_directory
from llm.corpora.catalog import documents
from llm.generation.filters import SamplingConfig
from llm.generation.generate import generate
from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.runs.config import RunConfig, TokenizerOptions
from llm.runs.directory import RunDirectory, Status
from llm.tokenizers.base import END_OF_TEXT, Tokenizer
from llm.tokenizers.char import CharTokenizer
from llm.training.config import TrainingConfig

STEPS = (0, 100, 200)


def tiny_run(path: Path, corpus: str = "sums", **model: int | str) -> RunDirectory:
    """Two layers, grouped heads; at each of STEPS random weights of another seed, and a sample of 12 tokens."""
    config = RunConfig(
        corpus=corpus,  # type: ignore[arg-type]
        corpus_chars=20_000,
        model=_model(61, **model),
        training=TrainingConfig(steps=STEPS[-1]),
        tokenizer=TokenizerOptions("char"),
        timeline=STEPS,
        checkpoint_every=100,
    )
    run = RunDirectory.create(path, config)
    tokenizer = CharTokenizer.train(documents(config.corpus, config.corpus_seed, config.corpus_chars))
    for step in STEPS:
        add_checkpoint(run, step, GPT(_model(tokenizer.n_vocab, **model), seed=step).eval(), tokenizer)
    run.write_status(Status("finished", step=STEPS[-1], steps=STEPS[-1]))
    return run


def _model(n_vocab: int, **changes: int | str) -> GPTConfig:
    shape = {"n_ctx": 32, "n_layers": 2, "n_heads": 4, "n_kv_heads": 2, "d_model": 32, "d_mlp": 48, **changes}
    return GPTConfig(d_vocab=n_vocab, **shape)  # type: ignore[arg-type]


def add_checkpoint(run: RunDirectory, step: int, model: GPT, tokenizer: Tokenizer) -> None:
    """The checkpoint of a step, and what its model writes."""
    save_checkpoint(step_directory(run.checkpoints, step), model, tokenizer, {"step": step}, overwrite=True)
    start = tokenizer.special_tokens[END_OF_TEXT]
    drawn = list(generate(model, [start], SamplingConfig(temperature=0.8), 12, seed=7))
    row = {
        "step": step,
        "prompt": "",
        "seed": 7,
        "temperature": 0.8,
        "ids": [token.id for token in drawn],
        "text": tokenizer.decode(token.id for token in drawn),
        "surprise": [-float(torch.log_softmax(token.logits.double(), dim=-1)[token.id]) for token in drawn],
    }
    with run.samples.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
