"""The logit lens: a grid of tokens by depths, as bytes for the browser (components/lens/), and in words."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from explorer import display
from explorer.analysis.logit_lens import Depth, Lens
from explorer.display import Token, count, pct
from explorer.widgets import leaving, residual_choice
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import Focus, on_focus
from explorer.widgets.header import Depth as Explained
from explorer.widgets.lens_question import Question, on_choices, on_typed
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint
from llm.model.config import GPTConfig
from llm.tokenizers.base import Tokenizer

KEY = "lens"
_PICTURE = picture("lens", "kit/grid", "data", "grid", "path", "controls", "maths", "words")

# Shapes: N depths, T position, K answers followed.


def lens(checkpoint: Checkpoint, text: Prompt, at: Focus, seen: Lens, asked: Question, depth: Explained) -> None:
    """Draw the grid; a click moves the focus of all pages."""
    header, arrays = payload(checkpoint, text, seen, asked)
    header |= {"depth": depth, "focus": at.wire(), "pages": leaving.addresses("residual")}
    _PICTURE(
        key=KEY,
        data=pack(header, **arrays),
        on_focus_change=on_focus(KEY),
        on_choices_change=on_choices(KEY),
        on_go_change=residual_choice.on_go(KEY),
        on_typed_change=on_typed(KEY, checkpoint.tokenizer),
    )


def payload(
    checkpoint: Checkpoint, text: Prompt, seen: Lens, asked: Question
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as lens/data.js reads them."""
    config, tokenizer = checkpoint.model.config, checkpoint.tokenizer
    named = np.unique(np.concatenate([x.ravel() for x in (seen.top, seen.answers)]))
    header = {
        "tokens": [token.wire() for token in text.tokens],
        "words": {int(id): word.wire() for id, word in named_tokens(tokenizer, named).items()},
        "n_ctx": config.n_ctx,
        "n_layers": config.n_layers,
        "n_vocab": config.d_vocab,
        "norm": config.norm,
        "post_norm": config.block == "post_norm",
        "halves": seen.halves,
        "can_halve": config.mlp != "none",
        "depths": [{"after": one.after, "layer": one.layer, "hook": one.hook} for one in seen.depths],
        "choices": dict(asked.choices),
        "against": asked.against,
        "picked": asked.picked,
        "note": asked.note,
    }
    arrays = {
        "top": seen.top,
        "top_prob": seen.top_prob,
        "answers": seen.answers,
        "log_prob": seen.log_prob,
        "rank": seen.rank,
        "log_total": seen.log_total,
        "entropy": seen.entropy,
        "kl": seen.kl,
    }
    return header, arrays


def named_tokens(tokenizer: Tokenizer, ids: Iterable[int]) -> dict[int, Token]:
    """Tokens by id as they are shown; what stands for none, under 0, is left out."""
    known = [int(id) for id in ids if id >= 0]
    return dict(zip(known, display.tokens(tokenizer, known), strict=True))


def followed(seen: Lens, asked: Question, position: int) -> int:
    """The token followed at a position; where the text does not go on, the one that the model says."""
    token = int(seen.answers[asked.place, position])
    return token if token >= 0 else int(seen.answers[0, position])


def in_words(depth: Depth, halves: bool) -> str:
    """A depth as a sentence names it."""
    if depth.after == "embedding":
        return "the embedding"
    half = "MLP" if depth.after == "mlp" else depth.after
    return f"block {depth.layer}’s {half}" if halves else f"block {depth.layer}"


def lead(text: Prompt, at: Focus, seen: Lens, asked: Question, tokenizer: Tokenizer) -> tuple[str | Token, ...]:
    """At which depth the answer comes to the top for good, and from where."""
    T, k = at.token, asked.place
    if seen.answers[k, T] < 0:
        k = 0
    word = display.tokens(tokenizer, [int(seen.answers[k, T])])[0]
    probs, rank = np.exp(seen.log_prob[k, :, T].astype(np.float64)).tolist(), seen.rank[k, :, T].tolist()
    first = seen.first_to_stay(k, T)
    start: tuple[str | Token, ...] = ("After ", text.tokens[T], " the whole model gives ", word, f" {pct(probs[-1])}. ")
    if first is None:
        best = rank.index(min(rank))
        return (
            *start,
            f"That is rank {count(rank[-1])}; its best place on the way is rank {count(rank[best])}, after "
            f"{in_words(seen.depths[best], seen.halves)}.",
        )
    if first == 0:
        return *start, "Its row below has it on top at every depth, from the embedding on."
    step, before = in_words(seen.depths[first], seen.halves), count(rank[first - 1])
    return (
        *start,
        f"Follow its row to the right: before {step} it was rank {before}, "
        f"with {pct(probs[first - 1])}; that puts it on top for good, with {pct(probs[first])}.",
    )


def shape_table(config: GPTConfig, seen: Lens, T: int) -> pd.DataFrame:
    """What is read and what it is multiplied by, with its shape."""
    C, V = config.d_model, config.d_vocab
    rows = [
        *((one.hook, f"1 × {T} × {C}", f"the stream after {in_words(one, seen.halves)}, B T C") for one in seen.depths),
        ("ln_final.hook_scale", f"1 × {T} × 1", "what the final norm divides by, at the last depth alone: B T 1"),
        ("unembed.weight", f"{V:,} × {C}", "W_U, a row for each token: V C"),
        ("logits", f"{len(seen.depths)} × {T} × {V:,}", "norm(stream) W_Uᵀ at every depth: N T V"),
    ]
    return pd.DataFrame(rows, columns=["hook or weight", "shape", "meaning"])
