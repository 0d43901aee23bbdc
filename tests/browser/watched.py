"""Pages of a browser whose problems are kept. One that a test has left is emptied and lent again: a new one costs more
processor time (a process, Streamlit's scripts read once more) than what most tests do on it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Error, Page, Request

from tests.browser.tiny_pages import Maker

DEEP_LINK_404 = ("/_stcore/health", "/_stcore/host-config")  # Streamlit asks beside the page before it asks at the root
HERE = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
MEDIA = {"color_scheme": "light", "reduced_motion": "no-preference"}


@dataclass
class Watched:
    """A page, and whatever went wrong on it since it was lent."""

    page: Page
    kind: str  # its options, as JSON
    expected: str = "(?!)"
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(30_000)
        self.page.on("pageerror", lambda error: self.problems.append(f"error on the page: {error}"))
        self.page.on("console", self._on_console)
        self.page.on("request", self._on_request)
        self.page.on("dialog", self._on_dialog)

    def _on_console(self, message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        deep_link = "404" in message.text and where.endswith(DEEP_LINK_404)
        if message.type == "error" and not deep_link and not re.search(self.expected, message.text):
            self.problems.append(f"console: {message.text} ({where})")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(HERE):
            self.problems.append(f"request off this machine: {request.url}")

    def exceptions(self) -> list[str]:
        """Streamlit's own boxes on the page."""
        if self.page.is_closed():
            return []
        shown = self.page.locator('[data-testid="stException"]').all_inner_texts()
        return [f"exception on the page: {text}" for text in shown]

    def empty(self) -> bool:
        """Leave nothing behind; False if that cannot be had."""
        try:
            self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
            self.page.context.clear_cookies()
            self.page.mouse.move(0, 0)
            options = json.loads(self.kind)
            self.page.set_viewport_size(options["viewport"])
            self.page.emulate_media(**{**MEDIA, **{k: v for k, v in options.items() if k in MEDIA}})
            self.page.goto("about:blank")
        except Error:
            return False
        return True


class Pages:
    """The pages of one browser that are free, by their options."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[Watched]] = defaultdict(list)

    @contextmanager
    def lent(self) -> Iterator[Maker]:
        """Lend pages: make(width=390, height=844, color_scheme="dark", reduced_motion="reduce").

        `expected` matches what the console may say, where a test causes a fault itself.
        """
        taken: list[Watched] = []

        def make(width: int = 1280, height: int = 800, expected: str = "(?!)", **options: object) -> Page:
            taken.append(self._take(expected, {"viewport": {"width": width, "height": height}, **options}))
            return taken[-1].page

        yield make
        problems = [one for watched in taken for one in (*watched.exceptions(), *watched.problems)]
        for watched in taken:
            if not problems and watched.empty():
                self._free[watched.kind].append(watched)
            else:
                watched.page.context.close()
        assert not problems, "\n".join(problems)

    def _take(self, expected: str, options: dict[str, object]) -> Watched:
        kind = json.dumps(options, sort_keys=True)
        if self._free[kind]:
            watched = self._free[kind].pop()
            watched.problems.clear()
            watched.expected = expected
            return watched
        context = self._browser.new_context(
            permissions=["clipboard-read", "clipboard-write"],
            accept_downloads=True,
            **options,  # type: ignore[arg-type]
        )
        return Watched(context.new_page(), kind, expected)
