"""The deeper looks at the head in focus: only the one that is open is computed."""

from collections.abc import Callable
from typing import Any

from explorer.analysis.edited_row import edited_row, written_row
from explorer.analysis.head_maths import head_maths
from explorer.analysis.head_roles import name_role, role_scores
from explorer.analysis.head_tables import Vocabulary, copies_here, divisors, over_vocabulary
from explorer.analysis.rollout import rollout, rollout_of
from explorer.resources import derived, effective, of_weights, traced
from explorer.widgets.attention_edit import attention_edit
from explorer.widgets.attention_look import Choice, Look
from explorer.widgets.attention_roles import attention_roles
from explorer.widgets.attention_rollout import attention_rollout
from explorer.widgets.attention_score import attention_score
from explorer.widgets.attention_tables import attention_tables
from explorer.widgets.attention_wall import Wall
from explorer.widgets.focus import Focus
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint


def shown(checkpoint: Checkpoint, text: Prompt, at: Focus, wall: Wall, look: Look, asked: Choice) -> None:
    """Draw the look that is open."""
    path, ids, config = checkpoint.path, text.ids, checkpoint.model.config
    if look == "score":
        maths = head_maths(traced(path, ids), config, at.layer, at.head)
        attention_score(text, at, config, maths, asked)
    elif look == "role":
        attention_roles(text, at, wall)
    elif look == "tables":
        here = derived(copies_here, path, ids, at.layer, at.head)
        whole: Vocabulary | None = None
        if asked.whole_vocabulary:
            seen = wall.standing[1].ids if wall.standing else None
            whole = of_weights(over_vocabulary, path, at.layer, at.head, ids, seen)
        attention_tables(checkpoint, text, at, here, derived(divisors, path, ids), whole, wall, bool(effective(path)))
    elif look == "rollout":
        attention_rollout(text, at, config, derived(rollout_of, path, ids, at.token))
    else:
        edits, problem = asked.edits(at), ""
        try:
            trial = derived(edited_row, path, ids, at.layer, at.head, at.token, edits, asked.total)
        except ValueError as refused:
            problem = str(refused)
            trial = derived(edited_row, path, ids, at.layer, at.head, at.token, (), asked.total)
        attention_edit(checkpoint, text, at, trial, edits, asked, problem)


def ran(look: Look) -> tuple[Callable[..., Any], ...]:
    """The functions behind a look."""
    behind: dict[Look, tuple[Callable[..., Any], ...]] = {
        "score": (head_maths,),
        "role": (role_scores, name_role),
        "tables": (copies_here, over_vocabulary),
        "rollout": (rollout,),
        "edit": (written_row, edited_row),
    }
    return behind[look]
