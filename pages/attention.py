"""Where does each head look? All heads on a wall, one of them large, its cost, and deeper looks at it."""

from explorer.analysis.ablation import loss_change
from explorer.analysis.attention import exact, pattern
from explorer.analysis.head_maths import head_maths
from explorer.analysis.head_roles import heads_on_text
from explorer.analysis.value_sizes import value_sizes
from explorer.resources import derived, standing_roles, traced
from explorer.widgets import attention_look, attention_looks, focus, model_picker, prompt
from explorer.widgets.attention_shapes import attention_shapes
from explorer.widgets.attention_wall import Wall, attention_wall, lead
from explorer.widgets.header import code_panel, page_header
from llm.model.attention import Attention, attention_scores

top = page_header("Where does each head look?")
checkpoint = model_picker.chosen()
text = prompt.read(checkpoint)
at = focus.read(checkpoint, text)
asked = attention_look.read()

trace = traced(checkpoint.path, text.ids)
wall = Wall(
    heads=derived(heads_on_text, checkpoint.path, text.ids),
    exact=exact(trace, at.layer, at.head),
    standing=standing_roles(checkpoint.path),
    value_sizes=derived(value_sizes, checkpoint.path, text.ids),
    loss_change=derived(loss_change, checkpoint.path, text.ids, at.layer, at.head),
)
weights = pattern(trace, at.layer)[at.head]

top.lead(*lead(text, at, wall, weights[at.token]))
attention_wall(text, at, checkpoint.model.config, wall, top.depth)

if top.depth == "shapes":
    maths = head_maths(trace, checkpoint.model.config, at.layer, at.head)
    attention_shapes(text, at, checkpoint.model.config, maths)

attention_look.chooser(asked)
if asked.look:
    attention_looks.shown(checkpoint, text, at, wall, asked.look, asked)

if top.depth == "code":
    code_panel(attention_scores, Attention.forward, *(attention_looks.ran(asked.look) if asked.look else ()))
