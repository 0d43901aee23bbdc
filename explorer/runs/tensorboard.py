"""A run's curves as TensorBoard's event files, written here: TensorBoard itself is only needed to look at them."""

from __future__ import annotations

import calendar
import math
import struct
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from llm.runs.config import RunError
from llm.runs.directory import RunDirectory
from llm.runs.log import Tail

TAGS = {  # a column of metrics.jsonl -> what TensorBoard calls it
    "loss": "loss/training",
    "validation_loss": "loss/validation",
    "bits_per_byte": "loss/bits per byte",
    "lr": "learning rate",
    "grad_norm": "gradient norm",
    "tokens": "tokens",
}


def export_events(run: RunDirectory, directory: Path) -> int:
    """Write one event file into directory/<the run's id>, a new directory; how many updates. Raises RunError."""
    rows = Tail(run.metrics).read()
    place = directory / run.id
    try:
        place.mkdir(parents=True)
        began = _began(run)
        with (place / f"events.out.tfevents.{int(began)}.vitrine").open("xb") as file:
            file.write(_record(_event(began, version="brain.Event:2")))
            for row, seconds in _timed(rows):
                file.write(_record(_event(began + seconds, step=row["step"], values=_values(row))))
    except FileExistsError as error:
        raise RunError(f"{place} is there already; name another directory.") from error
    except OSError as error:
        raise RunError(f"{place} cannot be written to: {error.strerror or error}.") from error
    return len(rows)


def _timed(rows: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], float]]:
    passed = 0.0
    for row in rows:
        if type(row.get("step")) is int and 0 <= row["step"] < 2**63:
            seconds = row.get("seconds")
            passed += seconds if isinstance(seconds, int | float) and math.isfinite(seconds) else 0.0
            yield row, passed


def _values(row: Mapping[str, Any]) -> dict[str, float]:
    found = {tag: row.get(name) for name, tag in TAGS.items()}
    if isinstance(layers := row.get("layers"), dict):
        for kind, tag in (("grad_norm", "gradient norm of"), ("update_ratio", "update over weights of")):
            found |= {f"{tag}/{layer}": value for layer, value in zip(layers["names"], layers[kind], strict=False)}
    return {tag: float(value) for tag, value in found.items() if isinstance(value, int | float) and abs(value) < 3e38}


def _began(run: RunDirectory) -> float:
    try:
        return float(calendar.timegm(time.strptime(run.record()["created"][:19], "%Y-%m-%dT%H:%M:%S")))
    except (RunError, KeyError, ValueError, TypeError):
        return 0.0


def _event(when: float, step: int = 0, version: str = "", values: Mapping[str, float] | None = None) -> bytes:
    """Protocol buffer `Event`: wall_time 1, step 2, file_version 3, summary 5 of values 1 of tag 1, simple_value 2."""
    made = b"\x09" + struct.pack("<d", when) + b"\x10" + _varint(step)
    if version:
        made += _bytes(3, version.encode())
    if values:
        parts = (_bytes(1, tag.encode()) + b"\x15" + struct.pack("<f", value) for tag, value in values.items())
        made += _bytes(5, b"".join(_bytes(1, part) for part in parts))
    return made


def _bytes(field: int, value: bytes) -> bytes:
    return bytes([field << 3 | 2]) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])


def _record(data: bytes) -> bytes:
    """A TFRecord: length, its checksum, the data, its checksum."""
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", _masked(length)) + data + struct.pack("<I", _masked(data))


def _masked(data: bytes) -> int:
    crc = _crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def _entry(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)  # Castagnoli's polynomial, its bits reversed
    return value


_TABLE = [_entry(value) for value in range(256)]
