"""One run a device: which slots a recipe could use, and what its process is made to see."""

from __future__ import annotations

import os
import subprocess

import pytest

from explorer.runs import slots
from tests.explorer.runs.conftest import recipe


@pytest.mark.parametrize(
    ("device", "gpus", "expected"),
    [
        ("auto", [], ["cpu"]),
        ("cpu", ["0"], ["cpu"]),
        ("auto", ["0", "1"], ["cuda:0", "cuda:1"]),
        ("cuda", ["2", "3"], ["cuda:2", "cuda:3"]),
        ("cuda:1", ["2", "3"], ["cuda:3"]),
        ("cuda:7", ["0"], ["cpu"]),
        ("mps", [], ["mps"]),
    ],
)
def test_slots(device: str, gpus: list[str], expected: list[str]) -> None:
    assert slots.slots_of(recipe(device=device), gpus) == expected


def test_auto_shares_the_gpu_of_an_apple_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert slots.slots_of(recipe(), []) == slots.slots_of(recipe(device="mps"), []) == ["mps"]
    assert slots.slots_of(recipe(device="cpu"), []) == ["cpu"]


def test_free_slots_in_order() -> None:
    auto, gpus = recipe(), ["0", "1"]
    assert slots.free_slot(auto, gpus, []) == "cuda:0"
    assert slots.free_slot(auto, gpus, ["cuda:0"]) == "cuda:1"
    assert slots.free_slot(auto, gpus, ["cuda:0", "cuda:1"]) is None
    assert slots.free_slot(recipe(device="cpu"), gpus, ["cuda:0"]) == "cpu"
    assert slots.environment(auto, "cuda:1") == {"CUDA_VISIBLE_DEVICES": "1"}
    assert slots.environment(recipe(device="cuda:1"), "cuda:1") == {}
    assert slots.environment(auto, "cpu") == {}


def test_a_run_at_work_tells_its_slot() -> None:
    environment = {**os.environ, slots.VISIBLE: "1"}
    with subprocess.Popen(["sleep", "1000"], env=environment) as process:
        assert slots.slot_in_use(recipe(), ["0", "1"], process.pid) == "cuda:1"
        process.kill()
    assert slots.slot_in_use(recipe(), ["0", "1"], process.pid) == "cuda:0"
    assert slots.slot_in_use(recipe(), [], None) == "cpu"
