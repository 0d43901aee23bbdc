"""What byte-pair learning reads: an example, a text that is typed or uploaded, and how many merges it makes."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

from explorer.analysis.merging import MOST_MERGES, Learned, learn
from explorer.display import many
from explorer.runs.uploads import UploadError
from explorer.widgets.address import Address, parse
from explorer.widgets.background import Background, Say
from explorer.widgets.fields import hold
from explorer.widgets.labels import told_apart
from explorer.widgets.merging_upload import uploader
from explorer.widgets.notice import problem
from explorer.widgets.run_on_show import uploads
from explorer.widgets.split_pattern import CHOICE, FIELD, FIRST, OWN, SPLITS, own_field, split_choice
from explorer.widgets.waiting import waited
from llm.corpora.catalog import documents
from llm.tokenizers import own_pattern
from llm.tokenizers.base import without_lone_surrogates

TYPED = "typed"
UPLOAD = "upload:"
EXAMPLES = {"stories": "Example: stories", "standard_library": "Example: Python code"}
CHARACTERS = {"stories": 60_000, "standard_library": 100_000}
FIRST_WORDS = "the cat and the other cat saw the hat; then the cat sat on the hat, and there they sat together."
LONGEST_TYPED = 20_000  # characters; a longer text is uploaded
AT_ONCE, SOON = 3.0, 0.5  # seconds in which a short text, and one that may be long, is waited for without a word

_LESSON, _MERGE, _NOTE = "_lesson", "_lesson_merge", "_lesson_note"
_NEXT = "_lesson_next"  # an upload that was just taken, for the next run
_ADDRESS = Address("learn", "merges", "merge", "typed", "split", "pattern")
_FIELDS = {"source": "learn_from", "n_merges": "learn_merges", "typed": "learn_typed", "split": CHOICE, "own": FIELD}
_TRAININGS = Background(threads=2, most=12)
_SHORT = Background(most=12)  # apart, so that nothing short waits for a long one


@dataclass(frozen=True)
class Lesson:
    """A text, a number of merges, and what splits the text into words."""

    source: str = "stories"  # an example, TYPED or UPLOAD and a hash
    n_merges: int = 500
    typed: str = FIRST_WORDS
    split: str = "gpt4"  # a named pattern or OWN
    own: str = FIRST

    @property
    def pattern(self) -> str:
        """That splits the text."""
        return self.own if self.split == OWN else self.split

    @property
    def key(self) -> tuple[str, int, str, str]:
        """What the answer depends on."""
        return self.source, self.n_merges, self.typed if self.source == TYPED else "", self.pattern


def chosen() -> Lesson:
    """The fields, what stands in them, and what of it could not be had."""
    own = {f"{UPLOAD}{text.sha256}": text.name for text in uploads().all()}
    names = told_apart({TYPED: "A text you type", **EXAMPLES, **own})
    lesson = _settled(_opened(), names)
    with st.container(key="lesson", horizontal=True, vertical_alignment="bottom", gap="small"):
        hold("learn_from", lesson.source)
        hold("learn_merges", lesson.n_merges)
        source = st.selectbox(
            "Learn from", list(names), format_func=lambda name: names[name], key="learn_from", width=260
        )
        merges = st.number_input(f"Merges, 1 to {MOST_MERGES:,}", step=100, key="learn_merges", width=140)
        split = split_choice(lesson.split)
        uploaded = uploader()
    taken = f"{UPLOAD}{uploaded}" if uploaded else None
    lesson = replace(lesson, source=taken or source, n_merges=int(merges), split=split)
    if lesson.source == TYPED:
        hold("learn_typed", lesson.typed)
        typed = st.text_area("Your text", key="learn_typed", max_chars=LONGEST_TYPED, height=96)
        lesson = replace(lesson, typed=without_lone_surrogates(typed or ""))
    if lesson.split == OWN:
        lesson = replace(lesson, own=own_field(lesson.own))
    st.session_state[_LESSON] = lesson
    if taken:
        st.session_state[_NEXT] = taken
        st.rerun()
    return lesson


def _opened() -> Lesson:
    """The lesson of this session, or of the link that was opened."""
    link = _ADDRESS.opened()
    if link is None:
        kept: Lesson = st.session_state.get(_LESSON, Lesson())
        for field, name in _FIELDS.items():
            if (now := st.session_state.get(name)) is not None:
                kept = replace(kept, **{field: now})
        return replace(kept, source=st.session_state.pop(_NEXT, kept.source))
    typed = without_lone_surrogates(link.get("typed", FIRST_WORDS))
    pattern = without_lone_surrogates(link.get("pattern", FIRST))
    n_merges, merge = parse(link.get("merges")), parse(link.get("merge"))
    lesson = Lesson(
        link.get("learn", Lesson.source),
        Lesson.n_merges if n_merges is None else n_merges,
        typed[:LONGEST_TYPED],
        link.get("split", Lesson.split),
        pattern[: own_pattern.LONGEST],
    )
    had = []
    if "merges" in link and n_merges is None:
        had.append(_expected(f"1 to {MOST_MERGES:,} merges", link["merges"], f"learning {lesson.n_merges:,}"))
    if "merge" in link and merge is None:
        had.append(_expected("the number of a merge", link["merge"], "showing the one that the page opens with"))
    for what, given, most in (("text", typed, LONGEST_TYPED), ("split pattern", pattern, own_pattern.LONGEST)):
        if len(given) > most:
            had.append(f"The link's {what} is {len(given):,} characters long: its first {most:,} are used.")
    _say_later(lesson, " ".join(had))
    if merge is not None:
        st.session_state[_MERGE] = lesson.key, merge
    return lesson


def _expected(what: str, got: str, instead: str) -> str:
    return f"Expected {what} in the link, got “{got[:20]}”; {instead}."


def _settled(lesson: Lesson, names: Collection[str]) -> Lesson:
    """With a text that is here, and as many merges as can be learned."""
    n = min(MOST_MERGES, max(1, lesson.n_merges))
    source = lesson.source if lesson.source in names else Lesson.source
    had = _said(lesson)
    if n != lesson.n_merges:
        had += f" Expected 1 to {MOST_MERGES:,} merges, got {lesson.n_merges:,}; learning {n:,}."
    if source != lesson.source:
        had += f" The text asked for is not here; showing {EXAMPLES[source]}."
    split = lesson.split if lesson.split in SPLITS else Lesson.split
    if split != lesson.split:
        had += f" There is no split pattern named “{lesson.split[:20]}”; {SPLITS[split]} is used."
    if (found := replace(lesson, source=source, n_merges=n, split=split)) != lesson:
        _say_later(found, had)
        key, merge = st.session_state.get(_MERGE, (None, 0))
        st.session_state[_MERGE] = found.key if key == lesson.key else key, merge
    return found


def _say_later(lesson: Lesson, words: str) -> None:
    """What was asked for and not had, to be said while this lesson is on show."""
    st.session_state[_NOTE] = lesson.key, words.strip()


def _said(lesson: Lesson) -> str:
    key, words = st.session_state.get(_NOTE, (None, ""))
    return str(words) if key == lesson.key else ""


def say_notes(lesson: Lesson) -> None:
    """Say it, and of an upload that no link can hold it."""
    if words := _said(lesson):
        st.html(f'<p class="vitrine-said vitrine-noted" role="status">{escape(words)}</p>')
    if lesson.source.startswith(UPLOAD):
        st.html('<p class="vitrine-unlinked" hidden>it opens your upload on this machine only</p>')


def merge_of(lesson: Lesson, learned: Learned, opening: int) -> int:
    """How many merges the reader looks at; the address is made to say so."""
    key, merge = st.session_state.get(_MERGE, (None, 0))
    if key != lesson.key:
        merge = opening
    elif merge > (most := len(learned.merges)):
        had = f"The link asks for merge {merge:,}; this text has {many(most, 'merge')}, so the last is shown."
        _say_later(lesson, f"{_said(lesson)} {had}")
        merge = most
        st.session_state[_MERGE] = lesson.key, merge
    said = {"learn": lesson.source, "merges": str(lesson.n_merges), "merge": str(merge), "split": lesson.split}
    usual = {"learn": Lesson.source, "merges": str(Lesson.n_merges), "merge": str(opening), "split": Lesson.split}
    values = {name: value for name, value in said.items() if value != usual[name]}
    if lesson.source == TYPED:
        values["typed"] = lesson.typed
    if lesson.split == OWN and lesson.own != FIRST:
        values["pattern"] = lesson.own
    _ADDRESS.say(values)
    return merge


def keep_merge(merge: int) -> None:
    """Remember where the handle stands; for a callback."""
    st.session_state[_MERGE] = st.session_state.get(_LESSON, Lesson()).key, merge
    _ADDRESS.keep()


def learned(lesson: Lesson) -> Learned | None:
    """What was learned, at once for a short text; else progress is shown, and nothing comes back until it is done."""
    text = _reader(lesson)
    short = not lesson.source.startswith(UPLOAD)

    def make(say: Say) -> Learned:
        return learn(text(), lesson.n_merges, lesson.pattern, say)

    found: Learned | None = waited(
        _SHORT if short else _TRAININGS, lesson.key, make, "learn", "Learn again", AT_ONCE if short else SOON
    )
    return found


def text_of(lesson: Lesson) -> str | None:
    """What is learned from; None, and a sentence, where it is gone."""
    try:
        return _reader(lesson)()
    except UploadError as error:
        problem("The text is gone.", str(error))
        return None


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


def try_example() -> None:
    """Learn from the example that the page opens with; for a callback."""
    st.session_state[_NEXT] = Lesson.source
    _ADDRESS.keep()
