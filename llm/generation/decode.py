"""One token's forward pass, straight through: the same numbers as `GPT.forward` with a cache, in half the time.

A small model spends most of a token's time on the way to the arithmetic, in modules and hook points; here neither is
called. Where a model has a part that this file does not know, or somebody watches, the model itself is run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llm.model.attention import Attention
from llm.model.block import PostNormBlock, PreNormBlock
from llm.model.gpt import GPT
from llm.model.hooks import anyone_watching
from llm.model.kv_cache import KVCache, LayerCache
from llm.model.mlp import GELUMLP, NoMLP, ReLUMLP, SwiGLUMLP, TanhGELUMLP
from llm.model.norms import LayerNorm, RMSNorm
from llm.model.positions import POSITIONS, Positions

# Shapes: C d_model, H query heads, G key/value heads, D d_head, T tokens so far, V d_vocab.

_Map = Callable[[Tensor], Tensor]
_KNOWN = {
    GPT, PreNormBlock, PostNormBlock, Attention, LayerNorm, RMSNorm, *POSITIONS.values(),
    NoMLP, ReLUMLP, GELUMLP, TanhGELUMLP, SwiGLUMLP, nn.Linear, nn.Embedding, nn.ModuleList, nn.Identity,
}  # fmt: skip


class Decoder:
    """Reads ids into a cache and scores the next one. It holds the model's own tensors, so it follows their changes."""

    def __init__(self, model: GPT) -> None:
        self.model = model
        self.embedding = model.embed.weight
        self.straight = all(type(module) in _KNOWN for module in model.modules())
        if self.straight:
            self.positions: Positions = model.positions
            self.pre_norm = model.config.block == "pre_norm"
            self.layers = [(_norm(b.ln1), _attention(b.attn), _norm(b.ln2), _mlp(b.mlp)) for b in model.blocks]
            self.ln_final, self.unembed = _norm(model.ln_final), _linear(model.unembed)

    def read(self, ids: list[int], cache: KVCache) -> Tensor:
        """Append `ids` to the cache; the logits of the token after them, (V,)."""
        if len(ids) == 1 and self.straight and not anyone_watching():
            with torch.inference_mode():
                logits = self._read_one(ids[0], cache)
            return logits.clone()  # an ordinary tensor again
        with torch.no_grad():
            return self.model(torch.tensor([ids], device=self.embedding.device), cache, last_only=True)[0, 0]

    def _read_one(self, id: int, cache: KVCache) -> Tensor:
        x = self.positions.add(self.embedding[id].view(1, 1, -1), cache.length).view(-1)  # C
        for (ln1, attention, ln2, mlp), cached in zip(self.layers, cache.layers, strict=True):
            if self.pre_norm:
                x = x + attention(ln1(x), self.positions, cached)
                x = x + mlp(ln2(x))
            else:
                x = ln1(x + attention(x, self.positions, cached))
                x = ln2(x + mlp(x))
        return self.unembed(self.ln_final(x))


def _linear(module: Any) -> _Map:
    weight, bias = module.weight, module.bias
    if bias is not None and weight.dtype == torch.float32:  # elsewhere the plain product is slower than F.linear's
        return lambda x: torch.addmv(bias, weight, x)
    return lambda x: F.linear(x, weight, bias)


def _attention(module: Attention) -> Callable[[Tensor, Positions, LayerCache], Tensor]:
    n_heads, n_kv_heads, d_head = module.n_heads, module.n_kv_heads, module.d_head
    to_q, to_k, to_v, to_out = _linear(module.W_Q), _linear(module.W_K), _linear(module.W_V), _linear(module.W_O)

    def attend(x: Tensor, positions: Positions, cached: LayerCache) -> Tensor:
        start = cached.length
        q = positions.rotate(to_q(x).view(1, 1, n_heads, d_head), start).transpose(1, 2)
        k = positions.rotate(to_k(x).view(1, 1, n_kv_heads, d_head), start).transpose(1, 2)
        keys, values = cached.extend(k, to_v(x).view(1, n_kv_heads, 1, d_head))  # 1 G T D
        bias = positions.bias(1, start + 1)
        mask = None if bias is None else bias.to(q.dtype).unsqueeze(0)  # 1 H 1 T
        z = F.scaled_dot_product_attention(q, keys, values, mask, enable_gqa=n_kv_heads < n_heads)
        return to_out(z.view(-1))

    return attend


def _norm(module: nn.Module) -> _Map:
    if isinstance(module, LayerNorm):
        w, b, shape, eps = module.w, module.b, module.w.shape, module.eps
        return lambda x: torch.native_layer_norm(x, shape, w, b, eps)[0]
    if isinstance(module, RMSNorm):
        return lambda x: module.normalize(x)[0] * module.w
    return lambda x: x  # an attention-only block has no second norm


def _mlp(module: Any) -> _Map:
    if isinstance(module, NoMLP):
        return torch.zeros_like
    to_hidden, to_out = _linear(module.W_in), _linear(module.W_out)
    if isinstance(module, SwiGLUMLP):
        gate = _linear(module.W_gate)
        return lambda x: to_out(F.silu(gate(x)) * to_hidden(x))
    activation = module.activation
    return lambda x: to_out(activation(to_hidden(x)))
