"""How a layer is wired: where its two sublayers read the residual stream, and where the norms sit."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from llm.model.attention import Attention
from llm.model.config import BlockKind, GPTConfig
from llm.model.hooks import HookPoint
from llm.model.kv_cache import LayerCache
from llm.model.mlp import MLPS
from llm.model.norms import NORMS
from llm.model.positions import Positions

# Every hook here is B T C.


class Block(nn.Module):
    """Attention, then an MLP; what each writes is added to the stream."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.ln1 = NORMS[config.norm](config)
        self.attn = Attention(config)
        # An attention-only block has no second sublayer, so nothing for a second norm to do.
        self.ln2 = NORMS[config.norm](config) if config.mlp != "none" else nn.Identity()
        self.mlp = MLPS[config.mlp](config)
        self.dropout = config.dropout
        self.hook_resid_pre = HookPoint()
        self.hook_attn_out = HookPoint()
        self.hook_resid_mid = HookPoint()
        self.hook_mlp_out = HookPoint()
        self.hook_resid_post = HookPoint()

    def forward(self, x: Tensor, positions: Positions, cached: LayerCache | None = None) -> Tensor:
        """(B, T, C) -> (B, T, C); each wiring is written out in full."""
        raise NotImplementedError

    def drop(self, x: Tensor) -> Tensor:
        return F.dropout(x, self.dropout) if self.training and self.dropout else x


class PreNormBlock(Block):
    """GPT-2 and after: normalise what a sublayer reads; the stream itself is only added to."""

    def forward(self, x: Tensor, positions: Positions, cached: LayerCache | None = None) -> Tensor:
        x = self.hook_resid_pre(x)
        x = self.hook_resid_mid(x + self.hook_attn_out(self.drop(self.attn(self.ln1(x), positions, cached))))
        return self.hook_resid_post(x + self.hook_mlp_out(self.drop(self.mlp(self.ln2(x)))))


class PostNormBlock(Block):
    """Vaswani et al. 2017: add first, then normalise the stream itself.

    So `resid_pre` of the next block is `ln2(resid_post)` of this one, and the stream is not a plain sum.
    """

    def forward(self, x: Tensor, positions: Positions, cached: LayerCache | None = None) -> Tensor:
        x = self.hook_resid_pre(x)
        x = self.ln1(self.hook_resid_mid(x + self.hook_attn_out(self.drop(self.attn(x, positions, cached)))))
        return self.ln2(self.hook_resid_post(x + self.hook_mlp_out(self.drop(self.mlp(x)))))


BLOCKS: dict[BlockKind, type[Block]] = {"pre_norm": PreNormBlock, "post_norm": PostNormBlock}
