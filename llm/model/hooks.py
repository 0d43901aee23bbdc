"""Hook points: named places in the forward pass where a value can be read or replaced.

Who watches is kept per thread of execution, not on the model, so sessions that share a model never meet.
The names are TransformerLens's (Nanda and Bloom 2022).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from torch import Tensor, nn

Edit = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class _Actions:
    """What happens at one hook point: every edit in order, then the result goes to every reader, under its name."""

    edits: tuple[Edit, ...] = ()
    readers: tuple[dict[str, Tensor], ...] = ()


_ACTIVE: ContextVar[Mapping[HookPoint, _Actions] | None] = ContextVar("active_hooks", default=None)
_START: ContextVar[int] = ContextVar("first_position", default=0)


def first_position() -> int:
    """Where in the text the values that pass now begin: behind the tokens that a key/value cache holds already."""
    return _START.get()


@contextmanager
def reading_from(start: int) -> Iterator[None]:
    """Inside, what passes begins at this token of the text."""
    token = _START.set(start)
    try:
        yield
    finally:
        _START.reset(token)


class HookPoint:
    """The identity, unless someone in this thread of execution watches it."""

    __slots__ = ("name",)

    def __init__(self) -> None:
        self.name = ""

    def __call__(self, x: Tensor) -> Tensor:
        active = _ACTIVE.get()
        if active is None or (actions := active.get(self)) is None:
            return x
        for edit in actions.edits:
            x = edit(x)
        for values in actions.readers:
            values[self.name] = x
        return x

    @property
    def watched(self) -> bool:
        """Whether a value that is otherwise not needed has to be computed."""
        active = _ACTIVE.get()
        return active is not None and self in active


def anyone_watching() -> bool:
    """Whether a hook point of any model is watched in this thread of execution."""
    return bool(_ACTIVE.get())


def named_hook_points(model: nn.Module, nameless: nn.Module | None = None) -> dict[str, HookPoint]:
    """Every hook point by its dotted name, in module order; those of `nameless` stand at the top level."""
    found: dict[str, HookPoint] = {}
    for path, module in model.named_modules():
        prefix = f"{path}." if path and module is not nameless else ""
        for attribute, value in vars(module).items():
            if isinstance(value, HookPoint):
                found[prefix + attribute] = value
    return found


@contextmanager
def _active(changed: Mapping[HookPoint, _Actions]) -> Iterator[None]:
    token = _ACTIVE.set({**(_ACTIVE.get() or {}), **changed})
    try:
        yield
    finally:
        _ACTIVE.reset(token)


@contextmanager
def capture(
    model: nn.Module, names: Iterable[str] | Callable[[str], bool] | None = None
) -> Iterator[dict[str, Tensor]]:
    """Fill a dict with the values that pass the named hook points (all, or those a predicate picks).

    Values are the live tensors, after any `patch`; they keep their autograd graph. Raises KeyError on an unknown name.
    """
    before = _ACTIVE.get() or {}
    values: dict[str, Tensor] = {}
    only_read = _Actions(readers=(values,))
    changed = dict.fromkeys(_pick(model, names).values(), only_read)
    for point in before.keys() & changed.keys():
        changed[point] = _Actions(before[point].edits, (*before[point].readers, values))
    with _active(changed):
        yield values


@contextmanager
def patch(model: nn.Module, edits: Mapping[str, Edit]) -> Iterator[None]:
    """Replace the value at each named hook point by `edit(value)`, which must keep its shape.

    Nested patches apply from the outside in. Raises KeyError on an unknown name.
    """
    before = _ACTIVE.get() or {}
    changed = {}
    for name, point in _pick(model, edits).items():
        actions = before.get(point, _Actions())
        changed[point] = _Actions((*actions.edits, _keeping_shape(name, edits[name])), actions.readers)
    with _active(changed):
        yield


def _keeping_shape(name: str, edit: Edit) -> Edit:
    def checked(x: Tensor) -> Tensor:
        edited = edit(x)
        if not isinstance(edited, Tensor) or edited.shape != x.shape:
            got = tuple(edited.shape) if isinstance(edited, Tensor) else type(edited).__name__
            raise ValueError(f"The edit at {name} must return a tensor of shape {tuple(x.shape)}, got {got}.")
        return edited

    return checked


def _pick(model: nn.Module, names: Iterable[str] | Callable[[str], bool] | None) -> dict[str, HookPoint]:
    points: dict[str, HookPoint] = model.hook_points()  # type: ignore[operator]  # GPT, or a wrapper of one
    if names is None:
        return points
    if callable(names):
        return {name: point for name, point in points.items() if names(name)}
    picked = {}
    for name in names:
        if name not in points:
            raise KeyError(f"This model has no hook point {name!r}; it has {', '.join(points)}.")
        picked[name] = points[name]
    return picked
