"""The loss against its definition."""

import torch
from torch import Tensor, nn

from llm.training.losses import IGNORED, next_token_loss


class _Fixed(nn.Module):
    """A model whose logits are given."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits)

    def forward(self, ids: Tensor) -> Tensor:
        return self.logits


LOGITS = torch.randn(2, 5, 7, generator=torch.Generator().manual_seed(0))
TARGETS = torch.randint(0, 7, (2, 5), generator=torch.Generator().manual_seed(1))


def test_is_the_mean_negative_log_probability() -> None:
    expected = -LOGITS.log_softmax(-1).gather(-1, TARGETS[..., None]).mean()
    torch.testing.assert_close(next_token_loss(_Fixed(LOGITS), (TARGETS, TARGETS)).detach(), expected)


def test_smoothing_is_the_cross_entropy_with_the_smoothed_target() -> None:
    target = 0.9 * nn.functional.one_hot(TARGETS, 7) + 0.1 / 7
    expected = -(target * LOGITS.log_softmax(-1)).sum(-1).mean()
    loss = next_token_loss(_Fixed(LOGITS), (TARGETS, TARGETS), label_smoothing=0.1)
    torch.testing.assert_close(loss.detach(), expected)


def test_ignored_targets_count_in_neither_loss_nor_gradient() -> None:
    targets = TARGETS.clone()
    targets[:, :3] = IGNORED
    model = _Fixed(LOGITS)
    loss = next_token_loss(model, (TARGETS, targets))
    loss.backward()
    expected = -LOGITS.log_softmax(-1).gather(-1, TARGETS[..., None])[:, 3:].mean()
    torch.testing.assert_close(loss.detach(), expected)
    assert model.logits.grad is not None
    assert torch.equal(model.logits.grad[:, :3], torch.zeros(2, 3, 7))
