"""What byte-pair learning reads: an example, a text that is typed or uploaded, and how many merges it makes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

from explorer.analysis.merging import Learned, learn
from explorer.display import count
from explorer.runs.uploads import LARGEST, UploadError, read
from explorer.widgets.address import Address, parse
from explorer.widgets.background import Answer, Background
from explorer.widgets.labels import told_apart
from explorer.widgets.run_on_show import uploads
from llm.corpora.catalog import documents
from llm.tokenizers.base import without_lone_surrogates

TYPED = "typed"
UPLOAD = "upload:"
EXAMPLES = {"stories": "Example: stories", "standard_library": "Example: Python code"}
CHARACTERS = {"stories": 60_000, "standard_library": 100_000}
FIRST_WORDS = "the cat and the other cat saw the hat; then the cat sat on the hat, and there they sat together."
LONGEST_TYPED = 20_000  # characters; a longer text is uploaded
LONGEST_LINK = 1_000
MOST_MERGES = 4_000
EVERY = 0.5  # seconds between two looks at a training that takes longer

_LESSON, _MERGE, _ATTEMPT = "_lesson", "_lesson_merge", "_lesson_attempt"
_NEXT = "_lesson_next"  # an upload that was just taken, for the next run
_ADDRESS = Address("learn", "merges", "merge", "typed")
_TRAININGS = Background(threads=2, most=12)
_SHORT = Background(most=12)  # apart, so that nothing short waits for a long one
AT_ONCE = 3.0  # seconds in which a short text is waited for without a word
_STOPPED: set[object] = set()


@dataclass(frozen=True)
class Lesson:
    """A text and a number of merges."""

    source: str = "stories"  # an example, TYPED or UPLOAD and a hash
    n_merges: int = 500
    typed: str = FIRST_WORDS

    @property
    def key(self) -> tuple[str, int, str]:
        """What the answer depends on."""
        return self.source, self.n_merges, self.typed if self.source == TYPED else ""


class StoppedError(ValueError):
    """The reader stopped it."""


def chosen() -> Lesson:
    """The fields, and what stands in them."""
    lesson = _opened()
    own = {f"{UPLOAD}{text.sha256}": text.name for text in uploads().all()}
    names = told_apart({TYPED: "A text you type", **EXAMPLES, **own})
    if lesson.source not in names:
        lesson = replace(lesson, source=Lesson().source)
    with st.container(key="lesson", horizontal=True, vertical_alignment="bottom", gap="small"):
        st.session_state["learn_from"], st.session_state["learn_merges"] = lesson.source, lesson.n_merges
        source = st.selectbox(
            "Learn from", list(names), format_func=lambda name: names[name], key="learn_from", width=260
        )
        merges = st.number_input("Merges", 1, MOST_MERGES, step=100, key="learn_merges", width=140)
        with st.popover("Upload a text", key="learn_upload_open"):
            uploaded = _uploader()
    lesson = replace(lesson, source=uploaded or source, n_merges=int(merges))
    if lesson.source == TYPED:
        st.session_state["learn_typed"] = lesson.typed
        typed = st.text_area("Your text", key="learn_typed", max_chars=LONGEST_TYPED, height=96)
        lesson = replace(lesson, typed=without_lone_surrogates(typed or ""))
    st.session_state[_LESSON] = lesson
    if uploaded:
        st.session_state[_NEXT] = uploaded
        st.rerun()
    return lesson


def _opened() -> Lesson:
    """The lesson of this session, or of the link that was opened."""
    link = _ADDRESS.opened()
    if link is None:
        kept: Lesson = st.session_state.get(_LESSON, Lesson())
        for field, name in (("source", "learn_from"), ("n_merges", "learn_merges"), ("typed", "learn_typed")):
            if (now := st.session_state.get(name)) is not None:
                kept = replace(kept, **{field: now})
        return replace(kept, source=st.session_state.pop(_NEXT, kept.source))
    asked = parse(link.get("merges")) or Lesson.n_merges
    typed = without_lone_surrogates(link.get("typed", FIRST_WORDS))[:LONGEST_TYPED]
    lesson = Lesson(link.get("learn", Lesson.source), min(asked, MOST_MERGES), typed)
    if (merge := parse(link.get("merge"))) is not None:
        st.session_state[_MERGE] = lesson.key, merge
    return lesson


def merge_of(lesson: Lesson, learned: Learned, opening: int) -> int:
    """How many merges the reader looks at; the address is made to say so."""
    key, merge = st.session_state.get(_MERGE, (None, 0))
    merge = min(merge, len(learned.merges)) if key == lesson.key else opening
    said = {"learn": lesson.source, "merges": str(lesson.n_merges), "merge": str(merge)}
    usual = {"learn": Lesson.source, "merges": str(Lesson.n_merges), "merge": str(opening)}
    values = {name: value for name, value in said.items() if value != usual[name]}
    if lesson.source == TYPED and lesson.typed != FIRST_WORDS and len(lesson.typed) <= LONGEST_LINK:
        values["typed"] = lesson.typed
    _ADDRESS.say(values)
    return merge


def keep_merge(merge: int) -> None:
    """Remember where the handle stands; for a callback."""
    st.session_state[_MERGE] = st.session_state.get(_LESSON, Lesson()).key, merge
    _ADDRESS.keep()


def learned(lesson: Lesson) -> Learned | None:
    """What was learned, at once for a short text; else progress is shown, and nothing comes back until it is done."""
    key = (*lesson.key, st.session_state.get(_ATTEMPT, 0))
    text = _reader(lesson)
    short = lesson.source in EXAMPLES or lesson.source == TYPED
    place, until = _SHORT if short else _TRAININGS, time.monotonic() + (AT_ONCE if short else 0)
    answer = place.ask(key, _training(key, lesson, text))
    while answer.pending and time.monotonic() < until:
        time.sleep(0.01)
        answer = place.ask(key, _training(key, lesson, text))
    if answer.pending:
        _waiting(key, lambda: place.ask(key, _training(key, lesson, text)))
        return None
    if answer.error:
        st.html(f'<p class="vitrine-said" role="alert">{escape(answer.error)}</p>')
        st.button("Learn again", key="learn_again", on_click=_again)
        return None
    found: Learned = answer.value
    return found


def _training(key: object, lesson: Lesson, text: Callable[[], str]) -> Callable[[Callable[[str], None]], Learned]:
    def make(say: Callable[[str], None]) -> Learned:
        def tell(words: str) -> None:
            if key in _STOPPED:
                raise StoppedError("You stopped it; nothing was learned.")
            say(words)

        return learn(text(), lesson.n_merges, say=tell)

    return make


def text_of(lesson: Lesson) -> str:
    """What is learned from. Raises UploadError where it is gone."""
    return _reader(lesson)()


def _reader(lesson: Lesson) -> Callable[[], str]:
    """What gives the text, so that a long one is read only where it is learned from."""
    if lesson.source == TYPED:
        return lambda: lesson.typed
    if lesson.source.startswith(UPLOAD):
        kept = uploads()
        return lambda: kept.text(lesson.source.removeprefix(UPLOAD))
    return lambda: _example(lesson.source)


def name_of(lesson: Lesson) -> str:
    """A short name for what is learned from it."""
    if not lesson.source.startswith(UPLOAD):
        return {TYPED: "my text", "standard_library": "python"}.get(lesson.source, lesson.source)
    kept = uploads().get(lesson.source.removeprefix(UPLOAD))
    return Path(kept.name).stem[:40] if kept else "my text"


@cache
def _example(name: str) -> str:
    if name == "stories":  # the first document is a list of all words there are
        return "\n".join(documents("stories", 0, CHARACTERS[name])[1:])
    return "\n".join(documents("standard_library", 0, CHARACTERS[name]))


def _waiting(key: object, ask: Callable[[], Answer]) -> None:
    @st.fragment(run_every=EVERY)
    def progress() -> None:
        answer = ask()
        if not answer.pending:
            st.rerun()
        st.html(f'<p class="vitrine-note" role="status">{escape(answer.phase or "Waiting for its turn")}</p>')
        st.button("Stop", key="learn_stop", on_click=_STOPPED.add, args=(key,))

    progress()


def _again() -> None:
    st.session_state[_ATTEMPT] = st.session_state.get(_ATTEMPT, 0) + 1


def _uploader() -> str | None:
    """The source of a text that was just uploaded."""
    st.html(f'<style>:root {{ --vitrine-upload: "Plain text, up to {LARGEST >> 20} MB"; }}</style>')
    given = st.file_uploader("Your own text", key="learn_upload", help="It stays on this machine.")
    if given is None or st.session_state.get("_learn_taken") == given.file_id:
        return None
    bad = bool(st.session_state.get("_learn_replace"))
    try:
        kept = uploads().add(given.name, read(given.getvalue(), bad))
    except UploadError as error:
        st.html(f'<p class="vitrine-said" role="alert">{escape(str(error))}</p>')
        if error.bad_bytes:
            many = "one bad byte" if error.bad_bytes == 1 else f"{count(error.bad_bytes)} bad bytes"
            st.button(
                f"Replace {many}",
                key="learn_replace",
                on_click=lambda: st.session_state.update({"_learn_replace": True}),
            )
        return None
    st.session_state.update({"_learn_taken": given.file_id, "_learn_replace": False})
    return f"{UPLOAD}{kept.sha256}"
