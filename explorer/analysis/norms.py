"""The residual stream at every place along the depth: its length, what was added, what each norm makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from llm.model.config import GPTConfig
from llm.model.gpt import GPT
from llm.model.norms import LayerNorm, RMSNorm
from llm.trace import Trace, hook_name

# Shapes: L layers, P places, T position, C d_model. Lengths are L2 norms; statistics are taken in float64.

OUTLIER = 6  # times the median |x| of its token: of a bell curve one dimension in 19,000 lies so far out

Norm = LayerNorm | RMSNorm
Step = Literal["embedding", "attention", "mlp", "normed"]


@dataclass(frozen=True)
class Place:
    """Where the stream can be read: after the embedding, after each addition; of a post-norm model its end too."""

    step: Step
    layer: int  # 0 for the embedding
    hook: str  # where the stream was read; "normed" is this, times the gain, plus the bias
    write: str  # hook of what was added last; "" where nothing was
    norm: str  # the norm that reads it, as the model names it; "" where none does


def places(config: GPTConfig) -> tuple[Place, ...]:
    """Every place in order. A norm reads each of them, but for the embedding of a post-norm model."""
    found = [("embedding", 0, hook_name("resid_pre", 0), "", "blocks.0.ln1")]
    halves = config.mlp != "none"
    for layer in range(config.n_layers):
        ln1, ln2 = f"blocks.{layer}.ln1", f"blocks.{layer}.ln2"
        following = f"blocks.{layer + 1}.ln1" if layer + 1 < config.n_layers else "ln_final"
        read = (ln1, ln2) if config.block == "post_norm" else (ln2 if halves else following, following)
        found.append(("attention", layer, hook_name("resid_mid", layer), hook_name("attn_out", layer), read[0]))
        if halves:
            found.append(("mlp", layer, hook_name("resid_post", layer), hook_name("mlp_out", layer), read[1]))
    if config.block == "post_norm":
        found[0] = (*found[0][:4], "")
        found.append(("normed", config.n_layers - 1, f"{found[-1][4]}.hook_normalized", "", "ln_final"))
    return tuple(Place(*one) for one in found)  # type: ignore[arg-type]


def norm_of(model: GPT, place: Place) -> Norm:
    """The module that reads the stream at a place. Raises ValueError where none does."""
    if not place.norm:
        raise ValueError("No norm reads the stream at this place: this model normalises after each addition.")
    found = model.get_submodule(place.norm)
    assert isinstance(found, Norm)
    return found


def streams(trace: Trace, model: GPT) -> Iterator[tuple[Place, Tensor, Tensor | None]]:
    """Each place with the stream there (T, C), and what the last addition was made to, None where there was none.

    A post-norm model adds to what its norm has made of the stream before.
    """
    before: Tensor | None = None
    for place in places(model.config):
        if place.step == "normed":
            assert before is not None
            yield place, before, None
            continue
        x = trace.activations[place.hook][0]
        yield place, x, before
        before = norm_of(model, place)(x) if model.config.block == "post_norm" and place.norm else x


@dataclass(frozen=True)
class Stream:
    """The stream of one text; NaN where there is nothing to measure."""

    places: tuple[Place, ...]
    length: np.ndarray  # P T, float32
    entering: np.ndarray  # P T: length of what was added to
    write: np.ndarray  # P T: length of what was added
    cosine: np.ndarray  # P T: between these two
    along: np.ndarray  # P T: what each step adds to the final length; all NaN where the stream is no sum
    remainder: np.ndarray  # P T: largest |stream - (what was added to + what was added)| over dimensions
    whole: np.ndarray | None  # T: largest |final stream - sum of all that was written|; None where it is no sum
    mean: np.ndarray  # P T: over dimensions
    variance: np.ndarray  # P T: over dimensions, of the whole (divided by C)
    median: np.ndarray  # P T: of |x|
    peak: np.ndarray  # P T: largest |x|
    peak_dim: np.ndarray  # P T, int32
    outliers: np.ndarray  # P T, int32: dimensions of at least OUTLIER times the median |x|
    outlier_tokens: np.ndarray  # P C, int32: at how many tokens a dimension is one
    divisor: np.ndarray  # P T: of the norm that reads the place, as it was used (hook_scale)
    out_mean: np.ndarray  # P T: of what the norm gives, after gain and bias
    out_variance: np.ndarray  # P T


@torch.no_grad()
def stream(trace: Trace, model: GPT) -> Stream:
    """Measure the stream of a traced text at every place, and what each norm divides it by and gives."""
    rows = [(place, x.double(), None if base is None else base.double()) for place, x, base in streams(trace, model)]
    last = rows[-1][1]
    end = last / last.norm(dim=-1, keepdim=True).clamp(min=1e-30)
    additive = model.config.block != "post_norm"
    written = rows[0][1].clone()
    found: dict[str, list[np.ndarray]] = {}
    for place, x, base in rows:
        write = trace.activations[place.write][0].double() if place.write else None
        if additive and write is not None:
            written += write
        for name, value in (_addition(x, base, write) | _spread(x) | _read(trace, model, place, x)).items():
            found.setdefault(name, []).append(value.cpu().numpy())
        step = x if write is None else write
        along = torch.linalg.vecdot(step, end) if additive else torch.full_like(x[:, 0], torch.nan)
        found.setdefault("along", []).append(along.cpu().numpy())
    whole = (last - written).abs().amax(dim=-1).float().cpu().numpy() if additive else None
    as_is = {"peak_dim", "outliers", "outlier_tokens"}
    return Stream(
        places=tuple(place for place, _, _ in rows),
        whole=whole,
        **{name: np.stack(all).astype(np.int32 if name in as_is else np.float32) for name, all in found.items()},
    )


def _addition(x: Tensor, base: Tensor | None, write: Tensor | None) -> dict[str, Tensor]:
    """Lengths (T,) before, of and after an addition, and how well it fits."""
    nothing = torch.full_like(x[:, 0], torch.nan)
    found = {"length": x.norm(dim=-1), "entering": nothing, "write": nothing, "cosine": nothing, "remainder": nothing}
    if base is None or write is None:
        return found
    return found | {
        "entering": base.norm(dim=-1),
        "write": write.norm(dim=-1),
        "cosine": torch.cosine_similarity(base, write, dim=-1, eps=1e-30),
        "remainder": (x - (base + write)).abs().amax(dim=-1),
    }


def _spread(x: Tensor) -> dict[str, Tensor]:
    """How the dimensions of (T, C) are spread, and which stand out."""
    size = x.abs()
    median = size.quantile(0.5, dim=-1)
    peak = size.max(dim=-1)
    out = size >= OUTLIER * median[:, None].clamp(min=1e-30)
    return {
        "mean": x.mean(dim=-1),
        "variance": x.var(dim=-1, correction=0),
        "median": median,
        "peak": peak.values,
        "peak_dim": peak.indices,
        "outliers": out.sum(dim=-1),
        "outlier_tokens": out.sum(dim=0),
    }


def _read(trace: Trace, model: GPT, place: Place, x: Tensor) -> dict[str, Tensor]:
    """What the norm that reads a place divides by and gives, (T,)."""
    if not place.norm:
        return dict.fromkeys(("divisor", "out_mean", "out_variance"), torch.full_like(x[:, 0], torch.nan))
    out = _affine(norm_of(model, place), trace.activations[f"{place.norm}.hook_normalized"][0].double())
    return {
        "divisor": trace.activations[f"{place.norm}.hook_scale"][0, :, 0],
        "out_mean": out.mean(dim=-1),
        "out_variance": out.var(dim=-1, correction=0),
    }


def _affine(norm: Norm, normalized: Tensor) -> Tensor:
    return normalized * norm.w if norm.b is None else normalized * norm.w + norm.b


@dataclass(frozen=True)
class NormAt:
    """A norm at one token, dimension by dimension: (C,) float32 each."""

    x: np.ndarray  # what it reads
    normalized: np.ndarray  # hook_normalized; before gain and bias
    out: np.ndarray  # what it gives
    gain: np.ndarray
    bias: np.ndarray | None


@torch.no_grad()
def norm_at(trace: Trace, model: GPT, place: int, position: int) -> NormAt:
    """The norm that reads the stream at a place, by its number. Raises ValueError where none does."""
    where, x, _ = list(streams(trace, model))[place]
    norm = norm_of(model, where)
    normalized = trace.activations[f"{where.norm}.hook_normalized"][0, position]
    read, made, out, gain = (
        one.float().cpu().numpy() for one in (x[position], normalized, _affine(norm, normalized), norm.w)
    )
    return NormAt(read, made, out, gain, None if norm.b is None else norm.b.float().cpu().numpy())
