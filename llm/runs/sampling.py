"""What the model writes at a checkpoint: always the same prompt and seed, so that only the model differs."""

from __future__ import annotations

from typing import Any

from llm.data import clean_text
from llm.generation.filters import SamplingConfig
from llm.generation.generate import generate
from llm.model.gpt import GPT
from llm.tokenizers.base import END_OF_TEXT, Tokenizer

TEMPERATURE = 0.8
LENGTH = 96  # tokens


def sample(model: GPT, tokenizer: Tokenizer, prompt: str, step: int, seed: int = 0) -> dict[str, Any]:
    """A row of samples.jsonl: the drawn ids up to an end of text, and -ln p of each at temperature 1, in nats.

    A prompt that the tokenizer or the context cannot hold is left out, and the row's `prompt` says so by being empty.
    """
    end = tokenizer.special_tokens.get(END_OF_TEXT)
    before = [] if end is None else [end]
    prompt, ids = _readable(clean_text(prompt), tokenizer, model.config.n_ctx - len(before) - 1)
    drawn, surprise = list[int](), list[float]()
    was_training = model.training
    model.eval()
    try:
        stop = () if end is None else (end,)
        for token in generate(model, [*before, *ids] or [0], SamplingConfig(TEMPERATURE), LENGTH, seed, stop):
            drawn.append(token.id)
            surprise.append(round(-float(token.logits.double().log_softmax(-1)[token.id]), 4))
    finally:
        model.train(was_training)
    text = tokenizer.decode(drawn)
    row = {"step": step, "prompt": prompt, "seed": seed, "temperature": TEMPERATURE}
    return {**row, "ids": drawn, "text": text, "surprise": surprise}


def _readable(prompt: str, tokenizer: Tokenizer, room: int) -> tuple[str, list[int]]:
    try:
        ids = tokenizer.encode(prompt)
    except ValueError:
        return "", []
    return (prompt, ids) if len(ids) <= room else ("", [])
