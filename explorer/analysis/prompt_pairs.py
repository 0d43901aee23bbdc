"""A second prompt beside the first: one that differs in a token, and one of another length made as long."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from llm.model.gpt import GPT
from llm.tokenizers.base import Tokenizer
from llm.trace import Trace

# Shapes: B batch, T position, C d_model, V d_vocab.

QUICK = 2e10  # multiply-adds; a longer search is not made


@torch.no_grad()
def swap_one(clean: Trace, model: GPT, tokenizer: Tokenizer) -> str | None:
    """The text with the one token swapped that costs its answer most: each but the last is tried, for the token whose
    embedding has the largest cosine with its own. None where no swap can be written, or the search would take long."""
    ids, T = clean.ids, len(clean.ids)
    if T < 2 or T * T * model.n_params > QUICK:
        return None
    rows = F.normalize(model.embed.weight.float(), dim=-1)
    alike = rows[ids[:-1]] @ rows.T  # T-1 V
    alike[:, [*tokenizer.special_tokens.values()]] = -1
    alike[torch.arange(T - 1), ids[:-1]] = -1
    texts = ids.repeat(T - 1, 1)
    texts[torch.arange(T - 1), torch.arange(T - 1)] = alike.argmax(dim=-1)
    probs = model(texts, last_only=True)[:, 0].float().softmax(dim=-1)
    answer = int(clean.logits[-1].argmax())
    other = probs.argmax(dim=-1) != answer
    order = (probs[:, answer] - other.float()).argsort().tolist()  # another answer first, then the greatest loss
    for row in order:
        text = tokenizer.decode(texts[row].tolist())
        if tokenizer.encode(text) == texts[row].tolist():
            return text
    return None


def lined_up(tokenizer: Tokenizer, clean: tuple[int, ...], corrupted: tuple[int, ...]) -> str | None:
    """The corrupted prompt with as many tokens as the clean one: where the two differ tokens are dropped, or taken over
    from the clean one; failing that, at the start. None where neither can be written."""
    n, surplus = len(clean), len(corrupted) - len(clean)
    same = next((i for i, (a, b) in enumerate(zip(clean, corrupted, strict=False)) if a != b), min(n, len(corrupted)))
    if surplus > 0:
        tries = [(*corrupted[:at], *corrupted[at + surplus :]) for at in (same + 1, same, 0)]
    else:
        tries = [(*corrupted[:at], *clean[at : at - surplus], *corrupted[at:]) for at in (same + 1, same, 0)]
    for ids in tries:
        text = tokenizer.decode(list(ids))
        if len(ids) == n and len(tokenizer.encode(text)) == n and tuple(tokenizer.encode(text)) != clean:
            return text
    return None
