"""What a run is asked to do: control.json as it changes, signals as they come."""

import os
import signal
import threading
from pathlib import Path

import pytest

from llm.runs.directory import RunDirectory
from llm.runs.requests import Requests, StopRequested
from tests.llm.runs.tiny_run import create


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return create(tmp_path / "run")


def test_the_newest_wish_holds_and_a_damaged_one_changes_nothing(run: RunDirectory) -> None:
    requests = Requests(run)
    assert requests.control() is None
    assert (requests.stop, requests.pause) == (False, False)
    run.ask(want="pause", lr_scale=0.5)
    assert (requests.stop, requests.pause) == (False, True)
    (run.path / "control.json").write_text('{"want": "st')
    assert requests.pause
    run.ask(want="stop")
    assert (requests.stop, requests.pause) == (True, False)
    (run.path / "control.json").unlink()
    assert requests.stop


def test_control_is_read_only_when_it_changed(run: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    run.ask(want="pause")
    requests, reads, read = Requests(run), [], RunDirectory.control

    def counted(directory: RunDirectory, *otherwise: object) -> object:
        reads.append(directory)
        return read(directory, *otherwise)  # type: ignore[arg-type]

    monkeypatch.setattr(RunDirectory, "control", counted)
    assert [requests.pause for _ in range(5)] == [True] * 5
    assert len(reads) == 1
    run.ask(want="run")
    reads.clear()
    assert [requests.pause for _ in range(5)] == [False] * 5
    assert len(reads) == 1


def test_a_wish_to_stop_ends_the_preparation(run: RunDirectory) -> None:
    requests = Requests(run)
    requests.check()
    run.ask(want="stop")
    with pytest.raises(StopRequested):
        requests.check()
    with pytest.raises(StopRequested):
        requests.begun()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_the_preparation_and_is_noted_in_training(run: RunDirectory, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    requests = Requests(run)
    with requests.heard(), pytest.raises(StopRequested):
        signal.raise_signal(number)
    requests = Requests(run)
    run.ask(want="pause")
    with requests.heard():
        requests.begun()
        signal.raise_signal(number)
        assert (requests.stop, requests.pause) == (True, False)  # who is to end does not wait first
        assert signal.getsignal(number) is before  # a second one does what it always did
    assert signal.getsignal(number) is before


def test_another_thread_hears_no_signals(run: RunDirectory) -> None:
    before, after = signal.getsignal(signal.SIGTERM), []

    def listen() -> None:
        with Requests(run).heard():
            after.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert after == [before]


def test_a_signal_says_what_comes(run: RunDirectory, capfd: pytest.CaptureFixture[str]) -> None:
    requests = Requests(run)
    with requests.heard():
        requests.begun()
        os.kill(os.getpid(), signal.SIGINT)
        assert requests.stop
    assert "a checkpoint follows" in capfd.readouterr().err
