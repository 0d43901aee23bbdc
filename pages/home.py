"""How does the model choose its next word? One forward pass, from the tokens to the distribution of the next one."""

from functools import partial

import streamlit as st

from explorer import display
from explorer.analysis.ablation import every_head, head_effect
from explorer.analysis.activations import block_activations
from explorer.analysis.forward_pass import forward_pass
from explorer.resources import derived, traced
from explorer.widgets import flow, flow_words, focus, leaving, model_picker, prompt, sampling_settings, writing
from explorer.widgets.header import code_panel, page_header
from llm.model.gpt import GPT

top = page_header("How does the model choose its next word?")
checkpoint = model_picker.chosen()
text = prompt.read(checkpoint)
at = focus.read(checkpoint, text)
writing.run(checkpoint, text)

trace = traced(checkpoint.path, text.ids)
passed = derived(forward_pass, checkpoint.path, text.ids)
effect = derived(head_effect, checkpoint.path, text.ids, at.layer, at.head)
every = derived(every_head, checkpoint.path, text.ids)
named = sorted({*passed.next.ids.ravel().tolist(), int(effect.instead[at.token])})
words = dict(zip(named, display.tokens(checkpoint.tokenizer, named), strict=True))

top.lead(*flow_words.lead(passed, text, words, at))
flow.flow(
    passed,
    every,
    text.tokens,
    words,
    at,
    on_event={
        "go": leaving.on_go(flow.KEY),
        "write": writing.ask,
        "append": partial(writing.append, checkpoint),
        "undo": writing.undo,
    },
    depth=top.depth,
    undo=writing.can_undo(),
    note=writing.note(),
    settings=writing.settings_in_words(sampling_settings.read().config),
    pages=leaving.addresses("attention", "lens", "sampling"),
    joins=[id for id in named if prompt.joins(checkpoint.tokenizer, id)],
)
with st.container(key="below"):
    left, right = st.columns(2, gap="large")
    left.html(flow_words.without(effect, every, words, text, at))
    right.html(flow_words.not_shown(passed, text, at))

if top.depth == "shapes":
    config = checkpoint.model.config
    values = block_activations(trace, at.layer, config.block == "post_norm", config.positions == "alibi")
    with st.container(key="hooks", gap="small"):
        st.html(flow_words.heading(f"Every value of block {at.layer}, and before and after the blocks"))
        st.dataframe(flow_words.shape_table(values), hide_index=True, height="content", row_height=28)
if top.depth == "code":
    code_panel(GPT.forward, type(checkpoint.model.blocks[at.layer]).forward)

table = st.expander("In words and as a table", key="home_table", on_change="rerun")
if table.open:
    table.text(flow_words.description(passed, text, words, at))
    left, right = table.columns(2, gap="large")
    left.dataframe(flow_words.next_table(passed, words, at.token), hide_index=True, row_height=28)
    right.dataframe(flow_words.weight_table(passed, text, at), hide_index=True, row_height=28)
