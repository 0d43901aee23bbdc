"""From a picture to another page, with the model, the prompt and the focus that the picture has at that moment."""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

import streamlit as st

from explorer import paths
from explorer.widgets.focus import NAMES, link, parse, set_focus

PAGES = {"home": "./"} | {  # where pictures lead: name and address
    name: name for name in ("attention", "lens", "neurons", "residual", "sampling")
}
_GO = "_go"  # the page to leave for in the next run


def on_go(key: str) -> Callable[[], None]:
    """Answers the trigger "go" of the picture mounted under `key`."""

    def asked() -> None:
        sent = (st.session_state.get(key) or {}).get("go")
        if isinstance(sent, Mapping) and sent.get("page") in PAGES and isinstance(now := sent.get("focus"), Mapping):
            set_focus(**{name: parse(now.get(name)) for name in NAMES})
            st.session_state[_GO] = sent["page"]

    return asked


def waits() -> bool:
    """Whether a page is to be left, by a run of the whole app: one of the page alone may lose the prompt of a link."""
    return _GO in st.session_state


def follow() -> None:
    """Leave for the page that the reader asked for, if there is one."""
    if wanted := st.session_state.pop(_GO, None):
        kept = {name: st.query_params[name] for name in NAMES if name in st.query_params}
        st.switch_page(paths.PAGES / f"{wanted}.py", query_params=kept)


def addresses(*pages: str) -> dict[str, str]:
    """The address of each page that exists, with this model and prompt; the picture adds the focus."""
    exist = [page for page in pages if (paths.PAGES / f"{page}.py").is_file()]
    return {page: f"{PAGES[page]}?{urlencode(_without_focus(link(page)))}" for page in exist}


def _without_focus(address: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in parse_qsl(urlsplit(address).query) if name not in NAMES]
