"""When does the model know its answer? What it would say at every depth, and where the answer's logit comes from."""

import streamlit as st

from explorer.analysis.attribution import Attribution, attribution, gradient_x_input
from explorer.analysis.logit_lens import logit_lens
from explorer.resources import derived
from explorer.widgets import focus, lens, lens_question, logit_parts, model_picker, prompt
from explorer.widgets.header import code_panel, page_header
from llm.model.gpt import GPT

top = page_header("When does the model know its answer?")
checkpoint = model_picker.chosen()
text = prompt.read(checkpoint)
at = focus.read(checkpoint, text)
asked = lens_question.read(checkpoint.model.config.d_vocab)

every_step = asked.every_step(checkpoint.model.config, len(text.ids))
seen = derived(logit_lens, checkpoint.path, text.ids, asked.picked, every_step)
top.lead(*lens.lead(text, at, seen, asked, checkpoint.tokenizer))
lens.lens(checkpoint, text, at, seen, asked, top.depth)

token = lens.followed(seen, asked, at.token)
target = (token, asked.against if asked.against != token else None)
gradient = derived(gradient_x_input, checkpoint.path, text.ids, at.token, *target)
made: Attribution | str
try:
    made = derived(attribution, checkpoint.path, text.ids, at.token, *target)
except ValueError as refused:
    made = str(refused)
logit_parts.logit_parts(checkpoint, text, at, target, made, gradient, seen.top[-1, at.token].tolist(), asked, top.depth)

if top.depth == "shapes":
    with st.container(key="hooks", gap="small"):
        st.dataframe(lens.shape_table(checkpoint.model.config, seen, len(text.ids)), hide_index=True, row_height=28)
elif top.depth == "code":
    norm = type(checkpoint.model.ln_final)
    code_panel(GPT.forward, norm.forward, norm.normalize)
