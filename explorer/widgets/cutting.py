"""The section Cut: one text by several tokenizers, what each script costs, the split, the special tokens."""

from collections.abc import Mapping
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
import streamlit as st

from explorer import display
from explorer.analysis.cutting import NAMED, Cut, Cutter, Fertility, Split, cut, fertility, split, split_of
from explorer.widgets.component import pack, picture
from explorer.widgets.cut_presets import PRESETS
from explorer.widgets.field_names import sentence
from explorer.widgets.flow_words import heading
from explorer.widgets.header import section_header
from explorer.widgets.tokenizer_choice import makers, model_tokenizer, offer_published
from llm.tokenizers.base import END_OF_TEXT, Tokenizer, TokenizerError, without_lone_surrogates

KEY = "cut"
TEXT = "cut_text"
_CHOSEN = "cut_with"
_KEPT = "_cut_with"
LONGEST = 20_000  # characters
DRAWN = 1_500  # characters of which every token is drawn
MOST = 6  # tokenizers at once
_PICTURE = picture("cut", "spans", "panel", "pattern")

Cuts = Mapping[str, Cut | str]  # a sentence where a tokenizer cannot read the text


def cut_section(own: Mapping[str, Tokenizer]) -> None:
    """Draw it; `own` are the tokenizers that the page has at hand, by the names it gives them."""
    with st.container(key="cut_section"):
        _draw(own)


def _draw(own: Mapping[str, Tokenizer]) -> None:
    section_header("Cut: the same text by several tokenizers", KEY)
    text = _text()
    available = makers(own)
    names = _choice(list(available), list(own))
    offer_published()
    if not text:
        st.html('<p class="vitrine-empty" role="status">Type a text above to see how each of them cuts it.</p>')
        return
    cutters: dict[str, Cutter] = {}
    cuts: dict[str, Cut | str] = {}
    for name in names:
        try:
            cutters[name] = available[name]()
            cuts[name] = cut(cutters[name], text)
        except TokenizerError as error:
            cuts[name] = sentence(str(error))
    _PICTURE(key=KEY, data=payload(text, cutters, cuts))
    with st.container(key="cut_facts", horizontal=True, gap="large"):
        st.html(fertility_table(text, cuts))
        st.html(special_words(own))


def _text() -> str:
    """The text to cut, in the address; a preset until one is typed."""
    if TEXT not in st.session_state and TEXT not in st.query_params:
        st.session_state[TEXT] = next(iter(PRESETS.values()))
    given = st.text_area("Text to cut", key=TEXT, bind="query-params", height=104, max_chars=LONGEST)
    st.menu_button(
        "Examples",
        list(PRESETS),
        key="cut_preset",
        type="tertiary",
        on_click=lambda: st.session_state.update({TEXT: PRESETS[st.session_state["cut_preset"]]}),
    )
    return without_lone_surrogates((given or "")[:LONGEST])


def _choice(names: list[str], own: list[str]) -> list[str]:
    """Which tokenizers stand side by side; what was chosen and is gone is let go."""
    fallback = [name for name in names if name in ("bytes", *own) or name.endswith("the model's")]
    before = [name for name in st.session_state.get(_KEPT, fallback) if name in names] or fallback
    st.session_state[_CHOSEN] = before

    def keep() -> None:  # never none, and never too many
        st.session_state[_KEPT] = list(st.session_state[_CHOSEN])[-MOST:] or before

    chosen = st.pills("Tokenizers", names, selection_mode="multi", key=_CHOSEN, on_change=keep)
    return [name for name in names if name in chosen][:MOST]


def payload(text: str, cutters: Mapping[str, Cutter], cuts: Cuts) -> bytes:
    """Header and arrays for cut.js: of each tokenizer the tokens, of each split pattern the words.

    Those that begin in the first DRAWN characters.
    """
    limit = len(text[:DRAWN].encode())
    arrays: dict[str, np.ndarray] = {}
    panels: list[dict[str, Any]] = []
    for place, (name, made) in enumerate(cuts.items()):
        if isinstance(made, str):
            panels.append({"name": name, "error": made})
            continue
        n = _drawn(made.ends, limit)
        ids = made.ids[:n]
        arrays |= {f"ids{place}": ids, f"ends{place}": made.ends[:n]}
        panels.append(
            {
                "name": name,
                "n": len(made.ids),
                "bytes_per_token": made.bytes_per_token,
                "exact": made.exact,
                "merges": hasattr(cutters[name], "merges"),
                "words": {int(id): _wire(cutters[name].token_bytes(int(id))) for id in np.unique(ids)},
            }
        )
    splits: dict[str, list[str]] = {}  # pattern: whose it is
    for name, cutter in cutters.items():
        if not isinstance(cuts[name], str) and (pattern := split_of(cutter)):
            splits.setdefault(pattern, []).append(name)
    at_work = [(_split(text, pattern), pattern, names) for pattern, names in splits.items()]
    for place, (words, _, _) in enumerate(at_work):
        if isinstance(words, Split):
            arrays[f"took{place}"] = words.took[: _drawn(words.ends, limit)]
    header = {
        "panels": panels,
        "characters": len(text),
        "drawn": min(DRAWN, len(text)),
        "left_out": len(text) > DRAWN,
        "splits": [_split_wire(text, *one, limit) for one in at_work],
    }
    return pack(header, **arrays)


def _split(text: str, pattern: str) -> Split | str:
    """The words; a sentence where a pattern of somebody's own takes too long over them, as any search may."""
    try:
        return split(text, pattern)
    except TokenizerError as error:
        return sentence(str(error))


def _split_wire(text: str, words: Split | str, pattern: str, names: list[str], limit: int) -> dict[str, Any]:
    """A split pattern at work: whose it is, its parts with how many words each took, and the words."""
    found: dict[str, Any] = {"pattern": pattern, "named": pattern in NAMED, "of": names}
    if isinstance(words, str):
        return {**found, "error": words, "parts": [], "words": []}
    raw = text.encode()
    edges = [0, *words.ends[: _drawn(words.ends, limit)].tolist()]
    return {
        **found,
        "parts": [
            {"name": part.name, "regex": part.regex, "n": int((words.took == i).sum())}
            for i, part in enumerate(words.parts)
        ],
        "words": [display.token(raw[start:end]).wire() for start, end in pairwise(edges)],
    }


def _drawn(ends: np.ndarray, limit: int) -> int:
    """How many begin before the limit."""
    starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
    return int((starts < limit).sum())


def _wire(raw: bytes) -> dict[str, Any]:
    return {**display.token(raw).wire(), "hex": raw.hex(" ").upper()}


def fertility_table(text: str, cuts: Cuts) -> str:
    """Tokens per word for each script and tokenizer, as HTML."""
    rows = {name: fertility(text, made.ends) for name, made in cuts.items() if not isinstance(made, str)}
    first = next(iter(rows.values()), [])
    if not first:
        return '<p class="vitrine-note vitrine-quiet">No words, numbers or emoji to count in this text.</p>'
    head = "".join(f"<td>{escape(name)}</td>" for name in rows)
    by_script = [{row.script: row.tokens_per_unit for row in found} for found in rows.values()]
    lines = "".join(
        f"<tr><td>{escape(_counted(row))}</td>"
        + "".join(f"<td><code>{found[row.script]:.2f}</code></td>" for found in by_script)
        + "</tr>"
        for row in first
    )
    return (
        f"{heading('Fertility: tokens per word, by script')}"
        '<div class="vitrine-scroll"><table class="vitrine-shapes">'
        f"<tr><td>Script</td>{head}</tr>{lines}</table></div>"
        '<p class="vitrine-note vitrine-quiet vitrine-under">Scripts that write no spaces between words (Han, kana, '
        "Thai, Lao, Khmer, Burmese, Tibetan and others) are counted by character, each with its marks. "
        "Low is cheap: a language with twice the fertility fills a context with half the text.</p>"
    )


def _counted(row: Fertility) -> str:
    """What was counted of a script."""
    if row.unit == "number":
        return display.many(row.units, "number")
    if row.unit == "emoji":
        return f"{row.units:,} emoji"
    return f"{'Other scripts' if row.script == 'other' else row.script}, {display.many(row.units, row.unit)}"


_FOR = {
    "<|endoftext|>": "parts one document from the next; the model starts on it",
    "<|user|>": "opens what a person says in a chat",
    "<|assistant|>": "opens what the model answers",
}


def special_words(own: Mapping[str, Tokenizer]) -> str:
    """What the special tokens are for, and what happens to text that spells one, as HTML."""
    model = model_tokenizer()
    tokenizer = model[1] if model else next(iter(own.values()), None)
    if tokenizer is None or not tokenizer.special_tokens:
        return ""
    lines = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td><code>{id:,}</code></td>"
        f"<td style='white-space: normal'>{escape(_FOR.get(name, 'of this tokenizer'))}</td></tr>"
        for name, id in tokenizer.special_tokens.items()
    )
    return (
        f"{heading('Special tokens' + (f' of {model[0]}' if model else ''))}"
        f'<div class="vitrine-scroll"><table class="vitrine-shapes">{lines}</table></div>'
        f'<p class="vitrine-note vitrine-quiet vitrine-under">{escape(_spelled(tokenizer))}</p>'
    )


def _spelled(tokenizer: Tokenizer) -> str:
    """With this tokenizer's own number."""
    name = END_OF_TEXT if END_OF_TEXT in tokenizer.special_tokens else next(iter(tokenizer.special_tokens))
    try:
        n = len(tokenizer.encode(name))
    except TokenizerError:
        return "They stand behind all other ids and no text can spell one."
    return (
        f"Each is one id that no merge makes and no text can spell: “{name}” typed by a person is "
        f"{display.many(n, 'ordinary token')}, so a text cannot end a document or speak as somebody else."
    )
