"""When is an induction head born? One time axis: its loss, its scores, its stripes, and what silencing it costs."""

from explorer.analysis.repetition import induction_weights, mean_weight, split_loss
from explorer.analysis.silencing import silenced_losses, silent
from explorer.widgets import births
from explorer.widgets.header import code_panel, page_header
from llm.model.attention import attention_scores
from llm.model.hooks import patch

top = page_header("When is an induction head born?")
births.show(top)

if top.depth == "code":
    code_panel(attention_scores, induction_weights, mean_weight, split_loss, silent, silenced_losses, patch)
