"""The picture of byte-pair learning, merge by merge: all a browser needs to show any of them (components/merges/)."""

import hashlib
from typing import Any

import numpy as np
import streamlit as st

from explorer import display
from explorer.analysis.merging import Learned
from explorer.display import Token
from explorer.kept import Kept
from explorer.widgets.address import parse
from explorer.widgets.component import pack, picture
from explorer.widgets.header import Depth
from explorer.widgets.merging_text import Lesson, keep_merge
from llm.tokenizers.base import N_BYTES
from llm.tokenizers.bpe_training import LONG_WORD
from llm.tokenizers.rank_file import MAX_TOKEN_BYTES

KEY = "merges"
_PICTURE = picture("merges", "data", "text", "track", "pairs", "tree", "words", "playing")
NAMED = 24  # characters of a token, or a word, that is named in a sentence; merges/data.js says the same
_DRAWN = Kept(32 * 2**20)  # payloads: a large one takes half a second, and every run of the page asks for it
_START = "_merges_start"  # place and merge that the picture opened with: it keeps its own from there on


def opening_merge(learned: Learned) -> int:
    """The merge to open with: the one that made " the" or "the" one token, else the last."""
    return learned.first(b" the") or learned.first(b"the") or len(learned.merges)


def merges_picture(lesson: Lesson, learned: Learned, merge: int, depth: Depth) -> None:
    """Draw it. The handle moves in the browser and is told here after a pause, for the address and the lead."""
    place = hashlib.blake2b(repr(lesson).encode("utf-8", "replace"), digest_size=8).hexdigest()
    if KEY not in st.session_state or st.session_state.get(_START, ("",))[0] != place:
        st.session_state[_START] = place, merge
    start = st.session_state[_START][1]
    data = _DRAWN.get((place, start, depth), lambda: payload(lesson, learned, place, start, depth))
    _PICTURE(key=KEY, data=data, on_merge_change=_on_merge)


def payload(lesson: Lesson, learned: Learned, place: str, merge: int, depth: Depth) -> bytes:
    """Header and arrays for merges.js. The same bytes while only the handle moves, so that they travel once."""
    shown = learned.shown
    vocabulary = [learned.token(id) for id in range(N_BYTES + len(learned.merges))]
    header: dict[str, Any] = {
        "place": place,
        "merge": merge,
        "asked": lesson.n_merges,
        "depth": depth,
        "longest": MAX_TOKEN_BYTES,
        "characters": learned.characters,
        "shown": sum(map(len, shown.units)),
        "kinds_of_words": learned.kinds_of_words,
        "long_words": learned.long_words,
        "longest_word": LONG_WORD,
        "units": [_compact(display.token(unit.encode())) for unit in shown.units],
        "vocabulary": [_compact(display.token(raw)) for raw in vocabulary],
        "words": [_compact(_word(word)) for word in learned.words],
    }
    return pack(
        header,
        raw=np.frombuffer("".join(shown.units).encode(), dtype=np.uint8),
        starts=shown.starts.astype(np.uint32),
        gone=shown.gone,
        merges=np.array([merge.pair for merge in learned.merges], dtype=np.uint16).reshape(-1, 2),
        made=np.array([merge.count for merge in learned.merges], dtype=np.int32),
        tokens=learned.tokens.astype(np.int32),
        pairs=learned.pairs.astype(np.uint16),  # where there are fewer the count is 0
        counts=learned.counts.astype(np.int32),
        kinds=learned.kinds.astype(np.int32),
        places=learned.places.astype(np.int32),
        holds=learned.holds.astype(np.int32),
        holders=learned.holders.astype(np.int32),
    )


def _compact(token: Token) -> str | list[str]:
    """Its pieces; one without marks as a string."""
    return token.text if len(token.pieces) == 1 else list(token.pieces)


def _on_merge() -> None:
    merge = parse(st.session_state[KEY].get("merge"))
    if merge is not None:
        keep_merge(merge)


def lead(learned: Learned, merge: int) -> tuple[str | Token, ...]:
    """What the merge under the handle did, and why."""
    if not learned.merges:
        return ("Every byte is a token of its own: no pair of neighbours occurs twice in this text.",)
    if not merge:
        return ("Every byte is a token. Drag to join the most frequent pair of neighbours, again and again.",)
    done = learned.merges[merge - 1]
    tied = learned.counts[merge - 1, 1] == done.count
    why = "as often as any other pair and first by its ids" if tied else "more often than any other pair"
    times = "once" if done.count == 1 else f"{done.count:,} times"
    return (
        f"Merge {merge:,} joined ",
        *_named(learned.token(done.pair[0])),
        " and ",
        *_named(learned.token(done.pair[1])),
        f": they stood side by side {times}, {why}. So ",
        *_named(done.token_bytes),
        " is one token. Drag to undo or redo.",
    )


def _named(raw: bytes) -> tuple[str | Token, ...]:
    """The token; a long one without its middle, and its length."""
    whole = display.token(raw)
    short = display.shortened(whole, NAMED)
    return (whole,) if short is whole else (short, f" ({len(raw):,} bytes)")


def _word(word: str) -> Token:
    """A word, which may be the whole of a long text, in NAMED characters."""
    return display.shortened(display.token((word if len(word) < 99 else f"{word[:49]}{word[-49:]}").encode()), NAMED)
