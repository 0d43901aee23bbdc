"""What a model is made of, as plain values: everything needed to build one, nothing that can be derived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args, get_type_hints

PositionKind = Literal["none", "learned", "sinusoidal", "rope", "alibi"]
NormKind = Literal["layernorm", "rmsnorm"]
BlockKind = Literal["pre_norm", "post_norm"]
MLPKind = Literal["none", "relu", "gelu", "gelu_tanh", "swiglu"]

_LARGEST_NUMBER = 1e38  # what float32 holds
_LARGEST_TABLE = 1 << 27  # numbers of a table that is computed, so that no file's size bounds it: 512 MiB in float32


class ConfigError(ValueError):
    """A configuration that no model can have; the message says what to change."""


@dataclass(frozen=True)
class GPTConfig:
    """The shape and the ingredients of a GPT (`d_` is a width, `n_` a count)."""

    d_vocab: int = 1024  # tokens in the vocabulary
    n_ctx: int = 256  # longest text the model reads, in tokens
    n_layers: int = 4  # transformer blocks
    n_heads: int = 4  # query heads per block
    n_kv_heads: int = 4  # key/value heads: n_heads is MHA, 1 is MQA, between is GQA
    d_model: int = 192  # width of the residual stream
    d_mlp: int = 768  # hidden width of the MLP
    positions: PositionKind = "rope"  # how the model knows token order
    norm: NormKind = "layernorm"  # what a sublayer's input is divided by
    block: BlockKind = "pre_norm"  # where the norms sit
    mlp: MLPKind = "gelu"  # activation; none makes an attention-only model
    bias: bool = False  # biases on linear maps and LayerNorm
    tied: bool = True  # unembedding shares the embedding's weights
    dropout: float = 0.0  # probability of dropping, while training
    rope_base: float = 10_000.0  # wavelength base of RoPE and the sinusoid
    norm_eps: float = 1e-5  # added under the root in every norm

    def __post_init__(self) -> None:
        for name in ("d_vocab", "n_ctx", "n_layers", "n_heads", "n_kv_heads", "d_model", "d_mlp"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ConfigError(f"{name} must be a whole number of at least 1, got {value!r}.")
        for name, kind in _KINDS.items():
            if getattr(self, name) not in get_args(kind):
                raise ConfigError(f"{name} must be one of {', '.join(get_args(kind))}, got {getattr(self, name)!r}.")
        for name in ("bias", "tied"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigError(f"{name} must be true or false, got {getattr(self, name)!r}.")
        for name in ("dropout", "rope_base", "norm_eps"):
            if not abs(getattr(self, name)) < _LARGEST_NUMBER:  # NaN too
                raise ConfigError(
                    f"{name} must be a finite number below {_LARGEST_NUMBER:g}, got {getattr(self, name)!r:.40}; "
                    f"{getattr(type(self), name)} is usual."
                )
        if self.positions != "learned" and self.n_ctx * self.d_model > _LARGEST_TABLE:
            raise ConfigError(
                f"n_ctx x d_model must be at most {_LARGEST_TABLE:,}, got {self.n_ctx:,} x {self.d_model:,}; "
                "make one of them smaller."
            )
        if self.d_model % self.n_heads:
            raise ConfigError(
                f"d_model ({self.d_model}) must be a multiple of n_heads ({self.n_heads}); "
                f"try d_model={self.d_model // self.n_heads * self.n_heads or self.n_heads}."
            )
        if self.n_heads % self.n_kv_heads:
            raise ConfigError(
                f"n_kv_heads ({self.n_kv_heads}) must divide n_heads ({self.n_heads}): "
                "every key/value head serves the same number of query heads."
            )
        if self.positions == "rope" and self.d_head % 2:
            raise ConfigError(
                f"RoPE turns pairs of numbers, so d_head must be even, got {self.d_head}; change d_model or n_heads."
            )
        if self.positions == "sinusoidal" and self.d_model % 2:
            raise ConfigError(
                f"The sinusoid needs an even d_model, got {self.d_model}; try d_model={self.d_model + self.n_heads}."
            )
        if not 0.0 <= self.dropout < 1.0:
            raise ConfigError(f"dropout must be at least 0 and below 1, got {self.dropout!r}.")
        if not self.rope_base > 1.0 or not self.norm_eps > 0.0:
            raise ConfigError(
                f"rope_base must be above 1 and norm_eps above 0, got {self.rope_base!r}, {self.norm_eps!r}."
            )

    @property
    def d_head(self) -> int:
        """Width of one head."""
        return self.d_model // self.n_heads

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> GPTConfig:
        """Build from JSON values; unknown and missing keys are named."""
        known = {field.name for field in fields(cls)}
        if wrong := sorted(set(values) ^ known):
            unknown, missing = [k for k in wrong if k not in known], [k for k in wrong if k in known]
            raise ConfigError(
                "The model configuration does not fit this version:"
                + (f" unknown {', '.join(unknown)};" if unknown else "")
                + (f" missing {', '.join(missing)};" if missing else "")
                + " it was written by another program or edited."
            )
        for name in ("dropout", "rope_base", "norm_eps"):
            if not isinstance(values[name], int | float) or isinstance(values[name], bool):
                raise ConfigError(f"{name} must be a number, got {values[name]!r}.")
        return cls(**values)


_KINDS = {name: kind for name, kind in get_type_hints(GPTConfig).items() if get_args(kind)}
