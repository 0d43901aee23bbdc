"""What carries the answer? Two prompts, and every part of one run put into the other, in a true forward pass each."""

import streamlit as st

from explorer import display
from explorer.analysis.patching import both_runs, entering, sweep
from explorer.resources import derived
from explorer.widgets import focus, model_picker, patching, patching_pair, patching_question, prompt
from explorer.widgets.header import code_panel, page_header
from explorer.widgets.patching_sweep import by_hand, swept
from llm.model.gpt import GPT
from llm.model.hooks import HookPoint, patch

top = page_header("What carries the answer?")
checkpoint = model_picker.chosen()
config = checkpoint.model.config
text = prompt.read(checkpoint)
at = focus.read(checkpoint, text)
asked = patching_question.read()
corrupted = patching_pair.field(checkpoint, text, asked)

asked_for = asked.answers(config.d_vocab)
chosen, both = derived(both_runs, checkpoint.path, text.ids, corrupted.ids, asked_for)
found = None
if not patching_pair.unequal(checkpoint, text, corrupted):
    found = swept(checkpoint, text, corrupted, chosen, asked.way)
made = by_hand(checkpoint, text, corrupted, chosen, asked)
lens = derived(entering, checkpoint.path, text.ids, corrupted.ids)

right, wrong = display.tokens(checkpoint.tokenizer, chosen)
top.lead(*patching.lead(text, both, found, asked.way, config, (right, wrong)))
patching.patching(checkpoint, text, corrupted, at, chosen, both, found, made, lens, asked, top.depth)

if top.depth == "shapes":
    with st.container(key="hooks", gap="small"):
        st.dataframe(patching.shape_table(config, len(text.ids)), hide_index=True, row_height=28)
elif top.depth == "code":
    code_panel(sweep, patch, HookPoint.__call__, GPT.forward)
