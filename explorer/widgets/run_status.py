"""Where the run on show stands, in one row: its state, its pace, and what can be done about it."""

import math
from collections.abc import Callable
from html import escape

import numpy as np
import streamlit as st

from explorer import run_resources
from explorer.analysis.curves import Metrics
from explorer.display import count, duration, loss
from explorer.widgets.run_on_show import is_own, runs
from explorer.widgets.run_words import STATES
from llm.runs.config import RunError
from llm.runs.directory import RunDirectory, Status

SCALES = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0)
PACE = 100  # updates that a pace is taken from
_SAID = "_run_refused"


def ticking(status: Status) -> float | None:
    """Seconds between looks at a run: only one that can change by itself is looked at again."""
    return 1.0 if status.live or status.state == "queued" else None


def status_row(run: RunDirectory) -> None:
    """Draw it, looking again each second while the run is alive; a change of state draws the whole page anew."""
    drawn = run.status()

    @st.fragment(run_every=ticking(drawn))
    def row() -> None:
        status = run_resources.run_status(run)
        if status.state != drawn.state:
            st.rerun()
        _row(run, status)

    row()


def _row(run: RunDirectory, status: Status) -> None:
    metrics = run_resources.run_metrics(run.path)
    with st.container(key="run_status", gap=None):
        with st.container(key="run_status_row", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(
                f'<div class="vitrine-status" role="status" data-run="{escape(run.id)}">'
                f"{_state(run, status)}{_figures(run, status, metrics)}</div>"
            )
            for label, act in _actions(run, status):
                st.button(label, key=f"run_{label.lower()}", on_click=_trying(act))
        done = status.step / status.steps if status.steps else 0.0
        st.html(
            '<div class="vitrine-progress" role="progressbar" aria-label="Updates done" aria-valuemin="0" '
            f'aria-valuemax="{status.steps}" aria-valuenow="{status.step}">'
            f'<i style="width:{100 * done:.2f}%"></i></div>'
        )
        if said := st.session_state.pop(_SAID, "") or _trouble(run, status):
            st.html(f'<p class="vitrine-said" role="alert">{escape(said)}</p>')


def _state(run: RunDirectory, status: Status) -> str:
    word = STATES[status.state]
    if status.state == "running" and (want := run.control().want) != "run":
        word = {"pause": "Pausing", "stop": "Stopping"}[want]
    dot = "vitrine-dot" if status.live else "vitrine-dot vitrine-still"
    return f'<b><i class="{dot}"></i>{word}</b>'


def _figures(run: RunDirectory, status: Status, metrics: Metrics) -> str:
    if status.state == "queued":
        return _named(run) + _fact("", _waits(run))
    if status.state == "preparing":
        return _named(run) + _fact("", status.message or "reading the text")
    done = int(metrics.step[-1]) if status.state == "running" and len(metrics.step) else status.step  # as the curves
    facts = [_named(run), _fact("step", f"{done:,}", f"of {status.steps:,}")]
    if len(metrics.tokens):
        facts.append(_fact("tokens", count(metrics.tokens[-1])))
    if status.state in ("running", "paused") and (pace := pace_of(metrics)):
        facts.append(_fact("tokens per second", count(pace[1])))
        facts.append(_fact("left", duration(pace[0] * max(0, status.steps - status.step))))
    elif len(metrics.tokens):
        if len(seen := metrics.evaluated):
            best = float(metrics.validation_loss[seen].min())
            facts.append(_fact("best validation", loss(best), "nats"))
        facts.append(_fact("time", duration(status.seconds or float(metrics.seconds[-1]))))
    return "".join(facts)


def _named(run: RunDirectory) -> str:
    """Which run this is, and whether it came with the program."""
    came = "" if is_own(run) else "<span>shipped with Vitrine</span>"
    return f'<span class="vitrine-named"><strong>{escape(run.label().name or run.id)}</strong>{came}</span>'


def _waits(run: RunDirectory) -> str:
    store = runs()
    place = store.position(run.id)
    if place is None:
        return "starting"
    if not store.attended():
        return "for a worker"
    return f"{place} before it" if place else "next"


def pace_of(metrics: Metrics) -> tuple[float, float] | None:
    """Seconds an update and tokens a second, of the newest updates; None before there are two."""
    seconds, tokens = metrics.seconds[-PACE:], metrics.tokens[-PACE:]
    if len(seconds) < 2:
        return None
    each = float(np.median(np.diff(seconds)))
    if not (math.isfinite(each) and each > 0):
        return None
    return each, float(np.median(np.diff(tokens))) / each


def _fact(name: str, value: str, after: str = "") -> str:
    name, after = (f"<span>{escape(text)}</span>" if text else "" for text in (name, after))
    return f"<span>{name}<strong>{escape(value)}</strong>{after}</span>"


def _trouble(run: RunDirectory, status: Status) -> str:
    """Why a run ended otherwise than wished, what to do, and what is left of it."""
    if status.state not in ("failed", "killed", "damaged"):
        return ""
    kept = list(run.steps())
    good = f" The last good checkpoint is of step {kept[-1]:,}." if kept else " No checkpoint was written yet."
    said = status.message or "The run ended without a word."
    return said if status.state == "damaged" or "checkpoint" in said else said + good


def _actions(run: RunDirectory, status: Status) -> list[tuple[str, Callable[[], object]]]:
    """What can be done now, by name."""
    if not is_own(run):
        return []
    store, id, want = runs(), run.id, run.control().want
    stop = ("Stop", lambda: store.stop(id))
    match status.state:
        case "queued" | "preparing":
            return [stop]
        case "running" if want == "run":
            return [("Pause", lambda: store.pause(id)), stop]
        case "running" if want == "pause":
            return [("Continue", lambda: store.resume(id)), stop]
        case "paused" if want != "stop":
            return [("Continue", lambda: store.resume(id)), stop]
        case "stopped" | "failed" | "killed":
            return [("Resume", lambda: store.resume(id))]
    return []


def _trying(act: Callable[[], object]) -> Callable[[], None]:
    """A callback that says why it was refused."""

    def tried() -> None:
        try:
            act()
        except (RunError, OSError) as error:
            st.session_state[_SAID] = str(error)

    return tried


def rate_control(run: RunDirectory) -> None:
    """The learning rate while the run is alive, as a multiple of its schedule; recorded as an event of the run."""
    now = run.control().lr_scale
    key, drawn = f"lr_scale_{run.id}", f"_lr_scale_drawn_{run.id}"
    scales = sorted({*SCALES, now})
    if st.session_state.get(key, now) != now:  # only then, or a page overtaken by a choice would undo it
        st.session_state[key] = now  # whoever asked for it: another window may have

    def changed() -> None:
        if drawn not in st.session_state:  # a browser that comes back to a new server says what it last showed
            return
        _trying(lambda: runs().set_lr_scale(run.id, float(st.session_state[key])))()

    st.selectbox(
        "Learning rate",
        scales,
        scales.index(now),
        key=key,
        on_change=changed,
        format_func=lambda scale: "as planned" if scale == 1 else f"× {scale:g}",
        help="Times what the schedule says from the next update on; the run's record keeps it.",
    )
    st.session_state[drawn] = True
