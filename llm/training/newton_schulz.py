"""Making the singular values of a matrix alike by products of matrices alone: what Muon does to its momentum."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from llm.training.config import NewtonSchulzKind
from llm.training.precision import resolve_precision

Polynomial = tuple[float, float, float]  # a, b, c of ax + bx³ + cx⁵, which acts on each singular value x


@dataclass(frozen=True)
class Iteration:
    """Polynomials, one after the other, and how much too large a singular value may be, by rounding, without harm."""

    best: tuple[Polynomial, ...]  # each for values in the range it is made for; a little above, they may diverge
    cushion: float = 1.0

    @property
    def polynomials(self) -> tuple[Polynomial, ...]:
        """Stretched by the cushion, so that such values stay in range; after the last nothing can diverge."""
        one = self.cushion
        return *((a / one, b / one**3, c / one**5) for a, b, c in self.best[:-1]), self.best[-1]


ITERATIONS: Mapping[NewtonSchulzKind, Iteration] = {
    # one polynomial that makes small values grow fastest rather than converge: to about 0.7-1.2 (Jordan et al. 2024,
    # kellerjordan.github.io/posts/muon)
    "jordan_5": Iteration(((3.4445, -4.7750, 2.0315),) * 5),
    # each the best for what the one before it leaves: to 0.2-1.9 around 1 (Amsel et al. 2025, "The Polar Express",
    # arXiv 2505.16932)
    "polar_express_3": Iteration(
        (
            (8.28721201814563, -23.595886519098837, 17.300387312530933),
            (4.107059111542203, -2.9478499167379106, 0.5448431082926601),
            (3.9486908534822946, -2.908902115962949, 0.5518191394370137),
        ),
        cushion=1.01,
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
    iteration = ITERATIONS[kind]
    norm = x.norm(dim=(-2, -1), keepdim=True)  # at least the largest singular value
    x = x / (iteration.cushion * norm).clamp(min=1e-7)
    narrow = x.dtype == torch.float32 and x.shape[-1] >= 2 * x.shape[-2]
    x = (_by_gram if narrow else _iterated)(x, iteration.polynomials)
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
