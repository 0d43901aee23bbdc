"""What a visitor's browser may do: talk to this server and nobody else, and be sent here by no other site."""

import base64
import hashlib
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.document import inline_scripts


def content_security_policy() -> str:
    """Everything from this server. blob: is how Streamlit loads components; scripts in the document by their hash."""
    digests = (hashlib.sha256(script.encode()).digest() for script in inline_scripts())
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'self'; script-src 'self' blob: 'wasm-unsafe-eval' {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; connect-src 'self'; font-src 'self' data:; worker-src 'self' blob:; "
        "frame-ancestors 'self'; object-src 'none'; base-uri 'self'; form-action 'self'"
    )


class Guard:
    """ASGI middleware: the policy on every answer; a websocket only from a page of this server.

    `hosts` are the only names the server answers to, against DNS rebinding; empty answers to any. Streamlit's own
    check would look up this machine's public address over the network, so it is shown an origin that it knows.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self.app = app
        self.hosts = hosts
        self.policy = content_security_policy()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            scope = dict(scope)
            headers = MutableHeaders(raw=list(scope["headers"]))
            if not self._same_origin(headers.get("origin"), headers.get("host", "")):
                await send({"type": "websocket.close", "code": 1008})
                return
            if "origin" in headers:
                headers["origin"] = "http://localhost"
            scope["headers"] = headers.raw
        elif scope["type"] == "http":
            send = self._with_policy(send)
        await self.app(scope, receive, send)

    def _same_origin(self, origin: str | None, host: str) -> bool:
        name = urlsplit(f"//{host}").hostname
        if self.hosts and name not in self.hosts:
            return False
        return origin is None or urlsplit(origin).netloc.lower() == host.lower()

    def _with_policy(self, send: Send) -> Send:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = self.policy
                headers["x-content-type-options"] = "nosniff"
                headers["referrer-policy"] = "no-referrer"
            await send(message)

        return sent
