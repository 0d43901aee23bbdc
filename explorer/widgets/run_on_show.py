"""Which run the page shows: named in the address, else the newest that is alive, else the newest, else the shipped."""

import streamlit as st

from explorer import paths
from explorer.runs.store import Runs
from explorer.runs.uploads import Uploads
from explorer.widgets.address import Address
from llm.runs.config import RunError
from llm.runs.directory import RunDirectory

_ADDRESS = Address("run")
_STATE = "_run"


def runs() -> Runs:
    """All runs of this home, and the shipped ones."""
    return Runs(paths.home(), paths.ASSETS / "runs")


def uploads() -> Uploads:
    """The person's own texts."""
    return Uploads(paths.uploads())


def run_on_show() -> tuple[RunDirectory | None, str]:
    """The run, and a note where one was asked for that is not there."""
    link = _ADDRESS.opened()
    asked = link["run"] if link else st.session_state.get(_STATE)
    found = _get(asked)
    note = "" if found or not asked else "The run that was asked for is not here; this is the newest one."
    found = found or _get(st.session_state.get(_STATE)) or _newest()
    st.session_state[_STATE] = found.id if found else None
    return found, note


def name_in_address(run: RunDirectory | None) -> None:
    """Make the address say it, once the page shows it: an address never names a run beside the picture of another."""
    _ADDRESS.say({"run": run.id} if run else {})


def show_run(id: str) -> None:
    """Show this one from the next run of the page on."""
    st.session_state[_STATE] = id
    _ADDRESS.keep()


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
