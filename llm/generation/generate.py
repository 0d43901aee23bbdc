"""Text a token at a time: the model reads, the filters choose, and whoever asks gets every number on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from llm.generation.decode import Decoder
from llm.generation.filters import SamplingConfig, filtered, probabilities
from llm.model.gpt import GPT
from llm.model.kv_cache import KVCache

# Shapes: V d_vocab. Logits come to the CPU and filters run in float64, so a seed gives the same text on any device
# that gives the same logits.


@dataclass(frozen=True, eq=False)
class GeneratedToken:
    """A token and why it was chosen. Everything but `id` and `logits` is worked out when first asked for."""

    id: int
    logits: Tensor  # V, float32: the model's, before any filter
    config: SamplingConfig
    context: tuple[int, ...]  # the ids that the model had in view
    dropped: int  # earliest ids that no longer fit the context, 0 until it overflows

    @cached_property
    def stages(self) -> tuple[tuple[str, Tensor], ...]:
        """Probabilities (V,) of the model itself ("model"), then after each filter that is on, by its name."""
        logits = self.logits.double()
        steps = filtered(logits, self.config, self.context)
        return ("model", probabilities(logits)), *((name, probabilities(x)) for name, x in steps)

    @property
    def probs(self) -> Tensor:
        """The distribution that the token was drawn from, (V,) float64: after every filter, summing to 1."""
        return self.stages[-1][1]

    @property
    def kept(self) -> Tensor:
        """Which tokens could have been drawn, (V,) bool."""
        return self.probs > 0


def generate(
    model: GPT,
    ids: Sequence[int],
    config: SamplingConfig,
    max_new_tokens: int,
    seed: int,
    stop_ids: Iterable[int] = (),
) -> Iterator[GeneratedToken]:
    """Continue `ids` by up to `max_new_tokens` tokens, each yielded as soon as it is drawn; a stop id is the last one.

    When the context is full, its earlier half is forgotten and the later half read again, as often as needed; each
    token says how many ids were `dropped` by then. Edits of an enclosing `patch` are in effect. The same seed gives the
    same tokens. A model in bfloat16 is read as it is. Raises ValueError at once on an empty prompt, one longer than the
    context, an id outside the vocabulary, or a model in training mode.
    """
    text, n_ctx, d_vocab = [int(i) for i in ids], model.config.n_ctx, model.config.d_vocab
    if not text:
        raise ValueError("Expected a prompt of at least 1 token, got none; start with a word or the end-of-text token.")
    if len(text) > n_ctx:
        raise ValueError(f"Expected a prompt of at most {n_ctx} tokens, got {len(text)}; shorten the text.")
    if not 0 <= min(text) <= max(text) < d_vocab:
        raise ValueError(f"Expected ids from 0 to {d_vocab - 1}, got {min(text)} to {max(text)}.")
    if max_new_tokens < 0:
        raise ValueError(f"max_new_tokens must be at least 0, got {max_new_tokens}.")
    if not 0 <= seed < 2**63:
        raise ValueError(f"seed must be from 0 to 2^63 - 1, got {seed}.")
    if model.training:
        raise ValueError("Expected a model in evaluation mode, got one in training mode; call model.eval().")
    return _tokens(model, text, config, max_new_tokens, seed, frozenset(stop_ids))


def _tokens(
    model: GPT, text: list[int], config: SamplingConfig, max_new_tokens: int, seed: int, stop_ids: frozenset[int]
) -> Iterator[GeneratedToken]:
    decoder = Decoder(model)
    cache = KVCache(model.config, device=model.embed.weight.device, dtype=model.embed.weight.dtype)
    generator = torch.Generator().manual_seed(seed)
    start = 0  # of the context, in the text
    for _ in range(max_new_tokens):
        if len(text) - start > model.config.n_ctx:
            start = len(text) - (model.config.n_ctx + 1) // 2
            cache.truncate(0)
        unread = text[start + cache.length :]
        logits = decoder.read(unread, cache).float().cpu()
        context = tuple(text[start:])
        token = GeneratedToken(choose(logits, config, context, generator), logits, config, context, start)
        text.append(token.id)
        yield token
        if token.id in stop_ids:
            return


def choose(logits: Tensor, config: SamplingConfig, ids: Sequence[int], generator: torch.Generator) -> int:
    """Filter the logits (V,) and draw one token by the inverse of the cumulative distribution.

    `ids` is the text in view. Unless greedy, one float64 is drawn from the generator.
    """
    logits = logits.double()
    for name, left in filtered(logits, config, ids):
        logits = left
        if name == "temperature" and config.greedy:
            return int(logits.argmax())
    cumulative = probabilities(logits).cumsum(dim=-1)
    drawn = 1 - torch.rand((), dtype=torch.float64, generator=generator).item()  # above 0, so no removed token
    return int(torch.searchsorted(cumulative, drawn * cumulative[-1].item()))
