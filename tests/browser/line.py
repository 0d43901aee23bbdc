"""A line between browser and server that is slow or can be cut: Chromium going offline leaves a websocket open."""

import socket
import threading
import time
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import Self


class Line:
    """While it is whole, whoever connects to `port` talks to the server's; cut, all talk ends and no other begins.

    What the server says comes `late` seconds after it was said, and not before the line lets it.
    """

    def __init__(self, server: int, late: float = 0.0) -> None:
        self._server, self._late, self._whole = server, late, True
        self._ends: set[socket.socket] = set()
        self._lets = threading.Event()
        self._lets.set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _end(self._listening)
        self.cut()
        self.let()
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def cut(self) -> None:
        self._whole = False
        for end in tuple(self._ends):
            _end(end)

    def mend(self) -> None:
        self._whole = True

    def hold(self) -> None:
        """Keep what the server says from now on."""
        self._lets.clear()

    def let(self) -> None:
        """Pass on what was held."""
        self._lets.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                if self._whole:
                    self._threads.append(threading.Thread(target=self._carry, args=(near,)))
                    self._threads[-1].start()
                else:
                    near.close()

    def _carry(self, near: socket.socket) -> None:
        with near, suppress(OSError), socket.create_connection(("127.0.0.1", self._server)) as far:
            self._ends |= {near, far}
            back = threading.Thread(target=_pass_on, args=(far, near, self._late, self._lets))
            back.start()
            if self._whole:  # else it was cut before it knew these ends
                _pass_on(near, far)
            _end(near)
            _end(far)
            back.join()
            self._ends -= {near, far}


def _pass_on(
    source: socket.socket, target: socket.socket, late: float = 0.0, lets: threading.Event | None = None
) -> None:
    said: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
    passing = threading.Thread(target=_say, args=(said, target, lets))
    passing.start()
    with suppress(OSError):
        while words := source.recv(65_536):
            said.put((time.monotonic() + late, words))
    said.put((0.0, b""))
    passing.join()
    _end(target)


def _say(said: SimpleQueue[tuple[float, bytes]], target: socket.socket, lets: threading.Event | None) -> None:
    with suppress(OSError):
        while (next := said.get())[1]:
            time.sleep(max(0.0, next[0] - time.monotonic()))
            if lets:
                lets.wait()
            target.sendall(next[1])


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
