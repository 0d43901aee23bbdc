"""Generating text token by token, against Hugging Face's `generate` with the very same weights.

`python -m tests.benchmarks.generation [threads ...]`. Greedy texts in float32 are compared before anything is timed. In
bfloat16, a token of GPT-2's shape reads half the bytes; there both sides are timed in both types.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from llm.generation.filters import SamplingConfig
from llm.generation.generate import generate
from llm.hf import model_from_hf
from llm.model.gpt import GPT
from tests.benchmarks.timing import interleaved, machine

PROMPT = [11, 7, 3, 5]
GREEDY = SamplingConfig(temperature=0)
SAMPLED = SamplingConfig(temperature=0.8, top_k=50)


def theirs(hf: Any, n: int, sampling: SamplingConfig) -> list[int]:
    """The new ids of Hugging Face's `generate`."""
    settings: dict[str, Any] = {"max_new_tokens": n, "pad_token_id": 0, "do_sample": not sampling.greedy}
    if not sampling.greedy:
        settings |= {"temperature": sampling.temperature, "top_k": sampling.top_k}
    return hf.generate(torch.tensor([PROMPT]), **settings)[0, len(PROMPT) :].tolist()


def ours(model: GPT, n: int, sampling: SamplingConfig) -> list[int]:
    """The new ids of `generate`, as everyone gets them: one at a time, with their logits."""
    return [token.id for token in generate(model, PROMPT, sampling, n, seed=0)]


def pair(n_layers: int, n_heads: int, d_model: int, d_vocab: int, dtype: torch.dtype) -> tuple[GPT2LMHeadModel, GPT]:
    """The same random weights in both libraries."""
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=d_vocab, n_positions=512, n_embd=d_model, n_layer=n_layers, n_head=n_heads, bos_token_id=0,
        eos_token_id=None,
    )  # fmt: skip
    hf = GPT2LMHeadModel(config).eval()
    model = model_from_hf(hf.state_dict(), hf.config.to_dict())
    return hf.to(dtype), model.to(dtype)


def report(shape: str, threads: int, n: int, rounds: int, models: dict[str, tuple[GPT2LMHeadModel, GPT]]) -> None:
    """One row per type and way of choosing; the last column is against Hugging Face in float32."""
    for sampling, how in ((GREEDY, "greedy"), (SAMPLED, "top-k 50")):
        cases: dict[str, Callable[[], object]] = {}
        for dtype, (hf, model) in models.items():
            cases[f"{dtype} theirs"] = partial(theirs, hf, n, sampling)
            cases[f"{dtype} ours"] = partial(ours, model, n, sampling)
        speed = {name: n / seconds for name, seconds in interleaved(cases, rounds, warm_up=1).items()}
        for dtype in models:
            a, b = speed[f"{dtype} ours"], speed[f"{dtype} theirs"]
            print(
                f"| {shape} | {dtype} | {how} | {n} | {threads} | {a:.1f} | {b:.1f} | {a / b:.2f} "
                f"| {a / speed['float32 theirs']:.2f} |",
                flush=True,
            )


@torch.no_grad()
def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable()
    print(machine())
    print("\nTokens per second, medians in turns; x is how many times faster ours is.\n")
    print("| model | type | choice | new tokens | threads | ours | Hugging Face | x | x against its float32 |")
    print("|---|---|---|---|---|---|---|---|---|")
    small = {"float32": pair(4, 4, 128, 65, torch.float32)}
    large = {name: pair(12, 12, 768, 50257, getattr(torch, name)) for name in ("float32", "bfloat16")}
    for hf, model in (small["float32"], large["float32"]):
        assert theirs(hf, 48, GREEDY) == ours(model, 48, GREEDY)
    for threads in [int(argument) for argument in sys.argv[1:]] or [1, 2]:
        torch.set_num_threads(threads)
        report("4 layers, 128 wide", threads, 256, 15, small)
        report("GPT-2 small", threads, 64, 3, large)


if __name__ == "__main__":
    main()
