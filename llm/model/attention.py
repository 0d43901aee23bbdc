"""Causal self-attention: one class for MHA, GQA and MQA (Vaswani et al. 2017; Shazeer 2019; Ainslie et al. 2023)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llm.model.config import GPTConfig
from llm.model.hooks import HookPoint
from llm.model.kv_cache import LayerCache
from llm.model.positions import Positions

# Shapes: B batch, T position (Tq of queries, Tk of keys), C d_model, H query heads, G key/value heads, D d_head.


class Attention(nn.Module):
    """Each token asks (q), every earlier token offers (k), and the answer is a weighted mean of values (v)."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.n_heads, self.n_kv_heads, self.d_head = config.n_heads, config.n_kv_heads, config.d_head
        d_kv = config.n_kv_heads * config.d_head
        self.W_Q = nn.Linear(config.d_model, config.d_model, bias=config.bias)
        self.W_K = nn.Linear(config.d_model, d_kv, bias=config.bias)
        self.W_V = nn.Linear(config.d_model, d_kv, bias=config.bias)
        self.W_O = nn.Linear(config.d_model, config.d_model, bias=config.bias)
        self.dropout = config.dropout
        self.hook_q = HookPoint()  # B T H D
        self.hook_k = HookPoint()  # B T G D
        self.hook_v = HookPoint()  # B T G D
        self.hook_rot_q = HookPoint()  # B T H D, equal to q where the scheme does not rotate
        self.hook_rot_k = HookPoint()  # B T G D
        self.hook_attn_scores = HookPoint()  # B H Tq Tk
        self.hook_pattern = HookPoint()  # B H Tq Tk
        self.hook_z = HookPoint()  # B T H D

    def forward(self, x: Tensor, positions: Positions, cached: LayerCache | None = None) -> Tensor:
        B, T, C = x.shape
        start = cached.length if cached else 0
        q = self.hook_q(self.W_Q(x).view(B, T, self.n_heads, self.d_head))
        k = self.hook_k(self.W_K(x).view(B, T, self.n_kv_heads, self.d_head))
        v = self.hook_v(self.W_V(x).view(B, T, self.n_kv_heads, self.d_head))
        q, k = self.hook_rot_q(positions.rotate(q, start)), self.hook_rot_k(positions.rotate(k, start))
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)  # B heads T D
        if cached:
            k, v = cached.extend(k, v)
        if self.n_kv_heads < self.n_heads:  # every key/value head serves a group of query heads
            k, v = (t.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1) for t in (k, v))
        bias = positions.bias(T, k.shape[2])
        dropout = self.dropout if self.training else 0.0
        if q.is_cuda and not (self.hook_attn_scores.watched or self.hook_pattern.watched):
            z = attend_fused(q, k, v, bias, dropout)
        else:
            scores = self.hook_attn_scores(attention_scores(q, k, bias))
            pattern = self.hook_pattern(scores.softmax(dim=-1)).to(v.dtype)
            z = F.dropout(pattern, dropout) @ v if dropout else pattern @ v
        z = self.hook_z(z.transpose(1, 2))  # B T H D
        return self.W_O(z.reshape(B, T, C))


def attention_scores(q: Tensor, k: Tensor, bias: Tensor | None) -> Tensor:
    """q·k / √D + bias, and -inf where the key comes after the query: (B, H, Tq, D), (B, H, Tk, D) -> (B, H, Tq, Tk)."""
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)
    if q.shape[2] > 1:  # a single query is the last token: nothing comes after it
        hidden = later_keys(q.shape[2], k.shape[2], scores)
        bias = hidden if bias is None else bias.to(scores.dtype) + hidden
    return scores if bias is None else scores + bias.to(scores.dtype)


def attend_fused(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None, dropout: float) -> Tensor:
    """The same result in one kernel, without scores or pattern to look at: (B, H, Tq, D)."""
    if bias is None and q.shape[2] in (1, k.shape[2]):
        return F.scaled_dot_product_attention(q, k, v, dropout_p=dropout, is_causal=q.shape[2] > 1)
    mask = later_keys(q.shape[2], k.shape[2], q)
    if bias is not None:
        mask = mask + bias.to(q.dtype)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=dropout)


def later_keys(n_queries: int, n_keys: int, like: Tensor) -> Tensor:
    """-inf where a key comes after its query, else 0, (Tq, Tk), to add to scores; the queries are the last of the keys.

    Adding is cheaper than filling: nothing is kept for the backward pass.
    """
    mask = torch.full((n_queries, n_keys), float("-inf"), dtype=like.dtype, device=like.device)
    return mask.triu(n_keys - n_queries + 1)
