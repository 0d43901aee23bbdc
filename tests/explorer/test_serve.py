"""`python -m explorer` as a process: one line, clean ends, clear refusals; and what the guard lets through."""

import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from explorer import paths, serve
from explorer.guard import Guard
from explorer.runs.store import Runs
from llm.runs.process import is_process
from tests.explorer.runs.conftest import recipe, wait_until
from tests.explorer.runs.conftest import runs as runs
from tests.served import start


def _refused(*arguments: str, **environment: str) -> str:
    with start(*arguments, **environment) as process:
        out, error = process.communicate(timeout=60)
    assert process.returncode == 2
    assert out == ""
    assert error.count("\n") == 1
    return error


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def test_serves_says_where_and_stops_on_interrupt(tmp_path: Path) -> None:
    with start("--port", "0", "--home", str(tmp_path)) as process:
        assert process.stdout
        assert process.stderr
        line = process.stdout.readline()
        where = line.split()[4]
        with urllib.request.urlopen(where, timeout=20) as answer:
            assert answer.status == 200
            assert "default-src 'self'" in answer.headers["content-security-policy"]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
        assert line == f"Vitrine is open at {where}  (Ctrl-C stops it)\n"
        assert process.stdout.read() == process.stderr.read() == ""


def _running(process: subprocess.Popen[str]) -> str:
    """Wait for the server's first words; its address."""
    assert process.stdout
    return process.stdout.readline().split()[4]


@pytest.mark.timeout(300)
def test_trainings_outlive_the_server_however_it_ends(runs: Runs) -> None:
    run = runs.get(runs.submit(recipe(1_000_000), "long"))
    waiting = runs.get(runs.submit(recipe(50), "short"))
    with start("--port", "0", "--home", str(runs.home)) as killed:
        wait_until(lambda: run.status().state == "running" and run.status().step > 10)
        _running(killed)
        killed.kill()
    before = run.status()
    with start("--port", "0", "--home", str(runs.home)) as server:
        _running(server)
        wait_until(lambda: run.status().step > before.step + 20)
        assert (run.status().pid, run.status().process_started) == (before.pid, before.process_started)
        server.send_signal(signal.SIGINT)
        out, error = server.communicate(timeout=60)
    assert (server.returncode, error) == (0, "")
    assert f"long ({run.id}) trains on, at step " in out
    assert f"python -m explorer runs stop {run.id} --home {runs.home}" in out
    assert "1 run waits in the queue" in out
    wait_until(lambda: run.status().step > before.step + 60)
    runs.stop(run.id)
    wait_until(lambda: not run.status().live)
    if waiting.status().state == "queued":  # else the first server's worker, left alone, has begun it
        runs.stop(waiting.id)


def test_the_worker_ends_with_its_server(tmp_path: Path) -> None:
    with start("--port", "0", "--home", str(tmp_path)) as server:
        _running(server)
        wait_until(Runs(tmp_path).attended)
        worker = json.loads((tmp_path / "worker.json").read_text())
        os.kill(worker["pid"], signal.SIGKILL)
        wait_until(lambda: json.loads((tmp_path / "worker.json").read_text()) != worker)  # another takes its place
        worker = json.loads((tmp_path / "worker.json").read_text())
        server.kill()
    wait_until(lambda: not is_process(worker["pid"], worker["started"]))


def test_busy_port(busy: int, tmp_path: Path) -> None:
    assert f"Port {busy} on 127.0.0.1 is busy" in _refused("--port", str(busy), "--home", str(tmp_path))


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_port_out_of_range(port: str, tmp_path: Path) -> None:
    assert f"got {port}" in _refused("--port", port, "--home", str(tmp_path))


def test_missing_home(tmp_path: Path) -> None:
    assert "make it first" in _refused("--home", str(tmp_path / "none"))
    assert "make it first" in _refused(**{paths.VARIABLE: str(tmp_path / "none")})


def test_address_not_of_this_machine(tmp_path: Path) -> None:
    assert "Cannot listen on 203.0.113.1" in _refused("--host", "203.0.113.1", "--home", str(tmp_path))


def test_listening_socket_sends_without_delay() -> None:
    with serve.listen("127.0.0.1", 0) as bound:
        assert bound.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize(
    ("host", "where"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("0.0.0.0", "http://127.0.0.1:80"), ("::1", "http://[::1]:80")],
)
def test_address(host: str, where: str) -> None:
    assert serve.address(host, 80) == where


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the origin that reached the app."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": dict(scope["headers"]).get(b"origin", b"none").decode()})
    await send({"type": "websocket.close"})


def _knock(hosts: tuple[str, ...], host: str, origin: str | None) -> str:
    headers = {"host": host, **({"origin": origin} if origin else {})}
    with TestClient(Guard(_echo, hosts)).websocket_connect("/_stcore/stream", headers=headers) as socket_:
        return str(socket_.receive_text())


def test_own_page_is_let_in_under_a_known_origin() -> None:
    assert _knock(serve.LOOPBACK, "127.0.0.1:8501", "http://127.0.0.1:8501") == "http://localhost"
    assert _knock((), "class.example:8501", "http://class.example:8501") == "http://localhost"
    assert _knock(serve.LOOPBACK, "localhost:8501", None) == "none"


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8501", "http://evil.example"),
        ("127.0.0.1:8501", "http://127.0.0.1:9999"),
        ("evil.example:8501", "http://evil.example:8501"),
        ("127.0.0.1:8501", "null"),
    ],
)
def test_strangers_are_refused(host: str, origin: str) -> None:
    with pytest.raises(WebSocketDisconnect):
        _knock(serve.LOOPBACK, host, origin)
