"""Which interventions are in force for who asks now, and the model under them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

from torch import Tensor

from explorer.analysis import stacks
from explorer.analysis.edits import Means, direction, edits, from_trace
from explorer.analysis.interventions import Intervention, Mean, Patch, Steer
from explorer.analysis.stacks import Stack
from llm.checkpoint import Checkpoint
from llm.model.hooks import patch
from llm.trace import Trace

_UNDER: ContextVar[Stack] = ContextVar("interventions", default=())


@contextmanager
def under(stack: Stack) -> Iterator[None]:
    """Whatever is asked of a checkpoint and a text inside is asked of the model with these interventions.

    In this thread of execution alone, and kept apart from what others ask.
    """
    token = _UNDER.set(stack)
    try:
        yield
    finally:
        _UNDER.reset(token)


def now() -> Stack:
    """As they were asked for, those included that change nothing."""
    return _UNDER.get()


def effective(checkpoint: Checkpoint, any_text: bool = False) -> Stack:
    """Those that change something in this model, in their order; without those of one text for `any_text`."""
    if not (stack := now()):
        return ()
    found = stacks.effective(stack, checkpoint.model.config, checkpoint.tokenizer)
    return tuple(one for one in found if not (any_text and one.of_a_text))


def edited(
    checkpoint: Checkpoint,
    usual: Callable[[], Means],
    clean: Callable[[tuple[int, ...]], Trace],
    any_text: bool = False,
) -> AbstractContextManager[None]:
    """The model under them: every forward pass inside is edited. `usual` gives what parts give on average, `clean` the
    run of the model without any over a text."""
    stack = effective(checkpoint, any_text)
    if not stack:
        return nullcontext()

    def given(one: Intervention) -> Tensor | None:
        if isinstance(one, Mean):
            return usual().of(one.part)
        if isinstance(one, Patch):
            return from_trace(clean(tuple(checkpoint.tokenizer.encode(one.text))), one.source)
        return direction(checkpoint.model, checkpoint.tokenizer, one) if isinstance(one, Steer) else None

    put = {one: value for one in stack if (value := given(one)) is not None}
    return patch(checkpoint.model, edits(stack, put))
