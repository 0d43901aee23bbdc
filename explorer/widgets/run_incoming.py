"""What can be brought into the ledger: a run from a zip, and what lies in the trash until that is emptied."""

from html import escape

import streamlit as st

from explorer.runs.archive import import_zip
from explorer.runs.store import Runs
from explorer.widgets import run_table
from explorer.widgets.run_answers import answer, attempt, bring_back, say

LARGEST_UPLOAD = 200  # MB


def take_in(runs: Runs) -> None:
    """Import a run from a zip."""
    with st.expander("Import a run", key="run_take_in"):
        st.file_uploader(
            "A zip that Vitrine exported",
            type="zip",
            max_upload_size=LARGEST_UPLOAD,
            key="run_import",
            on_change=_imported,
            args=(runs,),
            help="A larger one: python -m explorer runs import",
        )
        answer(runs, "import")


def _imported(runs: Runs) -> None:
    given = st.session_state.get("run_import")
    if given is None:
        return

    def act() -> None:
        new = import_zip(given, runs)
        run_table.show(new)
        say("import", f"{runs.get(new).label().name or new} is in the ledger above, and open.")

    attempt("import", act)


def trash(runs: Runs) -> None:
    """What was deleted, until the trash is emptied."""
    if found := runs.trash():
        with st.expander(f"Trash, {_many(len(found))}", key="run_trash"):
            for run in found:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.html(f'<p class="vitrine-note">{escape(run.label().name or run.id)}</p>')
                    key = f"restore_{run.id}"
                    st.button("Bring back", key=key, type="tertiary", on_click=bring_back, args=(runs, run.id, "trash"))
            with st.popover("Empty the trash"):
                st.html('<p class="vitrine-note">These runs, their checkpoints included, will be gone for good.</p>')
                st.button("Delete for good", key="run_empty", on_click=_emptied, args=(runs, len(found)))
    answer(runs, "trash")


def _emptied(runs: Runs, n: int) -> None:
    def act() -> None:
        runs.empty_trash()
        say("trash", f"{_many(n)} {'is' if n == 1 else 'are'} gone for good.")

    attempt("trash", act)


def _many(n: int) -> str:
    return f"{n} run{'' if n == 1 else 's'}"
