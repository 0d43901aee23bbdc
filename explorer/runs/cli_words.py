"""What the terminal says of runs: in JSON everything, in words what a person reads first, aligned."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from explorer.display import count, duration
from explorer.runs.store import Runs
from llm.runs.directory import RunDirectory

WIDTH = 96  # characters of a line
_NAME = 14  # of them for what a line is about
_FIRST_STEPS, _LAST_STEPS = 6, 2  # of the checkpoints that are listed


def facts(runs: Runs, run: RunDirectory) -> dict[str, Any]:
    """A run in JSON."""
    status, label = run.status(), run.label()
    return {
        "id": run.id,
        "name": label.name,
        "note": label.note,
        "state": status.state,
        "step": status.step,
        "steps": status.steps,
        "message": status.message,
        "seconds": status.seconds,
        "updated": status.updated,
        "pid": status.pid if status.live else None,
        "waiting_behind": runs.position(run.id) if status.state == "queued" else None,
        "checkpoints": list(run.steps()),
        "shipped": run.path.parent not in (runs.root, runs.root / ".trash"),
        "path": str(run.path),
    }


def table(found: Sequence[Mapping[str, Any]]) -> str:
    """A line a run, of what facts() says of it."""
    lines = [(f["id"], f["state"], f"{f['step']:,} of {f['steps']:,}", printable(f["name"])) for f in found]
    lines.insert(0, ("ID", "STATE", "STEP", "NAME"))
    widths = [max(len(line[i]) for line in lines) for i in range(4)]
    return "\n".join("  ".join(f"{c:<{w}}" for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def summary(found: Mapping[str, Any]) -> str:
    """One run, of what facts() says of it and its "bytes", "parent" and "recipe"."""
    f, recipe = found, dict(found["recipe"])
    state = f"{f['state']}, step {f['step']:,} of {f['steps']:,}"
    if f["waiting_behind"] is not None:
        state += f", {f['waiting_behind']} before it" if f["waiting_behind"] else ", next"
    parent = f["parent"] if isinstance(f["parent"], Mapping) else {}
    rows = [
        ("name", f["name"]),
        ("id", f["id"] + (" (came with Vitrine)" if f["shipped"] else "")),
        ("state", state),
        ("message", f["message"]),
        ("note", f["note"]),
        ("trained for", duration(f["seconds"]) if f["seconds"] else ""),
        ("last changed", f["updated"]),
        ("process", str(f["pid"] or "")),
        ("checkpoints", _steps(f["checkpoints"])),
        ("begun from", f"step {parent['step']} of {parent['id']}" if {"id", "step"} <= set(parent) else ""),
        ("size", f"{count(f['bytes'])}B" if f["bytes"] > 99_999 else f"{f['bytes']:,} B"),
        ("directory", f["path"]),
    ]
    parts = {name: recipe.pop(name) for name in ("tokenizer", "model", "training")}
    rows += [(name, _options(options)) for name, options in {"recipe": recipe, **parts}.items()]
    return "\n".join(_line(name, printable(text)) for name, text in rows if text)


def _line(name: str, text: str) -> str:
    room = {"width": WIDTH, "initial_indent": f"{name:<{_NAME}}", "subsequent_indent": " " * _NAME}
    return textwrap.fill(text, break_long_words=False, break_on_hyphens=False, **room)  # type: ignore[arg-type]


def _steps(steps: Sequence[int]) -> str:
    if not steps:
        return "none"
    said = [f"{step:,}" for step in steps]
    if len(said) > _FIRST_STEPS + _LAST_STEPS:
        said = [*said[:_FIRST_STEPS], "...", *said[-_LAST_STEPS:]]
    return f"{len(steps):,}, at step{'s' * (len(steps) > 1)} {' · '.join(said)}"


def _options(options: Mapping[str, Any]) -> str:
    """Joined so that no option is torn from its value at the end of a line."""
    return " · ".join(f"{name}\N{NO-BREAK SPACE}{_value(value)}" for name, value in options.items())


def _value(value: Any) -> str:
    if value is None or value in ("", [], ()):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "/".join(_value(one) for one in value)
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def printable(text: str) -> str:
    """Nothing in a name may move a terminal's cursor."""
    return "".join(c if c.isprintable() or c == "\N{NO-BREAK SPACE}" else "�" for c in text)
