"""The residual stream and its norms, as bytes for the browser (components/residual/), and in words."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from explorer import display
from explorer.analysis.norm_trial import NormTrial
from explorer.analysis.norms import OUTLIER, NormAt, Place, Stream
from explorer.display import Token, pct, signed
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import Focus
from explorer.widgets.header import Depth
from explorer.widgets.lens import named_tokens
from explorer.widgets.prompt import Prompt
from explorer.widgets.residual_choice import Choice, norm_word, on_choices, on_look
from llm.checkpoint import Checkpoint

KEY = "residual"
_PICTURE = picture("residual", "kit/grid", "data", "grid", "path", "vectors", "trial", "controls", "maths", "words")

# Shapes: P places, T position, C d_model, n tokens listed.


@dataclass(frozen=True)
class Sight:
    """What the page looks at."""

    checkpoint: Checkpoint
    text: Prompt
    at: Focus
    place: int
    seen: Stream
    asked: Choice
    norm: NormAt | None = None  # of the norm that reads the place; None where none does
    trial: NormTrial | None = None
    each: np.ndarray | None = None  # probability of the answers without each norm in turn; None where that takes long


def residual(sight: Sight, depth: Depth) -> None:
    """Draw it all."""
    header, arrays = payload(sight)
    header["depth"] = depth
    _PICTURE(
        key=KEY,
        data=pack(header, **arrays),
        on_focus_change=on_look(KEY),
        on_choices_change=on_choices(KEY),
    )


def payload(sight: Sight) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as residual/data.js reads them."""
    text, at, place, seen = sight.text, sight.at, sight.place, sight.seen
    asked, norm, trial, each = sight.asked, sight.norm, sight.trial, sight.each
    config = sight.checkpoint.model.config
    header: dict[str, Any] = {
        "tokens": [token.wire() for token in text.tokens],
        "focus": {**at.wire(), "norm": norm_word(seen.places[place])},
        "at": {"token": at.token, "place": place},  # of which the vectors and the second pass speak
        "n_ctx": config.n_ctx,
        "norm": config.norm,
        "eps": config.norm_eps,
        "post_norm": config.block == "post_norm",
        "halves": config.mlp != "none",
        "outlier": OUTLIER,
        "places": [
            {
                "step": one.step,
                "layer": one.layer,
                "hook": one.hook,
                "write": one.write,
                "norm": one.norm,
                "word": norm_word(one),
            }
            for one in seen.places
        ],
        "choices": dict(asked.choices),
        "how": asked.how,
        "like": asked.like(len(text.ids)),
        "words": {},
    }
    arrays = {name: getattr(seen, name) for name in _MEASURES} | {"outlier_tokens": seen.outlier_tokens[place]}
    if seen.whole is not None:
        arrays["whole"] = seen.whole
    if norm is not None:
        arrays |= {"x": norm.x, "normalized": norm.normalized, "out": norm.out, "gain": norm.gain}
        arrays |= {} if norm.bias is None else {"bias": norm.bias}
    if trial is not None:
        named = np.unique(np.concatenate([trial.top[:, at.token].ravel(), trial.answer]))
        header["words"] = {id: word.wire() for id, word in named_tokens(sight.checkpoint.tokenizer, named).items()}
        header |= {"divisor": trial.divisor, "loss": trial.loss}
        arrays |= {
            "answer": trial.answer,
            "before": trial.before,
            "after": trial.after,
            "top": trial.top[:, at.token],
            "top_prob": trial.top_prob[:, at.token],
            "trial_kl": trial.kl,
            "trial_length": trial.length,
        }
    if each is not None:
        arrays["each"] = each
    return header, arrays


_MEASURES = (
    "length",
    "entering",
    "write",
    "cosine",
    "along",
    "remainder",
    "mean",
    "variance",
    "median",
    "peak",
    "peak_dim",
    "outliers",
    "divisor",
    "out_mean",
    "out_variance",
)


def writer(place: Place, halves: bool) -> str:
    """What wrote last before a place, as a sentence names it."""
    if place.step == "embedding":
        return "the embedding"
    return (
        f"block {place.layer}’s {'MLP' if place.step == 'mlp' else 'attention'}" if halves else f"block {place.layer}"
    )


def reader(place: Place, post_norm: bool) -> str:
    """The norm that reads a place, as a sentence names it."""
    if place.norm == "ln_final":
        return "the final norm"
    _, layer, which = place.norm.split(".")
    what = "attention" if which == "ln1" else "MLP"
    return f"the norm {'after' if post_norm else 'before'} block {layer}’s {what}"


def lead(sight: Sight) -> tuple[str | Token, ...]:
    """How long the stream grows, who writes most, and what the norm in focus holds together."""
    seen, trial, T, config = sight.seen, sight.trial, sight.at.token, sight.checkpoint.model.config
    halves, post = config.mlp != "none", config.block == "post_norm"
    length, most = seen.length[:, T], int(np.nanargmax(seen.write[:, T]))
    grown = f"{signed(float(length[0]), 1)} to {signed(float(length[-1]), 1)}"
    start: tuple[str | Token, ...] = (
        "The stream of ",
        sight.text.tokens[T],
        f" goes from a length of {grown}; {writer(seen.places[most], halves)} writes most, "
        f"{signed(float(seen.write[most, T]), 1)}. ",
    )
    if post:
        start = (*start, "Each addition is normed at once. ")
    if trial is None:
        return start
    reads, word = (
        reader(seen.places[sight.place], post),
        display.tokens(sight.checkpoint.tokenizer, [int(trial.answer[T])])[0],
    )
    done = "leave it out" if trial.divisor is None else f"let it divide every token by {signed(trial.divisor, 2)}"
    by = signed(float(seen.divisor[sight.place, T]), 2)
    before, after = pct(float(trial.before[T])), pct(float(trial.after[T]))
    change = f" stays at {after}." if before == after else f" goes from {before} to {after}."
    return *start, f"{reads[0].upper()}{reads[1:]} divides it by {by}: {done}, and ", word, change


def shape_table(sight: Sight) -> pd.DataFrame:
    """Which hooks the numbers come from, with their shapes."""
    config, T, one = sight.checkpoint.model.config, len(sight.text.ids), sight.seen.places[sight.place]
    C = config.d_model
    rows = [
        (p.hook, f"1 × {T} × {C}", f"the stream after {writer(p, config.mlp != 'none')}, B T C")
        for p in sight.seen.places
    ]
    if one.write:
        rows.append((one.write, f"1 × {T} × {C}", "what was added last: B T C"))
    if one.norm:
        rows += [
            (f"{one.norm}.hook_scale", f"1 × {T} × 1", "the divisor: B T 1"),
            (f"{one.norm}.hook_normalized", f"1 × {T} × {C}", "divided, before gain and bias: B T C"),
            (f"{one.norm}.w", f"{C}", "the gain: C"),
        ]
        if config.norm == "layernorm" and config.bias:
            rows.append((f"{one.norm}.b", f"{C}", "the bias: C"))
    return pd.DataFrame(rows, columns=["hook or weight", "shape", "meaning"])
