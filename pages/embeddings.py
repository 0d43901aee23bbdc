"""Which tokens does the model find alike? Their vectors on a map, neighbours, sums, and how positions come in."""

import streamlit as st

from explorer.analysis.embeddings import along, cosines, plane
from explorer.analysis.position_lab import position_lab, rotation
from explorer.resources import derived
from explorer.widgets import (
    analogy,
    embedding_layout,
    embedding_question,
    embeddings,
    focus,
    model_picker,
    positions,
    prompt,
)
from explorer.widgets.header import code_panel, page_header
from explorer.widgets.token_shade import counted
from llm.model.gpt import GPT

top = page_header("Which tokens does the model find alike?")
checkpoint = model_picker.chosen()
config = checkpoint.model.config
text = prompt.read(checkpoint)
at = focus.read(checkpoint, text)
asked = embedding_question.read(config.d_vocab, config.tied)

top.lead(*embeddings.lead(checkpoint, text, at, asked))
embeddings.vectors(checkpoint)
laid = embedding_layout.laid_out(checkpoint, asked)
embeddings.embeddings(checkpoint, text, at, asked, laid, *counted(checkpoint, asked), top.depth)
analogy.analogy_section(checkpoint, text, asked)
lab = derived(position_lab, checkpoint.path, text.ids, at.layer, at.head, at.token)
positions.positions_section(checkpoint, text, at, lab)

if top.depth == "shapes":
    with st.container(key="hooks", gap="small"):
        st.dataframe(embeddings.shape_table(config, len(text.ids)), hide_index=True, row_height=28)
elif top.depth == "code":
    code_panel(GPT.forward, type(checkpoint.model.positions), plane, cosines, along, rotation)
