"""What a head looks for and what it copies, as tables of tokens: the QK and OV circuits of Elhage et al. 2021, "A
mathematical framework for transformer circuits"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llm.model.gpt import GPT
from llm.model.norms import LayerNorm
from llm.trace import Trace, hook_name

# Shapes: T position, N tokens asked about, K tokens listed, D d_head, C d_model, V d_vocab.

LISTED = 6


@dataclass(frozen=True)
class Copies:
    """What a head writes for the tokens that it looks at: the next tokens it speaks for and against."""

    up: np.ndarray  # N K, int32: the most promoted tokens, largest first
    up_by: np.ndarray  # N K, float32: by so much
    down: np.ndarray  # N K: the most suppressed, largest first
    down_by: np.ndarray  # N K
    itself: np.ndarray  # N, float32: by how much it speaks for the token itself
    rank: np.ndarray  # N, int32: tokens that it speaks for more than for that one


@dataclass(frozen=True)
class Vocabulary:
    """The head over a vocabulary, from the weights alone: every token as its embedding, without a position."""

    keys: np.ndarray  # N K, int32: the keys with the largest scores for each token as the query
    score: np.ndarray  # N K, float32: q·k / √D
    n_among: int  # tokens that stand in the lists and are counted in the ranks
    own_rank: np.ndarray  # N, int32: keys with a larger score than the token itself has
    copies: Copies
    copying: float  # sum of the eigenvalues of OV over the sum of their sizes: 1 copies every token, -1 works against


@torch.no_grad()
def copies_here(trace: Trace, model: GPT, layer: int, head: int) -> Copies:
    """For every token of the text, with the value that it has here: what all of the head's attention on it would add
    to each logit, before the final norm's division (divisors() has that), through the direct path alone."""
    v = trace.activations[hook_name("v", layer)][0, :, _group(model, head)]  # T D
    every = torch.arange(model.config.d_vocab, device=trace.ids.device)
    return _copies(_written(model, layer, head, v.float()), trace.ids, every)


def divisors(trace: Trace, model: GPT) -> np.ndarray:
    """The final norm's divisor at every token, (T,) float32."""
    return np.asarray(trace.activations[hook_name("ln_final.scale")][0, :, 0].float().cpu())


@torch.no_grad()
def over_vocabulary(
    model: GPT, layer: int, head: int, ids: tuple[int, ...], among: tuple[int, ...] | None = None
) -> Vocabulary:
    """The tables of a head for the tokens `ids`, among all tokens of the vocabulary, or those of `among` alone: what
    training never showed has an embedding too, but one that nothing has shaped.

    Every token is read as if no block before had added anything and there were no positions: what is left of the
    model before the head is the embedding and the norms. In the first block that is exact but for the position; later
    blocks read much more than that.
    """
    D, device = model.config.d_head, model.embed.weight.device
    asked, pool = torch.tensor(ids, device=device), torch.tensor(among or range(model.config.d_vocab), device=device)
    attn, group, read = model.blocks[layer].attn, _group(model, head), read_alone(model, layer)
    q, k = _rows(attn.W_Q, head, D, read[asked]), _rows(attn.W_K, group, D, read)
    scores = (q @ k.T).float() * D**-0.5  # N V
    own = scores.gather(1, asked[:, None])
    pooled = scores[:, pool]
    top = pooled.topk(min(LISTED, len(pool)), dim=1)
    v = _rows(attn.W_V, group, D, read)
    return Vocabulary(
        keys=pool[top.indices].int().cpu().numpy(),
        score=top.values.cpu().numpy(),
        n_among=len(pool),
        own_rank=(pooled > own).sum(dim=1).int().cpu().numpy(),
        copies=_copies(_written(model, layer, head, v[asked].float()), asked, pool),
        copying=_copying(model, _out(model, layer, head), v[pool] - _bias(attn.W_V, group, D), pool),
    )


def read_alone(model: GPT, layer: int) -> Tensor:
    """What the attention of a block reads of each token if nothing but its embedding was there, (V, C)."""
    x = model.embed.weight
    if model.config.block == "pre_norm":
        return model.blocks[layer].ln1(x)
    for block in model.blocks[:layer]:
        x = block.ln2(block.ln1(x))
    return x


def _group(model: GPT, head: int) -> int:
    return head // (model.config.n_heads // model.config.n_kv_heads)


def _out(model: GPT, layer: int, head: int) -> Tensor:
    """The part of W_O that a head writes through, (C, D)."""
    D = model.config.d_head
    return model.blocks[layer].attn.W_O.weight[:, head * D : (head + 1) * D].float()


def _written(model: GPT, layer: int, head: int, v: Tensor) -> Tensor:
    """Values (N, D) -> what the head writes of them on each logit (N, V): W_O, then the final norm's centring and gain,
    then the unembedding; the division and the biases are left out."""
    return _centred(model, v @ _out(model, layer, head).T) * model.ln_final.w.float() @ model.unembed.weight.float().T


def _centred(model: GPT, x: Tensor) -> Tensor:
    return x - x.mean(dim=-1, keepdim=True) if isinstance(model.ln_final, LayerNorm) else x


def _copies(logits: Tensor, ids: Tensor, pool: Tensor) -> Copies:
    itself, pooled = logits.gather(1, ids[:, None]), logits[:, pool]
    K = min(LISTED, len(pool))
    up, down = pooled.topk(K, dim=1), pooled.topk(K, dim=1, largest=False)
    return Copies(
        up=pool[up.indices].int().cpu().numpy(),
        up_by=up.values.cpu().numpy(),
        down=pool[down.indices].int().cpu().numpy(),
        down_by=down.values.cpu().numpy(),
        itself=itself[:, 0].cpu().numpy(),
        rank=(pooled > itself).sum(dim=1).int().cpu().numpy(),
    )


def _rows(linear: nn.Linear, at: int, D: int, x: Tensor) -> Tensor:
    """What one head of a projection makes of x, (..., C) -> (..., D)."""
    return F.linear(x, linear.weight[at * D : (at + 1) * D]) + _bias(linear, at, D)


def _bias(linear: nn.Linear, at: int, D: int) -> Tensor | float:
    return 0.0 if linear.bias is None else linear.bias[at * D : (at + 1) * D]


def _copying(model: GPT, out: Tensor, v: Tensor, pool: Tensor) -> float:
    """The matrix from tokens read to logits has the eigenvalues of this D x D one, and zeros; v (V, D) without a bias,
    out (C, D)."""
    onto = (_centred(model, out.T) * model.ln_final.w.float()) @ model.unembed.weight[pool].float().T  # D V
    values = torch.linalg.eigvals((onto @ v.float()).double().cpu())
    size = float(values.abs().sum())
    return float(values.real.sum()) / size if size else 0.0
