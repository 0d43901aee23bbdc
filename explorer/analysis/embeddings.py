"""A model's tokens as vectors: the map that shows most of them, turned onto another one; which are alike, sums and
differences, axes of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from llm.model.gpt import GPT

# Shapes: V d_vocab, C d_model, K components of a map, 2 or 3, n tokens listed.

Side = Literal["input", "output"]
TINY = 1e-12  # shorter than any vector that points somewhere
COMPONENTS = 3  # as many as anyone can look at


@dataclass(frozen=True)
class Plane:
    """The three directions along which the rows of a matrix differ most (Pearson 1901; Hotelling 1933)."""

    points: np.ndarray  # V 3, float32: (row - mean) · direction
    directions: np.ndarray  # 3 C, float32, of length 1
    mean: np.ndarray  # C, float32: the mean row
    share: np.ndarray  # 3, float64: part of the whole variance along each


def sides(model: GPT) -> tuple[Side, ...]:
    """The embeddings that a model has: one, where its unembedding is the same matrix."""
    return ("input",) if model.config.tied else ("input", "output")


def rows(model: GPT, side: Side) -> np.ndarray:
    """V C, float32: the vector by which a token comes in (W_E), or by which it is scored as the next one (W_U)."""
    matrix = model.embed.weight if side == "input" else model.unembed.weight
    return np.asarray(matrix.detach().float().cpu())


def plane(model: GPT, side: Side) -> Plane:
    """Principal components, exact: the right singular vectors of the centred rows. These are those of the triangle R of
    its QR decomposition too, which is no larger than C x C.

    A direction's sign says nothing by itself. Here most of the skew lies on the positive side.
    """
    x = torch.from_numpy(rows(model, side))
    mean = x.mean(dim=0)
    centred = x - mean
    _, sizes, directions = torch.linalg.svd(torch.linalg.qr(centred, mode="r").R, full_matrices=False)
    kept = torch.zeros(COMPONENTS, x.shape[1])
    kept[: len(directions)] = directions[:COMPONENTS]  # a model may have a width of 1
    kept = torch.where(((centred @ kept.T) ** 3).sum(dim=0)[:, None] < 0, -kept, kept)
    variance = sizes.double().square()
    share = torch.zeros(COMPONENTS, dtype=torch.float64)
    share[: len(sizes)] = (variance / variance.sum().clamp(min=TINY))[:COMPONENTS]
    return Plane((centred @ kept.T).numpy(), kept.numpy(), mean.numpy(), share.numpy())


def procrustes(points: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """K K, float64: the turn, mirrored where that is nearer, that brings `points` (V K) as near as it can to `onto`
    (V K), where it is `points @ turn` (Schönemann 1966). Both have their mean at 0. No distance changes."""
    left, _, right = np.linalg.svd(points.astype(np.float64).T @ onto.astype(np.float64))
    return np.asarray(left @ right)


def lengths(matrix: np.ndarray) -> np.ndarray:
    """V, float32: the norm of every row."""
    return np.linalg.norm(matrix, axis=1).astype(np.float32)


def row_lengths(model: GPT, side: Side) -> np.ndarray:
    """The same of a model's embedding."""
    return lengths(rows(model, side))


def cosines(matrix: np.ndarray, vector: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
    """V, float32: of the angle between every row and a vector (C); 0 where one of them has no length. `known` are the
    rows' lengths, if they are at hand."""
    size = (lengths(matrix) if known is None else known) * float(np.linalg.norm(vector))
    return np.where(size > TINY, matrix @ vector / np.maximum(size, TINY), 0).astype(np.float32)


def nearest(cosine: np.ndarray, n: int, without: tuple[int, ...] = ()) -> np.ndarray:
    """The n ids of the largest cosines (V), largest first, equal ones by id; some are left out."""
    order = np.argsort(-cosine, kind="stable")
    return order[~np.isin(order, without)][:n]


def combined(matrix: np.ndarray, a: int, b: int, c: int) -> np.ndarray:
    """C, float32: a - b + c (Mikolov et al. 2013)."""
    return np.asarray(matrix[a] - matrix[b] + matrix[c])


def along(matrix: np.ndarray, a: int, b: int) -> np.ndarray:
    """V, float32: how far each row lies from row a, which is at 0, towards row b, which is at 1."""
    way = matrix[b] - matrix[a]
    size = float(way @ way)
    if size <= TINY:
        raise ValueError("An axis needs two tokens whose vectors differ; choose another one.")
    return np.asarray((matrix - matrix[a]) @ way / size, dtype=np.float32)


def plane_through(matrix: np.ndarray, a: int, b: int, c: int, vectors: np.ndarray) -> np.ndarray:
    """n 2, float32: vectors (n, C) as they lie in the plane through three rows, b at 0 and a on the first axis."""
    first, other = matrix[a] - matrix[b], matrix[c] - matrix[b]
    first = first / max(float(np.linalg.norm(first)), TINY)
    second = other - (other @ first) * first
    second = second / max(float(np.linalg.norm(second)), TINY)
    return np.asarray((vectors - matrix[b]) @ np.stack([first, second]).T, dtype=np.float32)
