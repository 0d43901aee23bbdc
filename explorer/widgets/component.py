"""Client-side pictures: the kit and a picture's own script as one Streamlit component, and its payload as bytes."""

import json
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

COMPONENTS = Path(__file__).resolve().parent / "components"
KIT_JS = tuple(f"kit/{name}.js" for name in ("kit", "steps", "numbers", "parts", "typing", "export", "twin"))
DTYPES = ("float32", "float64", "uint8", "int8", "uint16", "int16", "uint32", "int32")


_STEP: ContextVar[int | None] = ContextVar("step", default=None)


@contextmanager
def at(step: int | None) -> Iterator[None]:
    """Pictures packed inside show this checkpoint of a run: the browser keeps them, and shows them again as soon as the
    timeline is back there."""
    token = _STEP.set(step)
    try:
        yield
    finally:
        _STEP.reset(token)


def _moment(step: int) -> dict[str, Any]:
    """A checkpoint, and all else that the address says of a view."""
    others = {name: st.query_params.get_all(name) for name in sorted(st.query_params) if name != "step"}
    return {"view": json.dumps(others), "step": step}


def stylesheet(name: str) -> str:
    """Tokens, kit and the picture's own rules; the tokens move from the document to the shadow host."""
    tokens = (COMPONENTS / "kit" / "tokens.css").read_text("utf-8")
    for theme in ("light", "dark"):
        tokens = tokens.replace(f'[data-theme="{theme}"]', f':host([data-theme="{theme}"])')
    own = COMPONENTS / name / f"{name}.css"
    parts = [tokens.replace(":root", ":host"), (COMPONENTS / "kit" / "kit.css").read_text("utf-8")]
    return "\n".join([*parts, own.read_text("utf-8")] if own.exists() else parts)


def script(name: str, *parts: str) -> str:
    """Kit, parts, the picture's own script, in this order: a module loaded from a blob cannot import its neighbours.

    A part with a slash is another picture's: "vectors/held".
    """
    own = (part if "/" in part else f"{name}/{part}" for part in (*parts, name))
    files = (*KIT_JS, *(f"{part}.js" for part in own))
    return "\n".join((COMPONENTS / file).read_text("utf-8") for file in files)


def picture(name: str, *parts: str) -> "ComponentRenderer":
    """Register components/<name>/<name>.js (and .css) and return what mounts it. Call once, at import.

    `parts` are further scripts beside it, one for each subject, put before it: picture("flow", "layout").
    """
    return st.components.v2.component(
        f"vitrine_{name}", html='<div class="picture"></div>', css=stylesheet(name), js=script(name, *parts)
    )


def pack(header: Mapping[str, Any], **arrays: np.ndarray) -> bytes:
    """u32 length, JSON padded to 8 bytes, then the arrays, little-endian, each at a multiple of 8; kit.js unpacks it.

    float16, int64 and bool have no twin in every browser and travel as float32, int32 and uint8. The header is
    strict JSON: NaN and infinity are refused (ValueError); put such numbers in an array.
    """
    blocks = {name: _portable(name, array) for name, array in arrays.items()}
    if (step := _STEP.get()) is not None:
        header = {**header, "moment": _moment(step)}
    table: dict[str, dict[str, Any]] = {}
    body = bytearray()
    for name, block in blocks.items():
        body.extend(bytes(-len(body) % 8))
        table[name] = {"dtype": block.dtype.name, "shape": list(block.shape), "offset": len(body)}
        body.extend(block.tobytes())
    text = json.dumps({"header": header, "arrays": table}, ensure_ascii=False, allow_nan=False)
    head = text.encode("utf-8", "replace")
    head += b" " * (-(4 + len(head)) % 8)
    return struct.pack("<I", len(head)) + head + bytes(body)


def _portable(name: str, array: np.ndarray) -> np.ndarray:
    swap = {"float16": "float32", "int64": "int32", "bool": "uint8"}
    dtype = swap.get(array.dtype.name, array.dtype.name)
    if dtype not in DTYPES:
        raise ValueError(f"expected an array of {', '.join(DTYPES)} for {name!r}, got {array.dtype}; convert it first")
    if array.dtype == np.int64 and array.size and np.abs(array).max() > np.iinfo(np.int32).max:
        raise ValueError(f"expected {name!r} to fit 32 bits, got a larger integer; send it as float64")
    return np.ascontiguousarray(array, dtype=np.dtype(dtype).newbyteorder("<"))
