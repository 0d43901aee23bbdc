"""The web server: Streamlit's app under uvicorn, with the models loaded before the first visitor, and the worker."""

import argparse
import contextlib
import errno
import gc
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from explorer import paths
from explorer.runs.attendance import attended, farewell
from explorer.runs.store import Runs

APP = Path(__file__).resolve().parent / "app.py"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_EVERYWHERE = ("0.0.0.0", "::")
_STOPS = (signal.SIGINT, signal.SIGTERM)


class PortError(ValueError):
    """Cannot listen there; the message says what to do."""


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; a wrong one ends with exit code 2."""
    parser = argparse.ArgumentParser(
        prog="python -m explorer",
        description="See, with real numbers, everything a language model does with a text.",
        epilog="Also: python -m explorer runs --help, python -m explorer worker --help.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8501, help="port to listen on; 0 takes a free one (default: 8501)")
    parser.add_argument("--home", help=f"directory of your own models (default: ${paths.VARIABLE}, or your user data)")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser window")
    return parser.parse_args(argv)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Its protocol is named, or asyncio would leave Nagle's delay on: 40 ms an answer."""
    if not 0 <= port <= 65535:
        raise PortError(f"Expected a port from 0 to 65535, got {port}; 8501 is the usual one.")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise PortError(f"Cannot listen on {host}: {error}; give an address of this machine with --host.") from error
    try:
        if os.name == "posix":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen()  # at once: with SO_REUSEADDR two may bind a port, but only one can listen
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            remedy = "another program, perhaps another explorer, uses it; stop that or choose another with --port."
            raise PortError(f"Port {port} on {host} is busy: {remedy}") from error
        raise PortError(f"Cannot listen on {host}, port {port}: {error.strerror}; try another.") from error
    return bound


def address(host: str, port: int) -> str:
    """The address to open in a browser on this machine."""
    host = "127.0.0.1" if host in _EVERYWHERE else host
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def preload() -> None:
    """Import what pages import, load the first model and read its opening prompt, so that no visitor waits for it."""
    # before torch: wait as a training does, whose updates are timed here
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import torch

    from explorer import resources
    from explorer.opening import opening
    from llm.checkpoint import CheckpointError
    from llm.runs.device import usual_threads

    torch.set_num_threads(min(usual_threads(), max(1, (os.cpu_count() or 2) // 2)))
    for name, path in list(paths.models().items())[:1]:
        with contextlib.suppress(CheckpointError, ValueError):  # the page says it, in its own words
            checkpoint = resources.load_model(path)
            ids = tuple(checkpoint.tokenizer.encode(opening(name).examples[0]))
            resources.traced(path, ids)


@contextlib.asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """Load before the first visitor, then keep what is loaded out of every later garbage collection."""
    preload()
    gc.collect()
    gc.freeze()
    yield {}


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C; the exit code: 0, or 2 with one sentence on stderr. No training ends with it."""
    given = arguments(argv)
    try:
        home = paths.use_home(given.home)
        bound = listen(given.host, given.port)
    except (paths.HomeError, PortError) as error:
        print(f"explorer: {error}", file=sys.stderr)
        return 2
    where = address(given.host, bound.getsockname()[1])
    for number in _STOPS:
        signal.signal(number, _stop)
    with contextlib.closing(bound), _saying_farewell(home, given.home), attended(home):
        _serve(bound, given.host, where, None if given.no_browser else where)
    return 0


def _stop(*_: object) -> NoReturn:
    """Once: a second signal would end in the middle of ending, with a traceback."""
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


@contextlib.contextmanager
def _saying_farewell(home: Path, named: str | None) -> Iterator[None]:
    """At the end, in the terminal: what trains on."""
    try:
        yield
    finally:
        if words := farewell(Runs(home), f" --home {named}" if named else ""):
            print(words, flush=True)


def _serve(bound: socket.socket, host: str, where: str, to_open: str | None) -> None:
    import streamlit as st
    import uvicorn
    from starlette.middleware import Middleware

    from explorer.document import routes
    from explorer.guard import Guard

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            reach = "" if host in LOOPBACK else ", and to everyone who can reach this machine"
            print(f"Vitrine is open at {where}{reach}  (Ctrl-C stops it)", flush=True)
            if to_open:
                threading.Thread(target=_open, args=(to_open,), daemon=True).start()

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            """A second signal changes nothing: ending takes a second, and cut short it leaves a traceback."""
            self.should_exit = True

    guard = Middleware(Guard, hosts=LOOPBACK if host in LOOPBACK else ())
    app = st.App(APP, lifespan=lifespan, routes=routes(), middleware=[guard])
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_max_size=25_000_000,
        ws_per_message_deflate=False,  # packing them was nearly a third of what sending costs
        ws_ping_interval=30,
        ws_ping_timeout=30,
        h11_max_incomplete_event_size=2**20,  # an address may hold a text of 20,000 characters, nine bytes each
        access_log=False,
        log_level="critical",
        timeout_graceful_shutdown=1,
    )
    Server(config).run(sockets=[bound])


def _open(where: str) -> None:
    with contextlib.suppress(Exception):  # no browser to open is no reason not to serve
        webbrowser.open(where)
