"""Making the singular values of a matrix alike by products of matrices alone: what Muon does to its momentum."""

from collections.abc import Mapping

import torch
from torch import Tensor

from llm.training.config import NewtonSchulzKind
from llm.training.precision import resolve_precision

Polynomial = tuple[float, float, float]  # a, b, c of ax + bx³ + cx⁵, which acts on each singular value x

_CUSHION = 1.01  # of the best polynomials, which diverge a little above the largest value they are made for


def _cushioned(best: tuple[Polynomial, ...]) -> tuple[Polynomial, ...]:
    """Stretched so that values rounded up by a hundredth stay in range; after the last nothing can diverge."""
    return *((a / _CUSHION, b / _CUSHION**3, c / _CUSHION**5) for a, b, c in best[:-1]), best[-1]


ITERATIONS: Mapping[NewtonSchulzKind, tuple[Polynomial, ...]] = {
    # one polynomial that makes small values grow fastest rather than converge: to about 0.7-1.2 (Jordan et al. 2024,
    # kellerjordan.github.io/posts/muon)
    "jordan_5": ((3.4445, -4.7750, 2.0315),) * 5,
    # each the best for what the one before it leaves: to 0.2-1.9 around 1 (Amsel et al. 2025, "The Polar Express",
    # arXiv 2505.16932)
    "polar_express_3": _cushioned(
        (
            (8.28721201814563, -23.595886519098837, 17.300387312530933),
            (4.107059111542203, -2.9478499167379106, 0.5448431082926601),
            (3.9486908534822946, -2.908902115962949, 0.5518191394370137),
        )
    ),
}


@torch.no_grad()
def orthogonalize(matrices: Tensor, kind: NewtonSchulzKind = "jordan_5") -> Tensor:
    """UVᵀ of each matrix UΣVᵀ, roughly: (n, rows, cols).

    In bf16 where hardware multiplies that fast; elsewhere in float32, since a CPU that has to emulate bf16 takes 50
    times as long.
    """
    x = matrices.bfloat16() if resolve_precision("auto", matrices.device) == "bf16" else matrices.float()
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    norm = x.norm(dim=(-2, -1), keepdim=True)  # at least the largest singular value
    x = x / (norm if kind == "jordan_5" else _CUSHION * norm).clamp(min=1e-7)
    narrow = x.dtype == torch.float32 and x.shape[-1] >= 2 * x.shape[-2]
    x = _by_gram(x, ITERATIONS[kind]) if narrow else _iterated(x, ITERATIONS[kind])
    return x.mT if tall else x


def _iterated(x: Tensor, polynomials: tuple[Polynomial, ...]) -> Tensor:
    """(aI + bG + cG²)X with G = XXᵀ, again and again."""
    for a, b, c in polynomials:
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x


def _by_gram(x: Tensor, polynomials: tuple[Polynomial, ...]) -> Tensor:
    """The same, the factors multiplied first: all products but two are as small as G; needs float32's digits."""
    gram = x @ x.mT
    product = torch.eye(x.shape[-2], device=x.device).expand_as(gram)
    for a, b, c in polynomials:
        factor = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        factor.diagonal(dim1=-2, dim2=-1).add_(a)
        product = factor @ product
        gram = factor @ (factor @ gram)  # they commute, all being polynomials of one G
    return product @ x
