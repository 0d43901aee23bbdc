"""Which run's heads are on show: named in the address, followed while it trains, started and stopped on a click."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from explorer import paths
from explorer.analysis.birth import unfit
from explorer.run_resources import runs_now
from explorer.runs.presets import PRESETS
from explorer.runs.store import Runs
from explorer.widgets.address import Address, parse
from explorer.widgets.header import Depth, PageHeader
from explorer.widgets.induction import KEY, induction_picture, lead, so_far
from explorer.widgets.induction_gather import Asked, Birth, gather
from explorer.widgets.notice import empty, problem
from explorer.widgets.run_on_show import is_own
from explorer.widgets.run_status import status_row
from llm.runs.config import RunConfig, RunError
from llm.runs.directory import RunDirectory, Status

RUN = "run"
PRESET = "induction"
_CHOSEN = "_induction_chosen"  # a run's id and what the reader chose there, whatever becomes of the picture
_NEXT = "_induction_next"  # the run to show from now on
_FAILED = "_induction_failed"  # why a run could not be started
_NAMES = {"text": "row", "silent": "silent", "way": "way", "at": "at"}  # of a choice, in the address
_ADDRESS = Address(*_NAMES.values())


def show(top: PageHeader) -> None:
    """The picture of the run in the address, else of the first there is; says so where there is none."""
    found = shown_runs()
    if not found:
        empty("No run of repeated lists is here yet.", ("Train one", train))
        return
    if following := st.session_state.pop(_NEXT, ""):
        st.query_params[RUN] = following
    wanted = st.query_params.get(RUN)
    if other := next((now for now in runs_now() if now.key == wanted and wanted not in found), None):
        first = next(iter(found))
        problem(f"{other.name} cannot be shown here.", why_not(other.directory), ("Show another", lambda: _go(first)))
        return
    if failed := st.session_state.pop(_FAILED, ""):
        problem("The run could not be started.", failed)
    run = found.get(wanted or "", next(iter(found.values())))
    try:
        config = run.config()
    except RunError as error:
        problem("The run was removed while this page read it.", str(error))
        return
    status = run.status()
    birth = gather(run.steps(), config.corpus_seed, _asked(run, status), patience=0.0)
    said, busy = _lead(run, status, birth), _busy(status, birth)
    top.lead(said)
    if is_own(run):
        status_row(run)
        with st.container(key="birth_train"):
            st.page_link(paths.PAGES / "train.py", label="Its recipe and all its curves", query_params={RUN: run.id})
    st.fragment(_follow, run_every=1.0 if busy else None)(run, config, top.depth, said, busy, [])


def _follow(run: RunDirectory, config: RunConfig, depth: Depth, said: str, busy: bool, opened: list[Asked]) -> None:
    """The picture, again while there is more to come; what stands outside it is left to a run of the whole page.

    Where a picture begins is told by the page's run and the part's first run alone, for a change of it sends all of the
    picture again. The second is needed: a part that runs before what the page's run drew last was sent takes its place,
    and the browser, which hears that the page ran without it, begins the picture anew.
    """
    status = run.status()
    asked = _asked(run, status)
    if len(opened) < 2:
        opened.append(asked)
    birth = gather(run.steps(), config.corpus_seed, asked)
    if birth:
        names = {id: one.label().name or id for id, one in shown_runs().items()}
        about = {"id": run.id, "steps": config.training.steps, "names": names, "done": status.step}
        answer = induction_picture(birth, about, status, asked, opened[-1], depth)
        if answer.train:
            train()
            st.rerun()
        if answer.run in names and answer.run != run.id:
            _go(answer.run)
            st.rerun()
    if said != _lead(run, status, birth) or busy != _busy(status, birth):
        st.rerun()


def _lead(run: RunDirectory, status: Status, birth: Birth | None) -> str:
    if birth is None:
        return _waiting(run, status)
    return so_far(birth) if status.live else lead(birth)


def _busy(status: Status, birth: Birth | None) -> bool:
    """Whether there will be more to show without a word from the reader."""
    return status.live or status.state == "queued" or (birth is not None and birth.pending > 0)


def _waiting(run: RunDirectory, status: Status) -> str:
    """What a run without a checkpoint is waiting for."""
    name = run.label().name or run.id
    if status.state != "queued":
        return f"{name}: {status.message or 'on the way to its first checkpoint'}."
    before = Runs(paths.home()).position(run.id) or 0
    return f"{name} waits for its turn; {before} run{'s' * (before != 1)} before it."


def _asked(run: RunDirectory, status: Status) -> Asked:
    """What the reader chose: as the picture says, else a link, else what the session kept; kept, and in the address."""
    sent = (st.session_state.get(KEY) or {}).get("asked")
    of, kept = st.session_state.get(_CHOSEN, ("", Asked()))
    if isinstance(sent, dict) and sent.get("run") == run.id:
        asked = choices(sent)
    elif (link := _ADDRESS.opened()) is not None:
        asked = choices({name: link.get(parameter) for name, parameter in _NAMES.items()})
    else:
        asked = kept if of == run.id else Asked(text=kept.text, way=kept.way)
    if status.live and asked.at is None:
        asked = replace(asked, follow=True)
    st.session_state[_CHOSEN] = run.id, asked
    said = {parameter: getattr(asked, name) for name, parameter in _NAMES.items()}
    _ADDRESS.say({name: str(value) for name, value in said.items() if value not in ("", "zero", None)})
    return asked


def choices(values: dict[str, Any]) -> Asked:
    """Untrusted values as choices; what cannot be is left out."""
    text, silent, way = (values.get(name) for name in ("text", "silent", "way"))
    return Asked(
        text=text[:500] if isinstance(text, str) else "",
        silent=silent[:20] if isinstance(silent, str) else "",
        way="mean" if way == "mean" else "zero",
        at=parse(values.get("at")),
        follow=values.get("follow") is True,
    )


def shown_runs() -> dict[str, RunDirectory]:
    """The runs that this page can show, by id: those in training first, then the shipped ones, then the newest."""
    fit = [now for now in runs_now() if not why_not(now.directory)]
    fit.sort(key=lambda now: (not now.status.live, not now.directory.path.is_relative_to(paths.ASSETS)))
    return {now.key: now.directory for now in fit}


def why_not(run: RunDirectory) -> str:
    """Why a run cannot be shown here, in a sentence; nothing where it can."""
    try:
        return unfit(run.config())
    except RunError as error:
        return str(error)


def train() -> None:
    """Put a run of the preset into the queue and look at it; says so where it cannot be."""
    try:
        _go(Runs(paths.home(), paths.ASSETS / "runs").submit(PRESETS[PRESET].config, name="My induction head"))
    except RunError as error:
        st.session_state[_FAILED] = str(error)


def _go(id: str) -> None:
    """Show this run from the next pass of the page on: what a part of a page writes in the address, a rerun forgets."""
    st.session_state[_NEXT] = id
