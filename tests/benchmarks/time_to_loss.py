"""How long until a validation loss that people know: nanoGPT's README example for a CPU, its recipe against ours.

`python -m tests.benchmarks.time_to_loss tinyshakespeare.txt [seeds [threads]]`. Both start at the same moment of the
same process and take turns, so that a machine that is busy slows both; only updates are on the clock, and both are
scored alike: all of the last tenth of the text, in float32, in windows of the context.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.runs.presets import PRESETS
from llm.data import TokenDataset
from llm.model.gpt import GPT
from llm.tokenizers.char import CharTokenizer
from llm.training.evaluate import evaluate
from llm.training.precision import resolve_precision
from llm.training.state import TrainingState
from llm.training.trainer import train
from tests.benchmarks.timing import machine

GOAL = 1.8982  # nats per character over the whole validation text, where nanoGPT's 2,000 iterations end
N_CTX, WIDTH, LAYERS, HEADS, BATCH = 64, 128, 4, 4, 12  # of the example, and of the explorer's preset "nanogpt"
THEIR_STEPS, ROUNDS = 2000, 100
OURS = replace(PRESETS["nanogpt"].config.training, eval_every=0, health_every=0)
SHAPE = PRESETS["nanogpt"].config.model


class PeerBlock(nn.Module):
    """nanoGPT's: norms first and without biases, one map to queries, keys and values, PyTorch's fused attention."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH, bias=False) for _ in range(2))
        self.to_qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.widen = nn.Linear(WIDTH, 4 * WIDTH, bias=False)
        self.out = nn.ModuleList(nn.Linear(width, WIDTH, bias=False) for width in (WIDTH, 4 * WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        B, T, C = x.shape
        q, k, v = self.to_qkv(self.norms[0](x)).view(B, T, 3, HEADS, C // HEADS).permute(2, 0, 3, 1, 4)
        z = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out[0](z.transpose(1, 2).reshape(B, T, C))
        return x + self.out[1](F.gelu(self.widen(self.norms[1](x))))


class Peer(nn.Module):
    """The model of nanoGPT's example: learned positions, tied embeddings, GPT-2's initial weights."""

    def __init__(self, d_vocab: int) -> None:
        super().__init__()
        self.embed, self.places = nn.Embedding(d_vocab, WIDTH), nn.Embedding(N_CTX, WIDTH)
        self.blocks = nn.Sequential(*(PeerBlock() for _ in range(LAYERS)))
        self.norm = nn.LayerNorm(WIDTH, bias=False)
        for name, p in self.named_parameters():
            if p.ndim == 2:
                nn.init.normal_(p, std=0.02 / (math.sqrt(2 * LAYERS) if ".out." in name else 1.0))

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids) + self.places(torch.arange(ids.shape[1]))
        return F.linear(self.norm(self.blocks(x)), self.embed.weight)


def their_rate(step: int, peak: float = 1e-3, least: float = 1e-4, warmup: int = 100) -> float:
    """A linear rise over the first hundred iterations, then a cosine to a tenth."""
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    return least + 0.5 * (1 + math.cos(math.pi * (step - warmup) / (THEIR_STEPS - warmup))) * (peak - least)


def their_steps(model: Peer, stream: np.ndarray, seed: int) -> Iterator[None]:
    """float32; AdamW as torch makes it, decay 0.1 on all matrices and embeddings; gradients clipped at 1."""
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": 0.1},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.99))
    draw = torch.Generator().manual_seed(seed)
    for step in range(THEIR_STEPS):
        for group in optimizer.param_groups:
            group["lr"] = their_rate(step)
        starts = torch.randint(len(stream) - N_CTX, (BATCH,), generator=draw).tolist()
        x, y = (
            torch.stack([torch.from_numpy(stream[s + d : s + d + N_CTX].astype(np.int64)) for s in starts])
            for d in (0, 1)
        )
        F.cross_entropy(model(x).flatten(0, 1), y.flatten()).backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        yield


def timed(steps: Iterator[object], n: int) -> float:
    """Seconds for the next `n` of them."""
    started = time.perf_counter()
    for _ in range(n):
        next(steps)
    return time.perf_counter() - started


def race(data: TokenDataset, d_vocab: int, seed: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """(seconds, full-validation loss) of theirs and of ours, whose updates are spread evenly over the same time."""
    torch.manual_seed(seed)
    peer = Peer(d_vocab)
    ours = GPT(replace(SHAPE, d_vocab=d_vocab), seed=seed)
    theirs = their_steps(peer, data.train, seed)
    mine: Iterator[object] = train(TrainingState(ours, replace(OURS, seed=seed)), data)
    seconds = [0.0, 0.0]
    for round in range(ROUNDS):
        for side, steps, total in ((0, theirs, THEIR_STEPS), (1, mine, OURS.steps)):
            seconds[side] += timed(steps, total * (round + 1) // ROUNDS - total * round // ROUNDS)
    losses = [evaluate(model, data, N_CTX, batch_size=64).loss for model in (peer, ours)]
    return (seconds[0], losses[0]), (seconds[1], losses[1])


def main() -> int:
    """One row a seed; 1 if the mean of ours is above the goal or above theirs."""
    if len(sys.argv) < 2:
        raise SystemExit("Name a copy of tinyshakespeare.txt: python -m tests.benchmarks.time_to_loss PATH")
    seeds, threads = ([int(word) for word in sys.argv[2:]] + [3, 2][len(sys.argv) - 2 :])[:2]
    torch.set_num_threads(threads)
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    tokenizer = CharTokenizer.train(text, special_tokens=())
    ids = np.array(tokenizer.encode(text), dtype=np.uint16)
    cut = int(0.9 * len(text))
    data = TokenDataset(ids[:cut], ids[cut:], len(text[cut:].encode()))
    print(machine())
    print(
        f"{threads} threads, precision of ours {resolve_precision(OURS.precision, torch.device('cpu'))}; "
        f"{THEIR_STEPS:,} iterations against {OURS.steps:,}; goal {GOAL} nats per character\n"
    )
    print("| seed | nanoGPT's recipe, s | its loss | ours, s | our loss | times faster |\n|---|---|---|---|---|---|")
    ratios, reached = [], []
    for seed in range(seeds):
        theirs, ours = race(data, tokenizer.n_vocab, seed)
        reached.append((theirs[1], ours[1]))
        ratios.append(theirs[0] / ours[0])
        figures = " | ".join(f"{seconds:.1f} | {loss:.4f}" for seconds, loss in (theirs, ours))
        print(f"| {seed} | {figures} | {ratios[-1]:.2f} |", flush=True)
    their_mean, our_mean = np.mean(reached, axis=0)
    within = sum(loss <= GOAL for _, loss in reached)
    print(
        f"\n{min(ratios):.2f} to {max(ratios):.2f} times faster; mean loss {their_mean:.4f} and {our_mean:.4f}; "
        f"{within} of {seeds} seeds of ours at {GOAL} or below."
    )
    return int(our_mean > min(their_mean, GOAL))


if __name__ == "__main__":
    raise SystemExit(main())
