"""Which run the page shows: named in the address, else the newest that is alive, else the newest, else the shipped."""

import streamlit as st

from explorer import paths
from explorer.runs.store import Runs
from explorer.runs.uploads import Uploads
from llm.runs.config import RunError
from llm.runs.directory import RunDirectory

PARAMETER = "run"
_STATE = "_run"


def runs() -> Runs:
    """All runs of this home, and the shipped ones."""
    return Runs(paths.home(), paths.ASSETS / "runs")


def uploads() -> Uploads:
    """The person's own texts."""
    return Uploads(paths.uploads())


def run_on_show() -> tuple[RunDirectory | None, str]:
    """The run, which the address is made to say, and a note where the address asked for one that is not there."""
    asked, note = st.query_params.get(PARAMETER), ""
    found = _get(asked) if asked else None
    if asked and not found:
        note = "The link asked for a run that is not here; this is the newest one."
    found = found or _get(st.session_state.get(_STATE)) or _newest()
    st.session_state[_STATE] = found.id if found else None
    if found and asked != found.id:
        st.query_params[PARAMETER] = found.id
    elif not found and asked is not None:
        del st.query_params[PARAMETER]
    return found, note


def show_run(id: str) -> None:
    """Show this one from now on."""
    st.session_state[_STATE] = id
    st.query_params[PARAMETER] = id


def is_own(run: RunDirectory) -> bool:
    """Whether it may be written to: a shipped run is read only."""
    return not run.path.is_relative_to(paths.ASSETS)


def _get(id: object) -> RunDirectory | None:
    try:
        return runs().get(id) if isinstance(id, str) and id else None
    except RunError:
        return None


def _newest() -> RunDirectory | None:
    own = runs().own()
    live = [run for run in own[:50] if run.status().live or run.status().state == "queued"]
    return next(iter([*live, *own, *runs().all()]), None)
