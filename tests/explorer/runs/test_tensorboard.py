"""The event files, read back by TensorBoard's format: framed records with checksums, protocol buffers within."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.runs.store import Runs
from explorer.runs.tensorboard import _crc32c, _masked, export_events
from llm.runs.config import RunError
from llm.runs.directory import RunDirectory
from tests.explorer.runs.conftest import recipe

ROWS = [
    {"step": 1, "loss": 2.5, "lr": 0.1, "grad_norm": 1.0, "tokens": 64, "seconds": 0.5, "validation_loss": None},
    {
        "step": 300,
        "loss": None,
        "validation_loss": 2.25,
        "seconds": 0.25,
        "layers": {"names": ["embed", "block 0"], "grad_norm": [0.5, 0.25], "update_ratio": [1e-3, 2e-3]},
    },
]


def _records(raw: bytes) -> Iterator[bytes]:
    while raw:
        length, check = struct.unpack("<QI", raw[:12])
        assert check == _masked(raw[:8])
        data, (check,) = raw[12 : 12 + length], struct.unpack("<I", raw[12 + length : 16 + length])
        assert check == _masked(data)
        yield data
        raw = raw[16 + length :]


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Number and value of each field of a protocol buffer."""

    def varint() -> int:
        nonlocal data
        value = shift = 0
        while True:
            byte, data = data[0], data[1:]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while data:
        key = varint()
        match key & 7:
            case 0:
                yield key >> 3, varint()
                continue
            case 1:
                size = 8
            case 5:
                size = 4
            case _:
                size = varint()
        yield key >> 3, data[:size]
        data = data[size:]


def _scalars(event: bytes) -> dict[str, float]:
    summary = dict(_fields(event)).get(5, b"")
    assert isinstance(summary, bytes)
    found = {}
    for _, value in _fields(summary):
        assert isinstance(value, bytes)
        parts = dict(_fields(value))
        assert isinstance(parts[1], bytes)
        found[parts[1].decode()] = struct.unpack("<f", parts[2])[0]  # type: ignore[arg-type]
    return found


def test_checksum_of_the_standard() -> None:
    assert _crc32c(b"123456789") == 0xE3069283  # RFC 3720's Castagnoli polynomial
    assert _crc32c(bytes(32)) == 0x8A9136AA


def test_curves_are_read_back(runs: Runs, tmp_path: Path) -> None:
    run = RunDirectory.create(runs.root / "x", recipe(), created="2026-11-21T13:00:00Z")
    run.metrics.write_text("".join(json.dumps(row) + "\n" for row in ROWS) + "torn")
    assert export_events(run, tmp_path / "tb") == 2
    (file,) = (tmp_path / "tb" / "x").iterdir()
    assert ".tfevents." in file.name
    first, one, two = _records(file.read_bytes())
    assert dict(_fields(first))[3] == b"brain.Event:2"
    assert dict(_fields(one))[2] == 1
    assert dict(_fields(two))[2] == 300
    when = [struct.unpack("<d", dict(_fields(event))[1])[0] for event in (first, one, two)]  # type: ignore[arg-type]
    assert [then - when[0] for then in when] == [0, 0.5, 0.75]
    assert _scalars(one) == pytest.approx(
        {"loss/training": 2.5, "learning rate": 0.1, "gradient norm": 1.0, "tokens": 64.0}
    )
    assert _scalars(two) == pytest.approx(
        {
            "loss/validation": 2.25,
            "gradient norm of/embed": 0.5,
            "gradient norm of/block 0": 0.25,
            "update over weights of/embed": 1e-3,
            "update over weights of/block 0": 2e-3,
        }
    )
    with pytest.raises(RunError, match="is there already"):
        export_events(run, tmp_path / "tb")
