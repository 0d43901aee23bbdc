"""Which model is on show: a shipped one, one's own, or a run at one of its checkpoints. Named in the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from explorer import paths
from explorer.opening import Opening, opening
from explorer.run_resources import RunNow, examples, runs_now
from explorer.widgets.address import Address, parse
from llm.checkpoint_files import step_directory

_ADDRESS = Address("model", "step")
_MODEL = "_model"  # the key of the model that the reader chose
_STEP = "_step"  # the step that is looked at; none is the newest
_FOLLOW = "_follow"  # whether a live run's newest checkpoint is looked at, whenever there is a newer one
_NOTE = "_model_note"
_SHOWN = "_shown"


@dataclass(frozen=True)
class Shown:
    """A checkpoint, and what it is one of."""

    key: str  # as the address says it
    name: str  # as a reader says it
    path: Path
    run: RunNow | None = None
    step: int | None = None
    follow: bool = False
    note: str = ""  # what the link asked for and did not get

    @property
    def steps(self) -> tuple[int, ...]:
        """Of the run's checkpoints, in order; a model that is no run has none."""
        return self.run.steps if self.run else ()

    @property
    def paths(self) -> list[Path]:
        """Of the same checkpoints."""
        return [step_directory(self.run.directory.checkpoints, step) for step in self.steps] if self.run else []


def known() -> dict[str, Path | RunNow]:
    """What can be chosen, by key: shipped models, own models, then runs, newest first. A key is used once."""
    found: dict[str, Path | RunNow] = dict(paths.models())
    for run in runs_now():
        found[f"{run.key} (run)" if run.key in found else run.key] = run
    return found


def settle() -> Shown | None:
    """Decide what is on show, by the address and the session, and make the address say it; None where nothing is."""
    link = _ADDRESS.opened()
    if link is not None:
        st.session_state[_MODEL] = link.get("model", st.session_state.get(_MODEL))
        st.session_state[_STEP], st.session_state[_FOLLOW] = parse(link.get("step")), False
    choices, asked = known(), st.session_state.get(_MODEL)
    if asked in choices and is_gone(choices[asked]):
        del choices[asked]
    key = asked if asked in choices else _first(choices)
    if link is not None:
        wrong = "model" in link and key != link["model"]
        st.session_state[_NOTE] = f"The link asked for a model that is not here; showing {key}." if wrong else ""
    elif asked is not None and key != asked:
        before, st.session_state[_STEP] = st.session_state.get(_SHOWN), None
        name = before.name if isinstance(before, Shown) and before.key == asked else asked
        st.session_state[_NOTE] = f"{name} is no longer here; showing {key}."
    found = _shown(key, choices[key]) if key else None
    st.session_state[_MODEL], st.session_state[_STEP] = key, found.step if found else None
    st.session_state[_SHOWN], st.session_state[_FOLLOW] = found, bool(found and found.follow)
    _ADDRESS.say({name: str(value) for name, value in values().items()})
    return found


def is_gone(one: Path | RunNow) -> bool:
    """Whether it is a run that was deleted since the runs were looked up."""
    return isinstance(one, RunNow) and not one.directory.path.is_dir()


def _first(choices: dict[str, Path | RunNow]) -> str | None:
    """A model to open on; a run without a checkpoint only where there is nothing else."""
    ready = (key for key, one in choices.items() if isinstance(one, Path) or one.steps)
    return next(ready, next(iter(choices), None))


def _shown(key: str, chosen: Path | RunNow) -> Shown:
    note = str(st.session_state.get(_NOTE, ""))
    if isinstance(chosen, Path):
        return Shown(key, key, chosen, note=note)
    there, asked = chosen.directory.steps(), st.session_state.get(_STEP)
    run = RunNow(chosen.directory, chosen.name, chosen.status, tuple(there))
    if not there:
        return Shown(key, run.name, run.directory.checkpoints, run, note=note)
    followed = bool(st.session_state.get(_FOLLOW))  # to the end: its last checkpoint may have come as it ended
    step = run.steps[-1] if asked is None or followed else nearest(run.steps, asked)
    if asked is not None and step != asked and not followed:
        note = f"There is no checkpoint of step {asked:,}; step {step:,} is the nearest."
        st.session_state[_NOTE] = note
    return Shown(key, run.name, there[step], run, step, followed and run.status.live, note)


def nearest(steps: Sequence[int], asked: int) -> int:
    """The step that is there and closest; of two as close the later one."""
    return min(reversed(steps), key=lambda step: abs(step - asked))


def now() -> Shown | None:
    """What is on show, as it was settled at the start of this run of the page."""
    return st.session_state[_SHOWN] if _SHOWN in st.session_state else settle()


def choose(key: str) -> None:
    """Show another model, a run at its newest checkpoint. From a callback it holds at once; in a page, st.rerun()."""
    _keep(key, None, False)


def look_at(step: int) -> None:
    """Show another checkpoint of the run on show; as choose()."""
    _keep(st.session_state.get(_MODEL), step, False)


def follow(on: bool) -> None:
    """Look at the newest checkpoint of the live run on show, now and whenever there is a newer one; as choose()."""
    _keep(st.session_state.get(_MODEL), st.session_state.get(_STEP), on)


def _keep(key: object, step: int | None, follow: bool) -> None:
    st.session_state[_MODEL], st.session_state[_STEP], st.session_state[_FOLLOW] = key, step, follow
    st.session_state[_NOTE] = ""
    _ADDRESS.keep()


def title() -> str | None:
    """What a reader calls it; None where nothing is on show."""
    shown = now()
    return shown.name if shown else None


def name() -> str | None:
    """The key of what is on show, which assets/openings.json knows it by; None where nothing is."""
    shown = now()
    return shown.key if shown else None


def values() -> dict[str, str | int]:
    """What the address says of it."""
    shown = now()
    if shown is None:
        return {}
    return {"model": shown.key} | ({} if shown.step is None else {"step": shown.step})


def refreshed(shown: Shown) -> Shown:
    """The same run as it stands at this moment, at the step that the reader has asked for since."""
    assert shown.run
    run = shown.run.directory
    return _shown(shown.key, RunNow(run, shown.run.name, run.status(), ()))


def start() -> Opening:
    """What the model on show opens with; a run that assets/openings.json does not know with what it wrote itself."""
    shown, plain = now(), Opening()
    if shown is None:
        return plain
    known = opening(shown.key)
    if shown.run and known == plain:
        return Opening(examples(shown.run.directory))
    return known
