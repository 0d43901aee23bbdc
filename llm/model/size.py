"""What a model costs, from its configuration alone: nothing is built to find out."""

from __future__ import annotations

from dataclasses import dataclass

from llm.model.config import GPTConfig

_FLOAT32 = 4  # bytes


@dataclass(frozen=True)
class Size:
    """Counts for one configuration; memory in bytes, at float32."""

    parameters: int  # trainable numbers, a tied matrix once
    table_parameters: int  # of those, token and position embeddings and an untied unembedding
    flops_per_token: int  # forward pass in a full context, a multiply-add as 2
    kv_bytes: int  # keys and values of one full context
    trace_bytes: int  # every activation and logit of one full context


def size(config: GPTConfig) -> Size:
    """Count parameters, work and memory.

    FLOPs are those of the matrix products (Kaplan et al. 2020, section 2.1), a token attending to half a context.
    """
    c = config
    d_kv = c.n_kv_heads * c.d_head
    n_norms = 2 if c.mlp != "none" else 1  # in a block
    n_mlp_maps = {"none": 0, "swiglu": 3}.get(c.mlp, 2)

    maps = c.d_model * (2 * c.d_model + 2 * d_kv + n_mlp_maps * c.d_mlp)  # weights of a block
    biases = 2 * c.d_model + 2 * d_kv + (c.d_model + (n_mlp_maps - 1) * c.d_mlp if n_mlp_maps else 0)
    norm = c.d_model * (2 if c.bias and c.norm == "layernorm" else 1)
    tables = c.d_vocab * c.d_model * (1 if c.tied else 2)
    tables += c.n_ctx * c.d_model if c.positions == "learned" else 0
    block = maps + n_norms * norm + (biases if c.bias else 0)

    products = c.n_layers * (maps + c.d_model * (c.n_ctx + 1)) + c.d_vocab * c.d_model  # multiply-adds of a token
    stream = c.d_model * (2 if c.positions in {"learned", "sinusoidal"} else 1)
    per_block = (
        (5 + n_norms) * c.d_model  # the stream three times, two writes, the normalised inputs
        + n_norms
        + 3 * c.d_model  # q, rotated q, z
        + 3 * d_kv  # k, rotated k, v
        + 2 * c.n_heads * c.n_ctx  # scores and pattern
        + n_mlp_maps * c.d_mlp
    )
    per_token = stream + c.n_layers * per_block + c.d_model + 1 + c.d_vocab
    return Size(
        parameters=tables + c.n_layers * block + norm,
        table_parameters=tables,
        flops_per_token=2 * products,
        kv_bytes=2 * c.n_layers * c.n_ctx * d_kv * _FLOAT32,
        trace_bytes=c.n_ctx * per_token * _FLOAT32,
    )
