"""What can be done with one run: name it, go on with it, branch from it, take it along, throw it away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from urllib.parse import urlencode

import streamlit as st

from explorer.display import count, duration, loss
from explorer.runs.archive import export_zip
from explorer.runs.store import Runs
from explorer.widgets import run_table
from explorer.widgets.run_answers import answer, attempt, say
from explorer.widgets.run_ledger import find, value_words
from explorer.widgets.run_rows import Row
from llm.runs.directory import ENDED


def run_actions(runs: Runs, row: Row) -> None:
    """The run that is open: where it stands, and what can be done with it."""
    with st.container(key="run_actions", gap=None):
        _head(row)
        if row.shipped:
            st.html('<p class="vitrine-note vitrine-quiet">It came with Vitrine: it is only to look at.</p>')
        else:
            _words(runs, row)
        with st.container(key="run_buttons", horizontal=True):
            _buttons(runs, row)
        answer(runs, "buttons")
        _branch(runs, row)
        answer(runs, "branch")


def _head(row: Row) -> None:
    facts = row.facts
    said = [f"step {row.status.step:,} of {row.status.steps:,}"]
    if facts.parameters:
        said.append(f"{count(facts.parameters)} parameters")
    if row.status.seconds:
        said.append(f"{duration(row.status.seconds)} of training")
    if facts.best is not None:
        said.append(f"best {loss(facts.best)} at step {facts.best_step:,}")
    links = [("Open on Train", f"train?{urlencode({'run': row.id})}")]
    if row.run.steps():
        links.append(("Show on every page", f"./?{urlencode({'model': row.id})}"))
    anchors = " ".join(f'<a href="{escape(to)}" target="_self">{escape(text)}</a>' for text, to in links)
    st.html(
        f'<div class="vitrine-run"><h2>{escape(row.name)}</h2><p>{escape(row.sentence)}</p>'
        f"<p>{escape(' · '.join(said))}</p><p>{anchors}</p></div>"
    )


def _words(runs: Runs, row: Row) -> None:
    """Name and note, kept as soon as they are typed.

    Each given as `value`, with every run of the page: one set in the session goes to the browser once, and where that
    page is overtaken by the next the browser answers with an empty field, which would be kept.
    """
    name, note = f"run_name_{row.id}", f"run_note_{row.id}"
    label = row.run.label()
    st.text_input(
        "Name",
        label.name,
        key=name,
        max_chars=60,
        placeholder=row.id,
        on_change=lambda: attempt("words", lambda: runs.rename(row.id, st.session_state[name].strip())),
    )
    st.text_input(
        "Note",
        label.note,
        key=note,
        max_chars=300,
        placeholder="What was tried, and why",
        on_change=lambda: attempt("words", lambda: runs.note(row.id, st.session_state[note].strip())),
    )
    answer(runs, "words")


def _buttons(runs: Runs, row: Row) -> None:
    state, id = row.status.state, row.id
    if not row.shipped:
        if state in ("running", "preparing"):
            said = "It pauses after the update it is doing; what waits may begin meanwhile."
            st.button("Pause", key="run_pause", on_click=_asked, args=(partial(runs.pause, id), said))
        if state == "paused" or (state in ENDED and row.status.step < row.status.steps and row.run.steps()):
            said = "It goes on." if state == "paused" else "It waits in the queue to go on from its newest checkpoint."
            st.button("Resume", key="run_resume", on_click=_asked, args=(partial(runs.resume, id), said))
        if row.busy:
            said = "It is out of the queue." if state == "queued" else "It stops after the update it is doing."
            st.button("Stop", key="run_stop", on_click=_asked, args=(partial(runs.stop, id), said))
        else:
            st.button("Delete", key="run_delete", on_click=_delete, args=(runs, row))
    if state != "damaged":
        st.download_button(
            "Export",
            data=partial(export_zip, row.run),
            file_name=f"{row.id}.zip",
            mime="application/zip",
            key="run_export",
            on_click="ignore",
            help="The whole run as a zip: recipe, curves, samples and checkpoints",
        )


def _branch(runs: Runs, row: Row) -> None:
    """A new run from the weights of one of this one's checkpoints."""
    steps = list(row.run.steps())
    if not steps or not row.facts.recipe:
        return
    with st.container(key="run_branch", horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Branch from step", steps, index=len(steps) - 1, format_func=count, key=f"branch_{row.id}")
        st.button("Branch", key="run_branch_go", on_click=_branched, args=(runs, row))


def _branched(runs: Runs, row: Row) -> None:
    def act() -> None:
        step = st.session_state[f"branch_{row.id}"]
        new = runs.branch(row.id, step)
        run_table.show(new)
        say("branch", f"This is the new run: it starts from the weights of {row.name} at step {step:,}.")

    attempt("branch", act)


def _asked(act: Callable[[], object], said: str) -> None:
    def asked() -> None:
        act()
        say("buttons", said)

    attempt("buttons", asked)


def _delete(runs: Runs, row: Row) -> None:
    def act() -> None:
        runs.delete(row.id)
        if st.query_params.get("run") == row.id:
            del st.query_params["run"]
        say("buttons", f"{row.name} lies in the trash.", row.id)

    attempt("buttons", act)


def recipes(found: Sequence[Row], slots: Sequence[str | None]) -> None:
    """Every choice of the chosen runs side by side."""
    shown = [row for id in slots if (row := find(found, id)) and row.facts.recipe]
    names = list(dict.fromkeys(name for row in shown for name in row.facts.recipe))
    head = "".join(f'<th scope="col">{escape(row.name)}</th>' for row in shown)
    lines = []
    for name in names:
        values = [value_words(name, row.facts.recipe.get(name)) for row in shown]
        cells = "".join(f"<td>{escape(value)}</td>" for value in values)
        mark = ' class="varies"' if len(set(values)) > 1 else ""
        lines.append(f'<tr{mark}><th scope="row">{escape(name)}</th>{cells}</tr>')
    st.html(
        '<div class="vitrine-recipes" tabindex="0" role="region" aria-label="Recipes"><table><thead><tr>'
        f'<th scope="col">Choice</th>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    )
