from types import SimpleNamespace

import pytest
import torch

from llm.runs import device
from llm.runs.config import RunError
from llm.runs.device import can_train, devices, pick_device, words_of


def test_the_cpu_is_always_there_and_named() -> None:
    name, words = devices()[-1]
    assert name == "cpu"
    assert "core" in words
    assert pick_device("cpu") == torch.device("cpu")


def test_every_device_found_can_be_picked() -> None:
    assert [pick_device(name) for name, _ in devices()] == [torch.device(name) for name, _ in devices()]
    assert pick_device("auto").type in {name.partition(":")[0] for name, _ in devices()}


@pytest.mark.parametrize(
    ("count", "names"), [(0, ["cpu"]), (1, ["cuda", "mps", "cpu"]), (2, ["cuda:0", "cuda:1", "mps", "cpu"])]
)
def test_gpus_come_first(monkeypatch: pytest.MonkeyPatch, count: int, names: list[str]) -> None:
    about = SimpleNamespace(name="H200", total_memory=139 * 2**30)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: about)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: count > 0)
    found = devices()
    assert [name for name, _ in found] == names
    assert all(words == "H200, 139 GiB" for name, words in found if name.startswith("cuda"))


@pytest.mark.parametrize(
    ("there", "works", "picked"),
    [
        (("cuda", "mps"), ("cuda", "mps"), "cuda"),
        (("cuda", "mps"), ("mps",), "mps"),
        (("mps",), ("mps",), "mps"),
        (("mps",), (), "cpu"),
        ((), (), "cpu"),
    ],
)
def test_auto_takes_the_first_that_works(
    monkeypatch: pytest.MonkeyPatch, there: tuple[str, ...], works: tuple[str, ...], picked: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in there)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in there)
    monkeypatch.setattr(device, "can_train", works.__contains__)
    assert pick_device("auto") == torch.device(picked)


def test_what_was_taken_is_said() -> None:
    assert words_of(torch.device("cpu")) == ", ".join(devices()[-1])
    assert words_of(torch.device("meta")) == "meta"


def test_a_device_that_only_looks_as_if_it_were_there_cannot_train() -> None:
    assert can_train("cpu")
    assert not can_train("mps:7")
    assert not can_train("meta")


@pytest.mark.parametrize("name", ["cuda:99", "mps:7", "toaster", ""])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(RunError, match=r"cannot be used: .*; try --device "):
        pick_device(name)
