"""A training step, against the usual loop around Hugging Face's GPT-2 with the very same weights and batches.

`python -m tests.benchmarks.training [threads ...]`. Shape and batch are those of nanoGPT's README for a CPU; ours is
timed as everyone gets it, through `train`, reports included. The first losses are compared before anything is timed.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from transformers import GPT2Config, GPT2LMHeadModel

from llm.data import TokenDataset, batch
from llm.hf import model_from_hf
from llm.training.config import TrainingConfig
from llm.training.state import TrainingState
from llm.training.trainer import train
from tests.benchmarks.timing import interleaved, machine

N_CTX, D_VOCAB, ROUNDS = 64, 65, 60
CONFIG = TrainingConfig(
    steps=10**9, batch_size=12, optimizer="adamw", lr=1e-3, schedule="constant", warmup_fraction=0.0, eval_every=0,
    weight_decay=0.1, precision="fp32",
)  # fmt: skip


def peer(attention: str) -> GPT2LMHeadModel:
    """GPT-2 of 4 layers, 4 heads and width 128, without dropout; the same weights at every call."""
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=D_VOCAB, n_positions=N_CTX, n_embd=128, n_layer=4, n_head=4, bos_token_id=0, eos_token_id=0,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
    )  # fmt: skip
    return GPT2LMHeadModel._from_config(config, attn_implementation=attention).train()


def their_step(data: TokenDataset, attention: str, bf16: bool) -> Callable[[], float]:
    """zero_grad, forward, backward, clip, AdamW: torch's defaults."""
    model = peer(attention)
    optimizer = torch.optim.AdamW(model.parameters(), lr=CONFIG.lr, betas=CONFIG.betas, weight_decay=0.1)
    step = 0

    def take() -> float:
        nonlocal step
        x, y = batch(data.train, CONFIG.seed, step, CONFIG.batch_size, N_CTX)
        step += 1
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16) if bf16 else nullcontext():
            logits = model(input_ids=x, use_cache=False).logits
            loss = F.cross_entropy(logits.float().flatten(0, 1), y.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    return take


def our_step(data: TokenDataset, config: TrainingConfig) -> Callable[[], float]:
    """The next report of `train`."""
    hf = peer("eager")
    steps = train(TrainingState(model_from_hf(hf.state_dict(), hf.config.to_dict()), config), data)
    return lambda: next(steps).loss


def report(threads: int, data: TokenDataset) -> None:
    """One table; every ratio is against the first row."""
    torch.set_num_threads(threads)
    first = [their_step(data, "sdpa", False)(), our_step(data, CONFIG)()]
    if abs(first[0] - first[1]) > 1e-4:
        raise SystemExit(f"The two models differ: first losses {first}.")
    ours = partial(our_step, data)
    cases = {
        "transformers fp32": their_step(data, "sdpa", False),
        "transformers fp32, eager attention": their_step(data, "eager", False),
        "transformers bf16 autocast": their_step(data, "sdpa", True),
        "transformers bf16 autocast, eager attention": their_step(data, "eager", True),
        "ours fp32": ours(CONFIG),
        "ours (auto precision)": ours(replace(CONFIG, precision="auto")),
        "ours (auto precision), Muon": ours(replace(CONFIG, precision="auto", optimizer="muon")),
    }
    medians = interleaved(cases, ROUNDS)
    base = medians["transformers fp32"]
    tokens = CONFIG.batch_size * N_CTX
    print(f"\n| step, {threads} thread{'s' if threads > 1 else ''} | ms | tokens/s | times faster |\n|---|---|---|---|")
    for name, seconds in medians.items():
        print(f"| {name} | {1000 * seconds:.1f} | {tokens / seconds:,.0f} | {base / seconds:.2f} |")


def main() -> None:
    """Tables for one thread and for two, or for the numbers of threads given."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    print(machine())
    ids = np.random.Generator(np.random.PCG64(0)).integers(0, D_VOCAB, 100_000).astype(np.uint16)
    data = TokenDataset(ids, ids[:1000], n_bytes_validation=1000)
    for threads in [int(word) for word in sys.argv[1:]] or [1, 2]:
        report(threads, data)


if __name__ == "__main__":
    main()
