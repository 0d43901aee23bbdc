"""A text of one's own for byte-pair learning: any file of plain text, of any length, taken once."""

from html import escape

import streamlit as st

from explorer.display import many
from explorer.runs.uploads import LARGEST, UploadError, read
from explorer.widgets.run_on_show import uploads

_TAKEN, _REPLACE = "_learn_taken", "_learn_replace"


def uploader() -> str | None:
    """A button that opens it; the SHA-256 of a text that was just uploaded."""
    # a popover of its own for each upload, since only the reader can close one
    with st.popover("Upload a text", key=f"learn_upload_open_{st.session_state.get(_TAKEN, '')}"):
        return _taken()


def _taken() -> str | None:
    """Of any length, because a few words teach this as well as many."""
    st.html(f'<style>:root {{ --vitrine-upload: "Plain text, up to {LARGEST >> 20} MB"; }}</style>')
    given = st.file_uploader("Your own text", key="learn_upload", help="It stays on this machine.")
    if given is None or st.session_state.get(_TAKEN) == given.file_id:
        return None
    bad = st.session_state.pop(_REPLACE, None) == given.file_id
    try:
        kept = uploads().add(given.name, read(given.getvalue(), bad, smallest=1))
    except UploadError as error:
        st.html(f'<p class="vitrine-said" role="alert">{escape(str(error))}</p>')
        if error.bad_bytes:
            st.button(
                f"Replace {many(error.bad_bytes, 'bad byte')}",
                key="learn_replace",
                on_click=lambda: st.session_state.update({_REPLACE: given.file_id}),
            )
        return None
    st.session_state[_TAKEN] = given.file_id
    return kept.sha256
