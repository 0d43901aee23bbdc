"""A line between browser and server that can be cut: Chromium's own way of going offline leaves a websocket open."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class Line:
    """While it is whole, whoever connects to `port` talks to the server's; cut, all talk ends and no other begins."""

    def __init__(self, server: int) -> None:
        self._server, self._whole = server, True
        self._ends: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _end(self._listening)
        self.cut()
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def cut(self) -> None:
        self._whole = False
        for end in tuple(self._ends):
            _end(end)

    def mend(self) -> None:
        self._whole = True

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
            back = threading.Thread(target=_pass_on, args=(far, near))
            back.start()
            if self._whole:  # else it was cut before it knew these ends
                _pass_on(near, far)
            _end(near)
            _end(far)
            back.join()
            self._ends -= {near, far}


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while said := source.recv(65_536):
            target.sendall(said)
    _end(target)


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
