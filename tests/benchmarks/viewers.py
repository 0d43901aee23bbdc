"""What does one more viewer of a live run cost the server? `python -m tests.benchmarks.viewers [viewers] [seconds]`.

Viewers are websocket clients that do what the page does in a browser: open the Train page, and ask for its live parts
as often as the server told them to. The run trains in its own process meanwhile. Counted is the processor time of the
web server alone, by ticks: the answers that viewers got to their timers. Timers that the server answered together count
as one.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from explorer.runs.store import Runs
from llm.model.config import GPTConfig
from llm.runs.config import RunConfig, TokenizerOptions
from llm.runs.directory import RunDirectory
from llm.training.config import TrainingConfig
from tests.benchmarks.timing import machine

CONFIG = RunConfig(
    corpus="sums",
    corpus_chars=200_000,
    tokenizer=TokenizerOptions(kind="char"),
    model=GPTConfig(n_ctx=64, n_layers=2, n_heads=4, n_kv_heads=4, d_model=64, d_mlp=256),
    training=TrainingConfig(steps=1_000_000, batch_size=16, eval_every=200),
    checkpoint_every=200,
    threads=1,
)

FRAGMENT = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
KEPT = 2  # runs for which a browser holds a large message: global.maxCachedMessageAge
SETTLE = 180  # seconds within which every viewer must have had an answer


@dataclass
class Viewer:
    """One browser tab's half of the conversation."""

    url: str
    asked: int = 0  # how often a timer went off
    answers: list[float] = field(default_factory=list)  # seconds from the first unanswered one to the end of its run
    received: int = 0  # bytes
    _hash: str = ""
    _runs: int = 0
    _held: dict[str, int] = field(default_factory=dict)  # large messages by their hash, and the run that used them last
    _since: float | None = None  # the first timer that is still to be answered

    async def watch(self, run: str) -> None:
        """Open the page and follow its timers until cancelled."""
        async with connect(f"{self.url.replace('http', 'ws')}/_stcore/stream", max_size=None) as socket:
            timers: dict[str, asyncio.Task[None]] = {}
            await self._ask(socket, query=f"run={run}", page_name="train")
            async for raw in socket:
                self.received += len(raw)
                message = ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode())
                if message.metadata.cacheable or message.ref_hash:
                    self._held[message.ref_hash or message.hash] = self._runs
                match message.WhichOneof("type"):
                    case "new_session":
                        self._hash = message.new_session.page_script_hash
                        self._runs += 1
                        self._held = {hash: run for hash, run in self._held.items() if self._runs - run <= KEPT}
                    case "auto_rerun":
                        timer = message.auto_rerun
                        if timer.fragment_id not in timers:
                            timers[timer.fragment_id] = asyncio.create_task(
                                self._repeat(socket, timer.fragment_id, timer.interval, run)
                            )
                    case "script_finished" if message.script_finished == FRAGMENT and self._since is not None:
                        self.answers.append(time.perf_counter() - self._since)
                        self._since = None

    async def _repeat(self, socket: ClientConnection, fragment: str, interval: float, run: str) -> None:
        while True:
            await asyncio.sleep(interval)
            self.asked += 1
            self._since = self._since or time.perf_counter()
            await self._ask(socket, query=f"run={run}", fragment=fragment)

    async def _ask(self, socket: ClientConnection, query: str, fragment: str = "", page_name: str = "") -> None:
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page_name
        message.rerun_script.page_script_hash = self._hash
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = bool(fragment)
        message.rerun_script.cached_message_hashes.extend(self._held)
        await socket.send(message.SerializeToString())


@contextmanager
def serving(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    """`python -m explorer` on a free port: its address and its web server's process."""
    command = [sys.executable, "-m", "explorer", "--no-browser", "--port", "0", "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().split()[4].rstrip(","), psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(20)


def wait_for_steps(run: RunDirectory, step: int, seconds: float = 120) -> None:
    """Until the run has done that many updates."""
    end = time.monotonic() + seconds
    while run.status().step < step:
        if time.monotonic() > end:
            raise TimeoutError(f"{run.path} is at {run.status()}")
        time.sleep(0.2)


async def measure(url: str, server: psutil.Process, run: str, n_viewers: int, seconds: float) -> None:
    """Let them come, settle, then count."""
    viewers = [Viewer(url) for _ in range(n_viewers)]
    tasks = [asyncio.create_task(viewer.watch(run)) for viewer in viewers]
    end = time.monotonic() + SETTLE
    while not all(viewer.answers for viewer in viewers):
        await asyncio.sleep(1)
        if time.monotonic() > end:
            raise SystemExit(f"after {SETTLE} seconds a viewer still had no answer; the machine is too busy to measure")
    await asyncio.sleep(10)
    for viewer in viewers:
        viewer.asked, viewer.received, viewer.answers = 0, 0, []
    before, began = sum(server.cpu_times()[:2]), time.perf_counter()
    await asyncio.sleep(seconds)
    cpu, took = sum(server.cpu_times()[:2]) - before, time.perf_counter() - began
    for task in tasks:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks)
    asked = sum(viewer.asked for viewer in viewers)
    answers = sorted(a for viewer in viewers for a in viewer.answers)
    ticks = len(answers)
    if not answers:
        raise SystemExit(f"no viewer had an answer in {seconds:g} seconds; give it more, or a machine less busy")
    print(
        f"| {n_viewers} | {asked / took / n_viewers:.2f} | {ticks / took / n_viewers:.2f} "
        f"| {1000 * cpu / ticks:.1f} | {100 * cpu / took:.0f}% "
        f"| {1000 * statistics.median(answers):.0f} / {1000 * answers[int(0.95 * len(answers))]:.0f} "
        f"| {sum(v.received for v in viewers) / ticks / 1024:.1f} | {server.memory_info().rss / 2**20:.0f} |"
    )


def main() -> None:
    """Print a row for many viewers and one for one."""
    n_viewers, seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 30, float(sys.argv[2]) if len(sys.argv) > 2 else 30
    print(machine(), "\n")
    print(
        "| viewers | asked a second, each | answered | server ms per answer | of one core "
        "| answer ms, median / p95 | KB | RSS MB |"
    )
    print("|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as place, serving(Path(place)) as (url, server):
        runs = Runs(Path(place))
        run = runs.submit(CONFIG, name="watched")
        try:
            wait_for_steps(runs.get(run), 300)
            for count in (n_viewers, 1):
                asyncio.run(measure(url, server, run, count, seconds))
        finally:
            runs.stop(run)
            with suppress(TimeoutError):
                end = time.monotonic() + 20
                while runs.get(run).status().live and time.monotonic() < end:
                    time.sleep(0.2)


if __name__ == "__main__":
    main()
