"""The page list and the sidebar that all pages share. Served by explorer/serve.py."""

from pathlib import Path

import streamlit as st

from explorer import paths
from explorer.widgets import foot, frame, model_picker, prompt, sampling_settings

HERE = Path(__file__).resolve().parent
PAGES: dict[str, list[tuple[str, str]]] = {
    "": [("home", "Home")],
    "Look inside": [("attention", "Attention")],
    "Change it": [("sampling", "Sampling")],
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
frame.style(page=nav.title)
with st.sidebar:
    model_picker.show()
    prompt.show()
    foot.show(next_token=nav.url_path == "sampling")
sampling_settings.read()
nav.run()
