"""The page list, the sidebar that all pages share, and the page beside it. Served by explorer/serve.py."""

from copy import copy
from pathlib import Path

import streamlit as st

from explorer import ahead, in_force, paths, resources
from explorer.widgets import (
    banner,
    component,
    foot,
    frame,
    interventions,
    leaving,
    model_picker,
    on_show,
    prompt,
    sampling_settings,
    stack,
)
from explorer.widgets.notice import problem
from llm.checkpoint import CheckpointError

HERE = Path(__file__).resolve().parent
PAGES: dict[str, list[tuple[str, str]]] = {
    "": [("home", "Home")],
    "Look inside": [
        ("tokenizer", "Tokenizer"),
        ("embeddings", "Embeddings"),
        ("attention", "Attention"),
        ("neurons", "Neurons"),
        ("lens", "Logit lens"),
        ("residual", "Residual stream"),
    ],
    "Change it": [("patching", "Patching"), ("sampling", "Sampling")],
    "Make it": [("train", "Train"), ("runs", "Runs"), ("induction", "A head is born")],
}

st.set_page_config(page_title="Vitrine", page_icon=str(HERE / "static" / "mark.svg"), layout="wide")
nav = st.navigation(
    {
        group: pages
        for group, names in PAGES.items()
        if (
            pages := [
                st.Page(file, title=title, url_path=None if name == "home" else name, default=name == "home")
                for name, title in names
                if (file := paths.PAGES / f"{name}.py").is_file()
            ]
        )
    },
    expanded=True,
)
with st.sidebar:
    model_picker.show()
frame.style(page=nav.title)
with st.sidebar:
    prompt.show()
    stack.read()
    interventions.panel()
    place = foot.show()
leaving.follow()


@st.fragment
def page() -> None:
    """The page and the words on its place: a step of the timeline or a click in a picture runs no more than this."""
    shown = on_show.settle()
    if prompt.waits() or leaving.waits() or not (model_picker.holds() and interventions.holds()):
        st.rerun()
    foot.say(place, next_token=nav.url_path == "sampling")
    sampling_settings.read()
    try:
        step, edits = shown.step if shown else None, in_force.under(stack.read())
        with edits, banner.on_page(nav.url_path), resources.remembered() as asked, component.at(step):
            copy(nav).run()  # one such object runs once
    except CheckpointError as error:
        problem("The checkpoint on show was removed while this page read it.", str(error))
    else:
        if (shown := on_show.now()) and shown.run:
            ahead.prepare(asked, shown.path, shown.paths)


page()
