"""The one HTML document behind every page: Streamlit's own, with a script of ours that runs before Streamlit does."""

import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from explorer import paths

_HISTORY = Path(__file__).with_name("history.js")


@cache
def document() -> str:
    """The HTML, our script first in its head."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    return page.replace("<head>", f"<head>\n    <script>\n{_HISTORY.read_text('utf-8')}</script>", 1)


def inline_scripts() -> list[str]:
    """What a browser must be allowed to run of it."""
    return re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", document(), re.DOTALL)


def routes() -> list[Route]:
    """The document at the address of each page; at any other Streamlit answers."""
    names = [file.stem for file in sorted(paths.PAGES.glob("*.py"))]
    return [Route(f"/{name}", _answer) for name in ("", *names)]


async def _answer(request: Request) -> HTMLResponse:
    return HTMLResponse(document(), headers={"cache-control": "no-cache"})
