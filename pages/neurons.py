"""What does each neuron look for? All of them on a text, one where it is most active in what the model learned from."""

import streamlit as st

from explorer.analysis.neuron_effect import standing_out
from explorer.resources import derived
from explorer.widgets import focus, model_picker, neuron_choice, neurons, prompt, snippets
from explorer.widgets.header import code_panel, page_header

top = page_header("What does each neuron look for?")
checkpoint = model_picker.chosen()
text = prompt.read(checkpoint)
at = focus.read(checkpoint, text)

config = checkpoint.model.config
if config.mlp == "none":
    neurons.none()
    st.stop()
asked = neuron_choice.read(config)
place = asked.place or derived(standing_out, checkpoint.path, text.ids)
seen = neurons.look(checkpoint, text, at, place)

top.lead(*neurons.lead(checkpoint, text, at, place, seen))
neurons.neurons(checkpoint, text, at, place, seen, asked, top.depth)
snippets.snippets(checkpoint, text, place)

if top.depth == "shapes":
    with st.container(key="hooks", gap="small"):
        st.dataframe(neurons.shape_table(config, place, len(text.ids)), hide_index=True, row_height=28)
elif top.depth == "code":
    block = checkpoint.model.blocks[place[0]]
    code_panel(*neurons.ran(block.mlp), type(block).forward)
