"""Keeping every activation of a forward pass, against TransformerLens and against our own plain forward pass.

`python -m tests.benchmarks.capture [threads ...]`. Two peers: TransformerLens's own model class,
which is its fastest, and its bridge to a Hugging Face model with the very same weights as ours, which is its usual way.
"""

from __future__ import annotations

import copy
import logging
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import torch
from transformer_lens.config import TransformerBridgeConfig
from transformer_lens.model_bridge import TransformerBridge
from transformer_lens.model_bridge.sources._bridge_builder import build_bridge_from_module
from transformers import GPT2Config, GPT2LMHeadModel

from llm.hf import model_from_hf
from llm.trace import trace
from tests.benchmarks.timing import interleaved, machine


@dataclass(frozen=True)
class Shape:
    """A GPT-2 shaped model, and how often to time it."""

    name: str
    n_layers: int
    n_heads: int
    d_model: int
    d_vocab: int
    rounds: int


SMALL = Shape("4 layers, 128 wide", 4, 4, 128, 65, rounds=150)
GPT2 = Shape("GPT-2 small", 12, 12, 768, 50257, rounds=9)
N_CTX = 256


def hugging_face(shape: Shape) -> GPT2LMHeadModel:
    """Their GPT-2 of this shape, with random weights of seed 0."""
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=shape.d_vocab, n_positions=N_CTX, n_embd=shape.d_model, n_layer=shape.n_layers, n_head=shape.n_heads,
        bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    return GPT2LMHeadModel._from_config(config, attn_implementation="eager").eval()


def cases(shape: Shape, n_tokens: int) -> dict[str, Callable[[], object]]:
    """Ours and theirs on the same ids, the outputs of the same weights compared first."""
    hf = hugging_face(shape)
    model = model_from_hf(hf.state_dict(), hf.config.to_dict())
    bridge = build_bridge_from_module(copy.deepcopy(hf), "GPT2LMHeadModel", hf_config=hf.config).eval()
    native = TransformerBridge.boot_native(
        TransformerBridgeConfig(
            d_model=shape.d_model, d_head=shape.d_model // shape.n_heads, n_layers=shape.n_layers,
            n_heads=shape.n_heads, d_mlp=4 * shape.d_model, d_vocab=shape.d_vocab, n_ctx=N_CTX, act_fn="gelu_new",
            normalization_type="LN", seed=0,
        )
    ).eval()  # fmt: skip
    ids = torch.randint(shape.d_vocab, (n_tokens,)).tolist()
    row = torch.tensor([ids])
    theirs, kept = bridge.run_with_cache(row)
    ours = trace(model, ids)
    pattern = "blocks.1.attn.hook_pattern"
    assert torch.allclose(ours.logits, theirs[0], atol=1e-3)
    assert torch.allclose(ours.activations[pattern], kept[pattern], atol=1e-4)
    return {
        "plain": lambda: model(row),
        "ours": lambda: trace(model, ids),
        "native": lambda: native.run_with_cache(row),
        "bridge": lambda: bridge.run_with_cache(row),
    }


@torch.no_grad()
def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable()
    print(machine())
    print("\nMedian milliseconds in turns; x is how many times longer theirs takes, and ours than the plain pass.\n")
    print("| model | tokens | threads | plain pass | trace | x | TransformerLens native | x | on Hugging Face | x |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for threads in [int(argument) for argument in sys.argv[1:]] or [1, 2]:
        torch.set_num_threads(threads)
        for shape, n_tokens in ((SMALL, 64), (SMALL, 256), (GPT2, 64)):
            ms = {name: 1000 * s for name, s in interleaved(cases(shape, n_tokens), shape.rounds).items()}
            print(
                f"| {shape.name} | {n_tokens} | {threads} | {ms['plain']:.2f} | {ms['ours']:.2f} "
                f"| {ms['ours'] / ms['plain']:.2f} | {ms['native']:.2f} | {ms['native'] / ms['ours']:.2f} "
                f"| {ms['bridge']:.2f} | {ms['bridge'] / ms['ours']:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
