"""Hugging Face's GPT-2 files and ours: one table of configuration keys and one of weights serve both directions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from llm.model.config import ConfigError, GPTConfig, MLPKind
from llm.model.gpt import GPT


@dataclass(frozen=True)
class _Row:
    """One tensor of theirs, and those of ours that make it up, joined along their outputs."""

    theirs: str
    ours: tuple[str, ...]
    transposed: bool = False  # their Conv1D keeps (inputs, outputs), nn.Linear (outputs, inputs)


_EMBEDDINGS = (_Row("wte.weight", ("embed.weight",)), _Row("wpe.weight", ("positions.table.weight",)))
_LAYER = (
    _Row("ln_1.weight", ("ln1.w",)),
    _Row("ln_1.bias", ("ln1.b",)),
    _Row("attn.c_attn.weight", ("attn.W_Q.weight", "attn.W_K.weight", "attn.W_V.weight"), transposed=True),
    _Row("attn.c_attn.bias", ("attn.W_Q.bias", "attn.W_K.bias", "attn.W_V.bias")),
    _Row("attn.c_proj.weight", ("attn.W_O.weight",), transposed=True),
    _Row("attn.c_proj.bias", ("attn.W_O.bias",)),
    _Row("ln_2.weight", ("ln2.w",)),
    _Row("ln_2.bias", ("ln2.b",)),
    _Row("mlp.c_fc.weight", ("mlp.W_in.weight",), transposed=True),
    _Row("mlp.c_fc.bias", ("mlp.W_in.bias",)),
    _Row("mlp.c_proj.weight", ("mlp.W_out.weight",), transposed=True),
    _Row("mlp.c_proj.bias", ("mlp.W_out.bias",)),
)
_FINAL = (_Row("ln_f.weight", ("ln_final.w",)), _Row("ln_f.bias", ("ln_final.b",)))
_PREFIX = "transformer."  # of every name but the head's, in a GPT2LMHeadModel; a GPT2Model has none
_HEAD = "lm_head.weight"
_MASKS = (".attn.bias", ".attn.masked_bias")  # causal masks that older versions stored among the weights

_CONFIG = {  # theirs: ours
    "vocab_size": "d_vocab",
    "n_positions": "n_ctx",
    "n_layer": "n_layers",
    "n_head": "n_heads",
    "n_embd": "d_model",
    "n_inner": "d_mlp",
    "activation_function": "mlp",
    "layer_norm_epsilon": "norm_eps",
    "tie_word_embeddings": "tied",
}
_ACTIVATIONS: dict[str, MLPKind] = {
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu": "gelu",
    "relu": "relu",
}
_DROPOUTS = ("resid_pdrop", "embd_pdrop", "attn_pdrop")
_REQUIRED = ("vocab_size", "n_positions", "n_layer", "n_head", "n_embd")
_ALWAYS = {"positions": "learned", "norm": "layernorm", "block": "pre_norm", "bias": True}  # ours, of any GPT-2
_ONLY = {  # theirs, with the one value that we can reproduce
    "model_type": "gpt2",
    "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False,
    "add_cross_attention": False,
}


def config_from_hf(values: Mapping[str, Any]) -> GPTConfig:
    """The contents of their `config.json` -> ours; of their three dropouts, ours is the largest.

    Raises ConfigError where a required key is missing, a value is impossible, or our model has no such variant.
    """
    if missing := [key for key in _REQUIRED if values.get(key) is None]:
        raise ConfigError(f"Expected the configuration of a GPT-2, got one without {', '.join(missing)}.")
    for key, only in _ONLY.items():
        if values.get(key, only) != only:
            raise ConfigError(f"Expected a GPT-2 with {key} {only!r}, got {values[key]!r}; it cannot be imported.")
    found = {ours: values[theirs] for theirs, ours in _CONFIG.items() if values.get(theirs) is not None}
    activation = found.get("mlp", "gelu_new")
    if activation not in _ACTIVATIONS:
        raise ConfigError(f"Expected activation_function to be one of {', '.join(_ACTIVATIONS)}, got {activation!r}.")
    dropouts = [values.get(key, 0.1) for key in _DROPOUTS]
    if not all(isinstance(dropout, int | float) for dropout in dropouts):
        raise ConfigError(f"Expected numbers as {', '.join(_DROPOUTS)}, got {dropouts}.")
    found |= {"mlp": _ACTIVATIONS[activation], "n_kv_heads": found["n_heads"], "dropout": max(dropouts)}
    if isinstance(found["d_model"], int):
        found.setdefault("d_mlp", 4 * found["d_model"])
    return GPTConfig.from_dict(GPTConfig().to_dict() | found | _ALWAYS)


def config_to_hf(config: GPTConfig) -> dict[str, Any]:
    """Ours -> the contents of their `config.json`. Raises ConfigError if the model is not shaped like a GPT-2."""
    ours = config.to_dict()
    wrong = [f"{key} {value!r}, not {ours[key]!r}" for key, value in _ALWAYS.items() if ours[key] != value]
    if config.n_kv_heads != config.n_heads:
        wrong.append(f"n_kv_heads {config.n_heads}, not {config.n_kv_heads}")
    activations = [key for key, mlp in _ACTIVATIONS.items() if mlp == config.mlp]
    if not activations:
        wrong.append(f"mlp {', '.join(sorted(set(_ACTIVATIONS.values())))}, not {config.mlp!r}")
    if wrong:
        raise ConfigError(f"Only a model shaped like GPT-2 can be exported; it needs {'; '.join(wrong)}.")
    theirs = {key: ours[name] for key, name in _CONFIG.items()} | {"activation_function": activations[0]}
    return {"architectures": ["GPT2LMHeadModel"]} | _ONLY | theirs | dict.fromkeys(_DROPOUTS, config.dropout)


def weights_to_hf(model: GPT) -> dict[str, Tensor]:
    """The state dict of a GPT2LMHeadModel. Raises ConfigError if the model is not shaped like a GPT-2."""
    config_to_hf(model.config)
    weights = model.state_dict()
    theirs: dict[str, Tensor] = {}
    for row in _rows(model.config.n_layers):
        joined = torch.cat([weights[name] for name in row.ours])
        theirs[row.theirs] = (joined.T if row.transposed else joined).contiguous()
    return theirs


def model_from_hf(state: Mapping[str, Tensor], values: Mapping[str, Any]) -> GPT:
    """Their state dict and the contents of their `config.json` -> a model, in float32 and evaluation mode.

    Names may lack the prefix `transformer.`, and a tied head may be left out. Raises ValueError, before any memory is
    set aside, on a missing, unknown or misshapen tensor, or on a tied head that differs from the embedding.
    """
    config = config_from_hf(values)
    given = {
        name if name.startswith(_PREFIX) or name == _HEAD else _PREFIX + name: tensor
        for name, tensor in state.items()
        if not name.endswith(_MASKS)
    }
    if config.tied:
        given.setdefault(_HEAD, given.get(_PREFIX + "wte.weight", torch.empty(0)))
    n_layers = len({name.split(".")[2] for name in given if name.startswith(_PREFIX + "h.")})
    if n_layers != config.n_layers:
        raise ValueError(f"Expected the {config.n_layers} layers of the configuration, got the weights of {n_layers}.")
    _check(given, config)
    ours: dict[str, Tensor] = {}
    for row in _rows(config.n_layers):
        tensor = given[row.theirs].T if row.transposed else given[row.theirs]
        ours |= zip(row.ours, tensor.chunk(len(row.ours)), strict=True)
    model = GPT(config)
    model.load_state_dict(ours)
    return model.eval()


def _rows(n_layers: int) -> Iterator[_Row]:
    """The table for a whole model, by full names."""
    for row in (*_EMBEDDINGS, *_FINAL):
        yield replace(row, theirs=_PREFIX + row.theirs)
    for layer in range(n_layers):
        for row in _LAYER:
            ours = tuple(f"blocks.{layer}.{name}" for name in row.ours)
            yield replace(row, theirs=f"{_PREFIX}h.{layer}.{row.theirs}", ours=ours)
    yield _Row(_HEAD, ("unembed.weight",))


def _check(given: Mapping[str, Tensor], config: GPTConfig) -> None:
    with torch.device("meta"):
        expected = {name: tuple(tensor.shape) for name, tensor in weights_to_hf(GPT(config)).items()}
    missing, unknown = sorted(expected.keys() - given.keys()), sorted(given.keys() - expected.keys())
    if missing or unknown:
        raise ValueError(
            f"Expected the weights of a GPT-2 with {config.n_layers} layers; "
            + (f"{len(missing)} are missing ({', '.join(missing[:3])}); " if missing else "")
            + (f"{len(unknown)} are unknown ({', '.join(unknown[:3])}); " if unknown else "")
            + "check that config.json belongs to them."
        )
    for name, shape in expected.items():
        if not given[name].is_floating_point():
            raise ValueError(f"Expected {name} in floating point, got {given[name].dtype}; import unquantised weights.")
        if tuple(given[name].shape) != shape:
            raise ValueError(
                f"Expected {name} of shape {shape} with this configuration, got {tuple(given[name].shape)}; "
                "check that config.json belongs to the weights."
            )
    if config.tied and not torch.equal(given[_HEAD], given[_PREFIX + "wte.weight"]):
        raise ValueError(f"{_HEAD} differs from the embedding; set tie_word_embeddings to false in config.json.")
