"""The polynomials against the singular value decomposition, and the two orders of multiplying against each other."""

from typing import get_args

import pytest
import torch

from llm.training.config import NewtonSchulzKind
from llm.training.newton_schulz import ITERATIONS, orthogonalize

KINDS: tuple[NewtonSchulzKind, ...] = get_args(NewtonSchulzKind)
REACHED = {"jordan_5": (0.65, 1.25), "polar_express_3": (0.17, 1.9)}  # singular values afterwards


@pytest.fixture(params=["fp32", "bf16"])
def format(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """As on hardware that multiplies this number format fastest."""
    monkeypatch.setattr("llm.training.newton_schulz.resolve_precision", lambda wanted, device: request.param)
    return str(request.param)


def test_the_hardware_decides_the_number_format(format: str) -> None:
    assert orthogonalize(torch.eye(3)[None]).dtype == {"fp32": torch.float32, "bf16": torch.bfloat16}[format]


@pytest.mark.usefixtures("format")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(48, 48), (96, 32), (32, 96)])
def test_orthogonalized_singular_values_are_near_one(shape: tuple[int, int], kind: NewtonSchulzKind) -> None:
    matrices = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonalize(matrices, kind).float())
    least, most = REACHED[kind]
    if shape[0] != shape[1]:  # a square Gaussian has singular values near 0, which so few steps do not bring up
        assert values.min() > least
    assert values.max() < most
    assert ((values > least) & (values < most)).float().mean() > 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_singular_values_are_mapped_by_the_polynomials(kind: NewtonSchulzKind) -> None:
    random = torch.Generator().manual_seed(1)
    u, _, vh = torch.linalg.svd(torch.randn(32, 64, generator=random, dtype=torch.float64), full_matrices=False)
    before = torch.linspace(0.02, 1, 32, dtype=torch.float64)
    expected = before / before.norm() / ITERATIONS[kind].cushion
    for a, b, c in ITERATIONS[kind].polynomials:
        expected = a * expected + b * expected**3 + c * expected**5
    turned = u.mT @ orthogonalize((u @ torch.diag(before) @ vh)[None], kind)[0].double() @ vh.mT
    torch.testing.assert_close(turned, torch.diag(expected), atol=1e-4, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_matrix_of_one_direction_does_not_diverge(kind: NewtonSchulzKind, format: str) -> None:
    random = torch.Generator().manual_seed(2)
    matrices = torch.randn(8, 64, 1, generator=random) @ torch.randn(8, 1, 64, generator=random)
    assert torch.linalg.matrix_norm(orthogonalize(matrices, kind).float(), ord=2).max() < 2, format


@pytest.mark.parametrize("kind", KINDS)
def test_wide_matrices_give_what_multiplying_in_order_gives(kind: NewtonSchulzKind) -> None:
    wide = torch.randn(2, 16, 48, generator=torch.Generator().manual_seed(3))
    x = wide / (ITERATIONS[kind].cushion * wide.norm(dim=(-2, -1), keepdim=True))
    for a, b, c in ITERATIONS[kind].polynomials:
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    torch.testing.assert_close(orthogonalize(wide, kind), x, atol=1e-5, rtol=0)
    torch.testing.assert_close(orthogonalize(wide.mT, kind), x.mT, atol=1e-5, rtol=0)


@pytest.mark.usefixtures("format")
def test_orthogonalizing_keeps_the_singular_vectors() -> None:
    u, _, vh = torch.linalg.svd(torch.randn(32, 32, generator=torch.Generator().manual_seed(1)))
    matrix = u @ torch.diag(torch.linspace(0.5, 1, 32)) @ vh
    turned = u.mT @ orthogonalize(matrix[None])[0].float() @ vh.mT
    off_diagonal = turned - torch.diag(turned.diagonal())
    assert off_diagonal.abs().max() < 0.05  # bf16
    assert turned.diagonal().min() > 0.65


@pytest.mark.parametrize("kind", KINDS)
def test_a_zero_gradient_stays_zero(kind: NewtonSchulzKind) -> None:
    assert torch.equal(orthogonalize(torch.zeros(1, 8, 4), kind).float(), torch.zeros(1, 8, 4))
