"""The passes of the Patching page: the patch by hand, and the sweep, which is asked for where it is long."""

import time
from collections.abc import Callable
from html import escape

import streamlit as st

from explorer import in_force
from explorer.analysis.edits import Means
from explorer.analysis.interventions import Part
from explorer.analysis.patching import QUICK, Answers, Said, Trial, Way, cells, cost, first_difference, sweep, trial
from explorer.display import count, duration
from explorer.resources import derived, effective, usual_results
from explorer.widgets.background import Background, Say
from explorer.widgets.patching_question import Question
from explorer.widgets.prompt import Prompt
from explorer.widgets.waiting import waited
from llm.checkpoint import Checkpoint
from llm.model.gpt import GPT
from llm.trace import Trace

SWEEPS = Background()
AT_ONCE = 6e9  # multiply-adds; a longer sweep is made beside the page, and one above QUICK when it is asked for
_WANTED = "_patching_wanted"


def swept(checkpoint: Checkpoint, text: Prompt, corrupted: Prompt, chosen: Answers, way: Way) -> Said | None:
    """Every cell of the grid; None while it is not there."""
    path, stack = checkpoint.path, effective(checkpoint.path)

    def made(say: Say) -> Said:
        began = time.monotonic()

        def told(done: int, total: int) -> None:
            left = f", about {duration((time.monotonic() - began) / done * (total - done))} left" if done else ""
            say(f"Patch {done:,} of {total:,}{left}")

        def compute(trace: Trace, model: GPT, ids: tuple[int, ...], chosen: Answers, way: Way) -> Said:
            return sweep(trace, model, ids, chosen, way, usual, told)

        with in_force.under(stack):
            usual: Means | None = usual_results(path) if way == "mean" else None
            return derived(compute, path, text.ids, corrupted.ids, chosen, way)

    work = cost(checkpoint.model, len(text.ids))
    if work <= AT_ONCE:
        return made(lambda words: None)
    key = (str(path), text.ids, corrupted.ids, chosen, way, stack)
    wanted: set[object] = st.session_state.setdefault(_WANTED, set())
    if work > QUICK and key not in wanted:
        _offer(checkpoint, len(text.ids), lambda: wanted.add(key))
        return None
    found: Said | None = waited(SWEEPS, key, made, "patching_sweep", "Run it again", at_once=0.3)
    return found


def by_hand(
    checkpoint: Checkpoint, text: Prompt, corrupted: Prompt, chosen: Answers, asked: Question
) -> tuple[Part, Part, Trial]:
    """The patch that was chosen, else the stream where the two prompts begin to differ, in a pass of its own."""
    path, way, config = checkpoint.path, asked.way, checkpoint.model.config
    base, source = (corrupted, text) if way == "denoise" else (text, corrupted if way == "noise" else text)
    first = Part(min(1, config.n_layers - 1), kind="stream", at=first_difference(text.ids, corrupted.ids))
    where, origin = asked.moved(config, len(base.ids), len(source.ids)) or (first, first)
    if where.at is None and len(base.ids) != len(source.ids):
        where, origin = first, first
    usual = usual_results(path) if way == "mean" else None

    def compute(
        trace: Trace, model: GPT, ids: tuple[int, ...], chosen: Answers, way: Way, part: Part, origin: Part
    ) -> Trial:
        return trial(trace, model, ids, chosen, way, part, origin, usual)

    return where, origin, derived(compute, path, text.ids, corrupted.ids, chosen, way, where, origin)


def _offer(checkpoint: Checkpoint, n_tokens: int, want: Callable[[], None]) -> None:
    passes = count(len(cells(checkpoint.model.config, n_tokens)))
    with st.container(key="patching_offer", horizontal=True, gap="small", vertical_alignment="center"):
        said = f"The whole grid is {passes} forward passes of {n_tokens:,} tokens."
        st.html(f'<p class="vitrine-empty">{escape(said)}</p>', width="content")
        st.button("Run the sweep", key="patching_run", type="primary", on_click=want)
