"""A GPT: embed the tokens, pass them through the blocks, normalise, and score every token as the next one."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from llm.model.block import BLOCKS, Block
from llm.model.config import GPTConfig
from llm.model.hooks import HookPoint, named_hook_points, reading_from
from llm.model.kv_cache import KVCache
from llm.model.norms import NORMS
from llm.model.positions import POSITIONS

# Shapes: B batch, T position, C d_model, V d_vocab.


class GPT(nn.Module):
    """A decoder-only transformer in any combination of `GPTConfig`'s variants (Radford et al. 2019)."""

    def __init__(self, config: GPTConfig, seed: int | None = None) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.d_vocab, config.d_model)
        self.positions = POSITIONS[config.positions](config)
        self.blocks: Sequence[Block] = nn.ModuleList(  # type: ignore[assignment]  # a list that registers its modules
            BLOCKS[config.block](config) for _ in range(config.n_layers)
        )
        self.ln_final = NORMS[config.norm](config)
        self.unembed = nn.Linear(config.d_model, config.d_vocab, bias=False)
        if config.tied:
            self.unembed.weight = self.embed.weight
        self.hook_embed = HookPoint()  # B T C
        self._hook_points = named_hook_points(self, nameless=self.positions)
        for name, point in self._hook_points.items():
            point.name = name
        self.init_weights(seed)

    @torch.no_grad()
    def init_weights(self, seed: int | None = None) -> None:
        """GPT-2's: N(0, 0.02), and the maps that write to the stream smaller by the root of their number."""
        generator = torch.Generator().manual_seed(seed) if seed is not None else None
        n_writers = self.config.n_layers * (1 if self.config.mlp == "none" else 2)
        for name, parameter in self.named_parameters():
            if name.endswith(("W_O.weight", "W_out.weight")):
                parameter.normal_(0.0, 0.02 * n_writers**-0.5, generator=generator)
            elif name.endswith(".w"):
                parameter.fill_(1.0)
            elif parameter.ndim == 1:
                parameter.zero_()
            else:
                parameter.normal_(0.0, 0.02, generator=generator)

    def forward(self, ids: Tensor, cache: KVCache | None = None, last_only: bool = False) -> Tensor:
        """Token ids (B, T) -> logits (B, T, V), or (B, 1, V) of the last token alone.

        With a cache, `ids` are the tokens after those it holds, and it grows by them.
        """
        start = cache.length if cache else 0
        if not 1 <= ids.shape[1] <= self.config.n_ctx - start:
            raise ValueError(
                f"Expected 1 to {self.config.n_ctx - start} tokens (context {self.config.n_ctx}, "
                f"{start} already read), got {ids.shape[1]}; shorten the text."
            )
        with reading_from(start):
            x = self.positions.add(self.hook_embed(self.embed(ids)), start)
            if self.training and self.config.dropout:
                x = F.dropout(x, self.config.dropout)
            for layer, block in enumerate(self.blocks):
                x = block(x, self.positions, cache.layers[layer] if cache else None)
            if last_only:
                x = x[:, -1:]
            return self.unembed(self.ln_final(x))

    def hook_points(self) -> dict[str, HookPoint]:
        """Every hook point by name, in the order of the modules."""
        return self._hook_points

    @property
    def n_params(self) -> int:
        """Trainable numbers; a shared matrix counts once."""
        return sum(parameter.numel() for parameter in self.parameters())
