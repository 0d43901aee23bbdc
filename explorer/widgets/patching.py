"""The Patching page as bytes for the browser (components/patching/) and in words."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from explorer.analysis.interventions import Intervention, Mean, Part, Patch, Scale, mark
from explorer.analysis.patching import Answers, Said, Trial, Way, cells, share
from explorer.analysis.stacks import put
from explorer.display import Token, duration, pct, signed
from explorer.widgets import prompt, stack
from explorer.widgets.component import pack, picture
from explorer.widgets.focus import Focus, on_focus
from explorer.widgets.header import Depth
from explorer.widgets.lens import named_tokens
from explorer.widgets.patching_question import Question, ask, on_choices
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint
from llm.model.config import GPTConfig

KEY = "patching"
_PICTURE = picture("patching", "data", "controls", "grid", "heads", "pair", "hand", "result", "words")

# Shapes: K cells, n tokens listed, L layers, T position.


def patching(
    checkpoint: Checkpoint,
    text: Prompt,
    corrupted: Prompt,
    at: Focus,
    chosen: Answers,
    both: Said,
    found: Said | None,
    by_hand: tuple[Part, Part, Trial] | None,
    lens: tuple[np.ndarray, np.ndarray] | None,
    asked: Question,
    depth: Depth,
) -> None:
    """Draw it all. `found` is None until the sweep is there; `lens` holds what each run says on entering each block
    (L, T), None where that would take long."""
    header, arrays = payload(checkpoint, text, corrupted, at, chosen, both, found, by_hand, lens, asked)
    header["depth"] = depth
    _PICTURE(
        key=KEY,
        data=pack(header, **arrays),
        on_focus_change=on_focus(KEY),
        on_choices_change=on_choices(KEY),
        on_keep_change=_keep(text, corrupted, by_hand, asked.way),
    )


def payload(
    checkpoint: Checkpoint,
    text: Prompt,
    corrupted: Prompt,
    at: Focus,
    chosen: Answers,
    both: Said,
    found: Said | None,
    by_hand: tuple[Part, Part, Trial] | None,
    lens: tuple[np.ndarray, np.ndarray] | None,
    asked: Question,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as patching/data.js reads them."""
    config = checkpoint.model.config
    arrays = {
        "base_logits": both.logits,
        "base_probs": both.probs,
        "base_top": both.top,
        "base_top_prob": both.top_prob,
    }
    named = [both.top.ravel(), np.array(chosen)]
    if found is not None:
        arrays |= {
            "logits": found.logits,
            "probs": found.probs,
            "top": found.top[:, :3],
            "top_prob": found.top_prob[:, :3],
        }
        named.append(found.top[:, :3].ravel())
    if lens is not None:
        arrays |= {"clean_lens": lens[0], "corrupted_lens": lens[1]}
        named += [one.ravel() for one in lens]
    if by_hand is not None:
        made = by_hand[2]
        arrays |= {"hand_tokens": made.tokens, "hand_before": made.before, "hand_after": made.after}
        arrays |= {"hand_logits": made.said.logits}
        named.append(made.tokens)
    words = named_tokens(checkpoint.tokenizer, np.unique(np.concatenate(named)))
    header: dict[str, Any] = {
        "tokens": [token.wire() for token in text.tokens],
        "corrupted": [token.wire() for token in corrupted.tokens],
        "focus": at.wire(),
        "n_ctx": config.n_ctx,
        "n_layers": config.n_layers,
        "n_heads": config.n_heads,
        "kinds": ["stream", "attention"] + (["mlp"] if config.mlp != "none" else []),
        "answers": list(chosen),
        "own": [asked.choices.get("right") is None, asked.choices.get("wrong") is None],
        "way": asked.way,
        "choices": {name: word for name, word in asked.choices.items() if name != "corrupted"},
        "hand": None if by_hand is None else [_wire(by_hand[0]), _wire(by_hand[1])],
        "kept": by_hand is not None
        and any(one.slot == _made(text, corrupted, by_hand, asked.way).slot for one in stack.now()),
        "cost": f"{len(found.logits):,} passes, {duration(found.seconds)} when they were made." if found else "",
        "words": {id: word.wire() for id, word in words.items()},
    }
    return header, arrays


def _wire(part: Part) -> dict[str, Any]:
    return {
        "kind": "head" if part.head is not None else part.kind,
        "layer": part.layer,
        "head": part.head,
        "at": part.at,
    }


def _made(text: Prompt, corrupted: Prompt, by_hand: tuple[Part, Part, Trial], way: Way) -> Intervention:
    """The patch by hand as an intervention on the run that is changed."""
    part, origin, _ = by_hand
    if way == "zero":
        return Scale(part)
    if way == "mean":
        return Mean(part)
    base, source = (corrupted, text) if way == "denoise" else (text, corrupted)
    return Patch(part, source.text, origin if origin != part else None, mark(base.text))


def _keep(text: Prompt, corrupted: Prompt, by_hand: tuple[Part, Part, Trial] | None, way: Way) -> Callable[[], None]:
    """Put the patch by hand on the stack. One that changes the corrupted run is kept with that prompt in place of the
    clean one, or no other page would show it."""

    def kept() -> None:
        if by_hand is None or not (st.session_state.get(KEY) or {}).get("keep"):
            return
        stack.change(put(stack.now(), _made(text, corrupted, by_hand, way)))
        if way == "denoise":
            prompt.replace(corrupted.text)
            ask(corrupted=text.text, right="", wrong="", cell="")

    return kept


def lead(
    text: Prompt, both: Said, found: Said | None, way: Way, config: GPTConfig, words: tuple[Token, Token]
) -> tuple[str | Token, ...]:
    """What the two runs answer, and which cell of the grid moves the answer most."""
    right, wrong = words
    clean, corrupted = both.difference
    start: tuple[str | Token, ...] = (
        "The clean run prefers ",
        right,
        " to ",
        wrong,
        f" by {signed(float(clean), 1, plus=True)} in logits, the corrupted run by "
        f"{signed(float(corrupted), 1, plus=True)}. ",
    )
    if words[0] == words[1] or clean == corrupted:
        return *start, "There is nothing to bring back: choose two prompts, or two answers, that differ."
    if both.top[0, 0] == both.top[1, 0]:
        start = (*start, "Both prompts get the same answer: a corrupted prompt with another one shows more. ")
    if found is None:
        return start
    parts = cells(config, len(text.ids))
    shares = share(found.difference, both)
    before = 0.0 if way == "denoise" else 1.0
    pick = [k for k, part in enumerate(parts) if part.head is not None or part.kind != "stream"]
    best = max(pick, key=lambda k: abs(shares[k] - before))
    named = parts[best].name if parts[best].head is not None else f"the {parts[best].name}"
    done = {
        "denoise": f"Put {named} of the clean run into the corrupted one, and ",
        "noise": f"Put {named} of the corrupted run into the clean one, and ",
        "zero": f"Set {named} to zero in the clean run, and ",
        "mean": f"Put {named} at its mean in the clean run, and ",
    }[way]
    run = 1 if way == "denoise" else 0
    change = f" goes from {pct(float(both.probs[run, 0]))} to {pct(float(found.probs[best, 0]))}: "
    said = f"a share of {signed(float(shares[best]))}, where 0 is the corrupted run and 1 the clean one."
    return *start, done, right, change, said


def shape_table(config: GPTConfig, T: int) -> pd.DataFrame:
    """What is put in, with its shape, and how often."""
    C, H, D, L = config.d_model, config.n_heads, config.d_model // config.n_heads, config.n_layers
    rows = [
        ("blocks.l.hook_resid_pre [:, t]", f"{C}", f"the stream into block l at token t, C: {L} × {T} passes"),
        ("blocks.l.attn.hook_z [:, t]", f"{H} × {D}", f"all heads of block l at token t, H D: {L} × {T} passes"),
        ("blocks.l.hook_mlp_out [:, t]", f"{C}", f"what the MLP adds at token t, C: {L} × {T} passes"),
        ("blocks.l.attn.hook_z [:, :, h]", f"{T} × {D}", f"one head at every token, T D: {L} × {H} passes"),
        ("logits [:, −1]", f"{config.d_vocab:,}", "after the last token, V"),
    ]
    if config.mlp == "none":
        del rows[2]
    return pd.DataFrame(rows, columns=["hook", "shape", "what is put in"])
