"""The form that adds an intervention: what is done, to which part, at which token."""

from collections.abc import Callable
from html import escape
from typing import Literal

import streamlit as st

from explorer import display, resources
from explorer.analysis.interventions import Intervention, Kind, Matrix, Mean, Part, Scale, Steer, one_token
from explorer.analysis.stacks import MOST, STRONGEST, put
from explorer.display import signed
from explorer.widgets import focus, prompt, stack
from llm.checkpoint import Checkpoint
from llm.model.config import GPTConfig
from llm.tokenizers.base import Tokenizer
from llm.trace import hook_name

Way = Literal["zero", "mean", "scale", "steer"]
WAYS: dict[Way, str] = {"zero": "Off", "mean": "Its mean", "scale": "Scale", "steer": "Steer"}
_HELP: dict[Way, str] = {
    "zero": "Its result is 0.",
    "mean": "Its result is what it gives on average.",
    "scale": "Its result is multiplied.",
    "steer": "A token’s direction is added to the stream.",
}
_MATRICES: dict[Matrix, str] = {"unembed": "unembedding, W_U", "embed": "embedding, W_E"}
_NOTE = "_edits_form_note"


def form(checkpoint: Checkpoint) -> None:
    """Off, mean, scale or steer; patches are made on the Patching page."""
    config = checkpoint.model.config
    with st.container(key="edits_form", gap="small"):
        way: Way = st.segmented_control(
            "What is done",
            list(WAYS),
            default="zero",
            required=True,
            format_func=lambda way: WAYS[way],
            key="edits_way",
        )
        st.html(f'<p class="vitrine-note vitrine-quiet">{_HELP[way]} A patch is made on the Patching page.</p>')
        part = _part(config, way)
        at = _token(checkpoint)
        part = Part(part.layer, part.head, part.kind, at)
        made: Intervention | Callable[[], Intervention | None]
        if way == "steer":
            made = _steer(checkpoint, part)
        elif way == "scale":
            made = Scale(part, float(st.number_input("Times", 0.0, MOST, 0.5, step=0.5, key="edits_factor")))
        else:
            made = Mean(part) if way == "mean" else Scale(part)
        if note := st.session_state.get(_NOTE):
            st.html(f'<p class="vitrine-said" role="alert">{escape(note)}</p>')
        st.button("Apply", key="edits_apply", on_click=_apply, args=(made,))


def _apply(made: Intervention | Callable[[], Intervention | None]) -> None:
    if one := made if isinstance(made, Intervention) else made():
        st.session_state[_NOTE] = ""
        stack.change(put(stack.now(), one))


def _part(config: GPTConfig, way: Way) -> Part:
    layer, head = focus.within(config.n_layers, config.n_heads)
    parts = parts_of(config) if way != "steer" else [Part(layer, kind="stream") for layer in range(config.n_layers)]
    usual = Part(layer, head) if way != "steer" else Part(layer, kind="stream")
    key = f"edits_{layer}_{head}" if way != "steer" else f"edits_stream_{layer}"
    return st.selectbox("Part", parts, parts.index(usual), lambda part: part.name[:1].upper() + part.name[1:], key=key)


def _token(checkpoint: Checkpoint) -> int | None:
    text = prompt.peek(checkpoint)
    tokens = [token.text for token in text.tokens] if text else []
    choices: list[int | None] = [None, *range(len(tokens))]
    return st.selectbox(
        "At",
        choices,
        format_func=lambda at: "every token" if at is None else f"token {at} {tokens[at]}",
        key="edits_at",
    )


def _steer(checkpoint: Checkpoint, part: Part) -> Callable[[], Steer | None]:
    """The fields of a direction, and what makes it of them."""
    long = _length(checkpoint, part)
    word = st.text_input("Towards the token", "", placeholder="a word", key="edits_word")
    less = st.text_input("Away from (may be empty)", "", placeholder="another word", key="edits_less")
    usual = float(max(1, round(long))) if long else 8.0
    strength = st.number_input(
        "Strength", -STRONGEST, STRONGEST, usual, step=1.0, key=f"edits_strength_{usual:g}", format="%g"
    )
    if long:
        said = f"In this prompt the stream is {signed(long, 1)} long there on average."
        st.html(f'<p class="vitrine-note vitrine-quiet">{said}</p>')
    matrix: Matrix = "unembed"
    if not checkpoint.model.config.tied:
        matrix = st.selectbox("Direction", list(_MATRICES), format_func=lambda one: _MATRICES[one], key="edits_matrix")

    def made() -> Steer | None:
        if not word.strip():
            return _refused("Expected the token to steer towards, got nothing; type a word.")
        words = []
        for text in (word, less) if less.strip() else (word,):
            found, said = _token_named(checkpoint.tokenizer, text)
            if said:
                return _refused(said)
            words.append(found)
        one = Steer(part, words[0], (words[1:] or [""])[0], float(strength), matrix)
        if one.lacks(checkpoint.model.config, checkpoint.tokenizer):
            return _refused("Expected two different tokens, got the same one twice; change one of them.")
        return one

    return made


def _refused(said: str) -> Steer | None:
    st.session_state[_NOTE] = said
    return None


def _token_named(tokenizer: Tokenizer, text: str) -> tuple[str, str]:
    """The one token that a word is, after a space if it can be, or in a sentence why it is none."""
    for one in (text if text[0].isspace() else f" {text}", text):
        if one_token(tokenizer, one) is not None:
            return one, ""
    try:
        pieces = ", ".join(f"“{token.text}”" for token in display.tokens(tokenizer, tokenizer.encode(text)[:6]))
    except ValueError as error:
        return "", str(error)
    return "", f"Expected one token, got “{text[:40]}”, which is several here; take one of {pieces}."


def _length(checkpoint: Checkpoint, part: Part) -> float | None:
    """Of the stream there, over the prompt's tokens."""
    if not (text := prompt.peek(checkpoint)):
        return None
    x = resources.traced(checkpoint.path, text.ids).activations[hook_name("resid_pre", part.layer)]
    return float(x[0].float().norm(dim=-1).mean())


def parts_of(config: GPTConfig) -> list[Part]:
    """All that can be changed, block by block."""
    kinds: list[Kind] = ["attention"] if config.mlp == "none" else ["attention", "mlp"]
    found: list[Part] = []
    for layer in range(config.n_layers):
        found += [Part(layer, head) for head in range(config.n_heads)] + [Part(layer, kind=kind) for kind in kinds]
    return found
