"""`python -m llm info`: what a checkpoint holds and where it comes from."""

from __future__ import annotations

import json

import torch

from llm.cli.open import open_checkpoint
from llm.cli.options import InfoOptions
from llm.model.size import size
from llm.runs.device import pick_device, words_of


def run(options: InfoOptions) -> int:
    """Print the model's shape and cost, the tokenizer, the provenance, and the device it would run on here."""
    checkpoint = open_checkpoint(options.checkpoint)
    config, tokenizer = checkpoint.model.config, checkpoint.tokenizer
    cost = size(config)
    n_bytes = sum(path.stat().st_size for path in checkpoint.path.iterdir())
    lines = {
        "checkpoint": f"{checkpoint.path} ({n_bytes:,} bytes, every hash verified)",
        "parameters": f"{cost.parameters:,}, of which {cost.table_parameters:,} in token and position tables",
        "model": ", ".join(f"{name} {value}" for name, value in config.to_dict().items()),
        "compute": f"{cost.flops_per_token:,} FLOPs per token; {cost.kv_bytes:,} bytes of keys and values "
        "in a full context",
        "vocabulary": f"{tokenizer.n_vocab:,} tokens, {tokenizer.kind}; special: "
        + (", ".join(f"{name} = {id}" for name, id in tokenizer.special_tokens.items()) or "none"),
        "device": f"{words_of(pick_device('auto'))}; {torch.get_num_threads()} threads",
    }
    for name, text in lines.items():
        print(f"{name + ':':12} {text}")
    print("provenance:  " + json.dumps(dict(checkpoint.provenance), indent=2, ensure_ascii=False))
    return 0
