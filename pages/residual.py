"""How large does the residual stream grow, what do the norms divide it by, and what breaks without one?"""

from dataclasses import replace

import streamlit as st

from explorer.analysis.norm_trial import every_norm, norm_trial
from explorer.analysis.norms import norm_at, stream
from explorer.resources import derived
from explorer.widgets import beside, focus, model_picker, on_show, prompt, residual, residual_choice
from explorer.widgets.header import code_panel, page_header
from llm.model.gpt import GPT

top = page_header("How does the stream grow, and what do the norms undo?")
checkpoint = model_picker.chosen()
text = prompt.read(checkpoint)
at = focus.read(checkpoint, text)
asked = residual_choice.read()

seen = derived(stream, checkpoint.path, text.ids)
sight = residual.Sight(checkpoint, text, at, place := asked.place(seen.places, at.layer), seen, asked)
if seen.places[place].norm:
    like = asked.like(len(text.ids)) if asked.how == "token" else 0
    sight = replace(
        sight,
        norm=derived(norm_at, checkpoint.path, text.ids, place, at.token),
        trial=derived(norm_trial, checkpoint.path, text.ids, place, asked.how, like),
    )
sight = replace(sight, each=derived(every_norm, checkpoint.path, text.ids))

top.lead(*residual.lead(sight))
residual.residual(sight, top.depth)

known = beside.others()
other = beside.read(known)
beside.beside(sight, on_show.title() or "", known, other, beside.sight(known[other], sight) if other else "", top.depth)

if top.depth == "shapes":
    with st.container(key="hooks", gap="small"):
        st.dataframe(residual.shape_table(sight), hide_index=True, row_height=28)
elif top.depth == "code":
    ran = type(checkpoint.model.ln_final)
    code_panel(type(checkpoint.model.blocks[0]).forward, ran.normalize, ran.forward, GPT.forward)
