"""The picker of the model on show, and the way to it for every page: a run comes with its timeline."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from explorer import paths
from explorer.display import count
from explorer.resources import load_model
from explorer.run_resources import RunNow
from explorer.widgets import on_show
from explorer.widgets.banner import banner
from explorer.widgets.fields import hold
from explorer.widgets.labels import told_apart
from explorer.widgets.notice import empty, problem
from explorer.widgets.on_show import Shown
from explorer.widgets.timeline import timeline
from llm.checkpoint import Checkpoint, CheckpointError
from llm.model.size import size

KEY = "model_choice"
_SAID = "_model_picker_said"


def show() -> None:
    """Settle what is on show; the picker, for the sidebar, where there is a choice."""
    shown, choices = on_show.settle(), on_show.known()
    st.session_state[_SAID] = _says(shown, choices)
    offered = [
        key for key, one in choices.items() if isinstance(one, Path) or one.steps or (shown and shown.key == key)
    ]
    if shown is None or len(offered) < 2:
        return
    names = told_apart({key: label(key, choices.get(key)) for key in offered})
    hold(KEY, shown.key)
    st.selectbox(
        "Model",
        offered,
        key=KEY,
        format_func=lambda key: names.get(key, key),
        on_change=lambda: on_show.choose(st.session_state[KEY]),
    )
    if shown.note:
        st.caption(shown.note)


def holds() -> bool:
    """Whether the sidebar still says what is so: the model on show, those that can be chosen, and how runs stand."""
    return bool(st.session_state.get(_SAID) == _says(on_show.now(), on_show.known()))


def _says(shown: Shown | None, choices: Mapping[str, Path | RunNow]) -> tuple[object, ...]:
    runs = {key: one for key, one in choices.items() if isinstance(one, RunNow)}
    stand = [(label(key, run), bool(run.steps)) for key, run in runs.items()]
    return (shown and (shown.key, shown.note), [*choices], stand)


def label(key: str, one: Path | RunNow | None) -> str:
    """stories; An induction head is born, run finished."""
    return f"{one.name}, run {one.status.state}" if isinstance(one, RunNow) else key


def name() -> str | None:
    """The model on show as the address says it; None where none is installed."""
    return on_show.name()


def path() -> Path | None:
    """The checkpoint on show; of a run that at the step on show."""
    shown = on_show.now()
    return shown.path if shown else None


def chosen() -> Checkpoint:
    """The checkpoint on show, with its run's timeline and what is edited in it.

    Where there is none, or it is damaged, a sentence and an end.
    """
    shown = on_show.now()
    if shown is None:
        problem(
            "There is no model to show.",
            f"Expected a checkpoint under {paths.ASSETS} or {paths.home() / 'models'}; train one with: "
            f"python -m llm train --out runs/mine --export {paths.home() / 'models' / 'mine'}",
        )
        st.stop()
    if shown.run and not shown.steps:
        _awaited(shown)
        st.stop()
    if shown.run:
        timeline(shown)
    try:
        checkpoint = load_model(shown.path)
    except CheckpointError as error:
        if shown.run and not shown.path.exists():  # pruned since it was chosen: the nearest one takes its place
            st.rerun()
        what = f"Checkpoint {shown.step:,} of {shown.name}" if shown.run else f"The model {shown.name}"
        problem(f"{what} cannot be read.", str(error))
        st.stop()
    banner(checkpoint)
    return checkpoint


def _awaited(shown: Shown) -> None:
    """A run without a checkpoint: looked at again while one can still come."""
    assert shown.run
    status = shown.run.status
    coming = status.live or status.state == "queued"

    @st.fragment(run_every=2.0 if coming else None)
    def look() -> None:
        fresh = on_show.refreshed(shown)
        if fresh.steps or (fresh.run and on_show.is_gone(fresh.run)):
            st.rerun()
        remedy = (
            "this page shows it as soon as its first is written."
            if coming
            else "it ended before the first; resume it, or choose another model in the sidebar."
        )
        empty(f"The run {shown.name} has no checkpoint yet: {remedy}")

    look()


def facts(checkpoint: Checkpoint) -> str:
    """Size in a line: 4 layers · 4 heads · 1.1 M."""
    config = checkpoint.model.config
    layers, heads = config.n_layers, config.n_heads
    return f"{layers} layer{'s' * (layers > 1)} · {heads} head{'s' * (heads > 1)} · {count(size(config).parameters)}"
