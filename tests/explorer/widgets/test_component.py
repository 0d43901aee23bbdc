"""The payload of a picture, read back as kit.js reads it, and what a component is made of."""

import json
import struct
from typing import Any

import numpy as np
import pytest

from explorer.widgets import component
from explorer.widgets.component import pack


def unpack(payload: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The reading side of kit.js."""
    (length,) = struct.unpack_from("<I", payload)
    head = json.loads(payload[4 : 4 + length])
    arrays = {}
    for name, entry in head["arrays"].items():
        start = 4 + length + entry["offset"]
        assert start % 8 == 0, "a typed array needs its own alignment"
        count = int(np.prod(entry["shape"], dtype=int))
        flat = np.frombuffer(payload, np.dtype(entry["dtype"]).newbyteorder("<"), count, start)
        arrays[name] = flat.reshape(entry["shape"])
    return head["header"], arrays


def test_round_trip() -> None:
    pattern = np.random.default_rng(0).random((2, 3, 5, 5)).astype(np.float32)
    ids, odd = np.arange(3), np.array([[True], [False]])
    header, arrays = unpack(pack({"tokens": ["é", "\u2028"]}, a=odd, pattern=pattern, ids=ids))
    assert header == {"tokens": ["é", "\u2028"]}
    assert np.array_equal(arrays["pattern"], pattern)
    assert np.array_equal(arrays["ids"], ids)
    assert np.array_equal(arrays["a"], odd)
    assert arrays["ids"].dtype == np.int32


def test_strides_and_byte_order_do_not_matter() -> None:
    array = np.arange(12, dtype=">f8").reshape(3, 4).T
    assert np.array_equal(unpack(pack({}, x=array))[1]["x"], array)


def test_same_data_same_bytes() -> None:
    x = np.ones(3, np.float32)
    assert pack({"a": 1}, x=x) == pack({"a": 1}, x=x.copy())


def test_empty_array() -> None:
    assert unpack(pack({}, x=np.zeros((0, 4), np.float32), y=np.ones(1)))[1]["x"].shape == (0, 4)


@pytest.mark.parametrize("array", [np.array(["a"]), np.array([1j]), np.array([2**40])])
def test_what_no_browser_array_holds_is_refused(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="'x'"):
        pack({}, x=array)


def test_header_is_strict_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        pack({"x": float("nan")})


def test_lone_surrogate_does_not_break_the_page() -> None:
    assert unpack(pack({"x": "a\ud800"}))[0] == {"x": "a?"}


def test_tokens_move_to_the_shadow_host() -> None:
    css = component.stylesheet("share")
    assert ":root" not in css
    assert ':host([data-theme="dark"])' in css


def test_script_has_the_kit_once_and_one_export() -> None:
    script = component.script("share")
    assert script.count("\nexport default ") == 1
    assert script.index("function picture(") < script.index("export default picture(view => {\n")
