"""The checkpoints of the run on show on one line: look at any of them, or play the training from its start."""

from typing import Any

import streamlit as st

from explorer.resources import validation_loss
from explorer.run_resources import run_metrics
from explorer.widgets import on_show
from explorer.widgets.address import parse
from explorer.widgets.component import picture
from explorer.widgets.on_show import Shown

KEY = "timeline"
EVERY = 2.0  # seconds between two looks for new checkpoints of a live run
_PICTURE = picture("timeline", "scale", "track", "playing")


def timeline(shown: Shown) -> None:
    """Draw it; while the run is alive, with the checkpoints as they come."""
    if not (shown.run and shown.run.status.live):
        _draw(shown)
        return

    @st.fragment(run_every=EVERY)
    def growing() -> None:
        fresh = on_show.refreshed(shown)
        if (fresh.step, fresh.run.status.live if fresh.run else False) != (shown.step, True):
            st.rerun()
        _draw(fresh)

    growing()


def _draw(shown: Shown) -> None:
    with st.container(key="timeline_row"):
        _PICTURE(key=KEY, data=payload(shown), on_step_change=_on_step, on_follow_change=_on_follow)


def payload(shown: Shown) -> dict[str, Any]:
    """What timeline.js reads: a step and a validation loss for each checkpoint, and where the reader is.

    A checkpoint that no loss was measured at comes with the nearest evaluation and its step.
    """
    assert shown.run
    status, losses = shown.run.status, [validation_loss(path) for path in shown.paths]
    unmeasured = [step for step, loss in zip(shown.steps, losses, strict=True) if loss is None]
    near = run_metrics(shown.run.directory.path).evaluations_near(unmeasured) if unmeasured else []
    return {
        "run": shown.key,
        "steps": list(shown.steps),
        "losses": losses,
        "near": dict(zip(unmeasured, near, strict=True)),
        "step": shown.step,
        "last": max(status.steps, shown.steps[-1]),
        "live": status.live,
        "follow": shown.follow,
        "note": shown.note,
    }


def _on_step() -> None:
    step = parse(st.session_state[KEY].get("step"))
    if step is not None:
        on_show.look_at(step)


def _on_follow() -> None:
    on_show.follow(bool(st.session_state[KEY].get("follow")))
