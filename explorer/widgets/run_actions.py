"""What can be done with one run: name it, go on with it, branch from it, take it along, throw it away and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from urllib.parse import urlencode

import streamlit as st

from explorer.display import count, duration, loss
from explorer.runs.archive import export_zip, import_zip
from explorer.runs.store import Runs
from explorer.widgets import run_table
from explorer.widgets.run_ledger import Row, find, value_words
from llm.checkpoint_files import CheckpointError
from llm.runs.config import RunError
from llm.runs.directory import ENDED

LARGEST_UPLOAD = 200  # MB
_SAID = "_run_said"  # what the last action came to: a sentence, and the run that can be brought back


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
        _branch(runs, row)


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
    """Name and note, kept as soon as they are typed."""
    name, note = f"run_name_{row.id}", f"run_note_{row.id}"
    label = row.run.label()
    st.session_state.setdefault(name, label.name)
    st.session_state.setdefault(note, label.note)
    left, right = st.columns(2, gap="small")
    left.text_input(
        "Name",
        key=name,
        max_chars=60,
        placeholder=row.id,
        on_change=lambda: _do(lambda: runs.rename(row.id, st.session_state[name].strip())),
    )
    right.text_input(
        "Note",
        key=note,
        max_chars=300,
        placeholder="What was tried, and why",
        on_change=lambda: _do(lambda: runs.note(row.id, st.session_state[note].strip())),
    )


def _buttons(runs: Runs, row: Row) -> None:
    state, id = row.status.state, row.id
    if not row.shipped:
        if state in ("running", "preparing"):
            st.button("Pause", key="run_pause", on_click=_do, args=(partial(runs.pause, id),))
        if state == "paused" or (state in ENDED and row.status.step < row.status.steps and row.run.steps()):
            st.button("Resume", key="run_resume", on_click=_do, args=(partial(runs.resume, id),))
        if row.busy:
            st.button("Stop", key="run_stop", on_click=_do, args=(partial(runs.stop, id),))
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
        _say(f"A new run starts from the weights of {row.name} at step {step:,}.")

    _do(act)


def _delete(runs: Runs, row: Row) -> None:
    def act() -> None:
        runs.delete(row.id)
        if st.query_params.get("run") == row.id:
            del st.query_params["run"]
        _say(f"{row.name} lies in the trash.", row.id)

    _do(act)


def _restore(runs: Runs, id: str) -> None:
    def act() -> None:
        runs.restore(id)
        run_table.show(id)
        _say("It is back.")

    _do(act)


def _do(act: Callable[[], object]) -> None:
    """Try it; what went wrong is said on the next run of the page."""
    _say("")
    try:
        act()
    except (RunError, CheckpointError, OSError) as error:
        _say(str(error))


def _say(sentence: str, gone: str | None = None) -> None:
    st.session_state[_SAID] = (sentence, gone)


def said(runs: Runs) -> None:
    """What the last action came to, with a way back from a deletion."""
    sentence, gone = st.session_state.get(_SAID, ("", None))
    with st.container(key="run_said", horizontal=True, vertical_alignment="center"):  # there without words too: what
        if not sentence:  # follows keeps its place on the page, and with it how it is sorted
            return
        st.html(f'<p class="vitrine-note" role="status">{escape(sentence)}</p>')
        if gone:
            st.button("Undo", key="run_undo", type="tertiary", on_click=_restore, args=(runs, gone))


def take_in(runs: Runs) -> None:
    """Import a run from a zip."""
    with st.expander("Import a run"):
        st.file_uploader(
            "A zip that Vitrine exported",
            type="zip",
            max_upload_size=LARGEST_UPLOAD,
            key="run_import",
            on_change=_imported,
            args=(runs,),
            help="A larger one: python -m explorer runs import",
        )


def _imported(runs: Runs) -> None:
    given = st.session_state.get("run_import")
    if given is None:
        return

    def act() -> None:
        new = import_zip(given, runs)
        run_table.show(new)
        _say("The run is in the ledger.")

    _do(act)


def trash(runs: Runs) -> None:
    """What was deleted, until the trash is emptied."""
    found = runs.trash()
    if not found:
        return
    with st.expander(f"Trash, {len(found)} run{'s' * (len(found) > 1)}", key="run_trash"):
        for run in found:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.html(f'<p class="vitrine-note">{escape(run.label().name or run.id)}</p>')
                st.button(
                    "Bring back", key=f"restore_{run.id}", type="tertiary", on_click=_restore, args=(runs, run.id)
                )
        with st.popover("Empty the trash"):
            st.html('<p class="vitrine-note">These runs, their checkpoints included, will be gone for good.</p>')
            st.button("Delete for good", key="run_empty", on_click=_do, args=(runs.empty_trash,))


def recipes(found: Sequence[Row], slots: Sequence[str | None]) -> None:
    """Every choice of the chosen runs side by side."""
    shown = [row for id in slots if (row := find(found, id)) and row.facts.recipe]
    names = list(dict.fromkeys(name for row in shown for name in row.facts.recipe))
    head = "".join(f'<th scope="col">{escape(row.name)}</th>' for row in shown)
    lines = []
    for name in names:
        values = [value_words(row.facts.recipe.get(name)) for row in shown]
        cells = "".join(f"<td>{escape(value)}</td>" for value in values)
        mark = ' class="varies"' if len(set(values)) > 1 else ""
        lines.append(f'<tr{mark}><th scope="row">{escape(name)}</th>{cells}</tr>')
    st.html(
        '<div class="vitrine-recipes" tabindex="0" role="region" aria-label="Recipes"><table><thead><tr>'
        f'<th scope="col">Choice</th>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    )
