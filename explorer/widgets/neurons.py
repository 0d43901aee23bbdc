"""The neurons of the MLPs: a wall of all, and one of them on the text, as bytes for components/neurons/."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from explorer import display
from explorer.analysis.neuron_effect import Without, without_neuron
from explorer.analysis.neurons import (
    Activity,
    Additions,
    Neuron,
    Writing,
    activity,
    additions,
    given,
    neuron,
    writing,
)
from explorer.display import Token, pct, signed
from explorer.resources import derived
from explorer.widgets import on_show
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import Focus, on_focus
from explorer.widgets.header import Depth
from explorer.widgets.lens import named_tokens
from explorer.widgets.neuron_choice import Choice, Place, on_choices
from explorer.widgets.notice import empty
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint
from llm.model.config import GPTConfig
from llm.model.mlp import MLPS

KEY = "neurons"
LISTED = 8  # tokens promoted, and as many suppressed
_PICTURE = picture("neurons", "data", "wall", "values", "curve", "lists", "without", "controls", "maths", "words")

# Shapes: L layers, M d_mlp, T position.


@dataclass(frozen=True)
class Seen:
    """All that the page shows of a text and one neuron."""

    activity: Activity
    post: np.ndarray  # L M, float32: what every neuron gives on at the token in focus
    one: Neuron
    without: Without
    sums: tuple[Additions, Writing] | str  # or why there are none, in a sentence


def look(checkpoint: Checkpoint, text: Prompt, at: Focus, place: Place) -> Seen:
    """Work it out, or take what is kept."""
    path, ids, T = checkpoint.path, text.ids, at.token
    sums: tuple[Additions, Writing] | str
    try:
        sums = derived(additions, path, ids, T), derived(writing, path, ids, *place, T)
    except ValueError as refused:
        sums = str(refused)
    return Seen(
        derived(activity, path, ids),
        derived(given, path, ids, T),
        derived(neuron, path, ids, *place),
        derived(without_neuron, path, ids, *place),
        sums,
    )


def neurons(
    checkpoint: Checkpoint, text: Prompt, at: Focus, place: Place, seen: Seen, asked: Choice, depth: Depth
) -> None:
    """Draw it; a click on a token moves the focus of all pages, one on a neuron looks at that."""
    header, arrays = payload(checkpoint, text, at, place, seen)
    header |= {"choices": dict(asked.choices), "note": asked.note, "depth": depth, "focus": at.wire()}
    _PICTURE(key=KEY, data=pack(header, **arrays), on_focus_change=on_focus(KEY), on_choices_change=on_choices(KEY))


def payload(
    checkpoint: Checkpoint, text: Prompt, at: Focus, place: Place, seen: Seen
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as neurons/data.js reads them."""
    config, without = checkpoint.model.config, seen.without
    raised, lowered, largest = np.array([], int), np.array([], int), []
    if not isinstance(seen.sums, str):
        raised, lowered = seen.sums[1].raised(LISTED), seen.sums[1].lowered(LISTED)
        largest = seen.sums[0].largest()
    named = {*without.answer.tolist(), *without.instead.ravel().tolist(), *raised.tolist(), *lowered.tolist()}
    header: dict[str, Any] = {
        "tokens": [token.wire() for token in text.tokens],
        "words": {id: word.wire() for id, word in named_tokens(checkpoint.tokenizer, named).items()},
        "n_ctx": config.n_ctx,
        "n_vocab": config.d_vocab,
        "n_layers": config.n_layers,
        "d_mlp": config.d_mlp,
        "mlp": config.mlp,
        "norm": config.norm,
        "bias": config.bias,
        "post_norm": config.block == "post_norm",
        "place": list(place),
        "at": at.token,
        "never": [seen.activity.never(layer) for layer in range(config.n_layers)],
        "always": [seen.activity.always(layer) for layer in range(config.n_layers)],
        "largest": [list(one) for one in largest],
        "mean": without.mean,
        "losses": None if without.loss_after is None else [without.loss, *without.loss_after],
        "refused": seen.sums if isinstance(seen.sums, str) else "",
    }
    arrays = {
        "post": seen.post,
        "active": seen.activity.active,
        "edges": seen.activity.edges,
        "counts": seen.activity.counts.astype(np.uint32),
        "pre": seen.one.pre,
        "bent": seen.one.bent,
        "own": seen.one.post,
        "curve": seen.one.curve,
        "answer": without.answer,
        "before": without.before,
        "after": without.after,
        "instead": without.instead,
    }
    if seen.one.linear is not None:
        arrays["linear"] = seen.one.linear
    if not isinstance(seen.sums, str):
        added, wrote = seen.sums
        header |= {"mean_unit": wrote.mean, "unit": float(wrote.per_unit[added.token])}
        header["bias_adds"] = added.bias.tolist()
        arrays |= {
            "adds": added.by_neuron.astype(np.float32),
            "raised": raised,
            "raised_by": wrote.per_unit[raised],
            "lowered": lowered,
            "lowered_by": wrote.per_unit[lowered],
        }
    return header, arrays


def none() -> None:
    """Say that this model has no neurons, and offer one that has."""
    where = next((name for name in on_show.known() if name == "stories"), None)
    empty(
        "This model has attention alone: its blocks have no MLP, and neurons are what an MLP is made of.",
        ("Look at the shipped model", partial(on_show.choose, where)) if where else None,
    )


def lead(checkpoint: Checkpoint, text: Prompt, at: Focus, place: Place, seen: Seen) -> tuple[str | Token, ...]:
    """What the neuron gives at the token in focus, and what the answer there loses without it."""
    T, without = at.token, seen.without
    answer = display.tokens(checkpoint.tokenizer, [int(without.answer[T])])[0]
    name, gives = f"{place[0]}.{place[1]}", _fine(float(seen.one.post[T]))
    start: tuple[str | Token, ...] = (f"Neuron {name} gives {gives} on ", text.tokens[T])
    if not isinstance(seen.sums, str):
        adds = _fine(float(seen.sums[0].by_neuron[place]), plus=True)
        start = (*start, f", which adds {adds} to the logit of ", answer)
    before, after = pct(float(without.before[T])), pct(float(without.after[0, T]))
    if before == after:
        return *start, ". Held at zero, the model still gives ", answer, f" {after}: one neuron in many."
    return *start, ". Held at zero, the model gives ", answer, f" {after} in place of {before}."


def _fine(x: float, plus: bool = False) -> str:
    """With the digits that a small number needs, as in neurons/data.js."""
    return signed(x, 2 if abs(x) >= 0.0995 else 3 if abs(x) >= 0.00995 else 4, plus)


def shape_table(config: GPTConfig, place: Place, T: int) -> pd.DataFrame:
    """What is read and what it is multiplied by, with its shape."""
    at, C, M, V = place[0], config.d_model, config.d_mlp, config.d_vocab
    mlp, gated = f"blocks.{at}.mlp", config.mlp == "swiglu"
    rows = [
        (f"{mlp}.hook_pre", f"1 × {T} × {M}", f"{'the gate' if gated else 'a neuron'} before its activation, B T M"),
        (f"{mlp}.hook_post", f"1 × {T} × {M}", "what each neuron gives on, B T M"),
        (f"{mlp}.W_in.weight", f"{M:,} × {C}", "what each neuron reads, a row each: M C"),
        (f"{mlp}.W_out.weight", f"{C} × {M:,}", "what each neuron writes, a column each: C M"),
        ("unembed.weight", f"{V:,} × {C}", "W_U, a row for each token: V C"),
        ("ln_final.hook_scale", f"1 × {T} × 1", "what the final norm divides by, B T 1"),
    ]
    if gated:
        rows[1:1] = [(f"{mlp}.hook_pre_linear", f"1 × {T} × {M}", "what the gate multiplies, B T M")]
        rows[4:4] = [(f"{mlp}.W_gate.weight", f"{M:,} × {C}", "what opens each gate, a row each: M C")]
    return pd.DataFrame(rows, columns=["hook or weight", "shape", "meaning"])


def ran(mlp: object) -> tuple[type, ...]:
    """The classes in which an MLP is written."""
    return tuple(one for one in type(mlp).__mro__ if one.__module__ == MLPS["gelu"].__module__)
