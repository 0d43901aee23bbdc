"""The tokens of a model as points: the vectors, sent once, and the map, as bytes (components/embeddings/)."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from explorer import display
from explorer.analysis.embeddings import (
    COMPONENTS,
    Side,
    along,
    cosines,
    nearest,
    plane,
    procrustes,
    row_lengths,
    rows,
    sides,
)
from explorer.analysis.token_kinds import KINDS, token_kinds
from explorer.display import Token
from explorer.resources import of_weights
from explorer.widgets import on_show
from explorer.widgets.component import pack, picture
from explorer.widgets.embedding_layout import LaidOut
from explorer.widgets.embedding_question import Question, on_choices, on_look
from explorer.widgets.focus import Focus
from explorer.widgets.header import Depth
from explorer.widgets.prompt import Prompt
from explorer.widgets.sampler import words
from llm.checkpoint import Checkpoint, CheckpointError
from llm.model.config import GPTConfig

KEY = "embeddings"
SENT = 6 * 2**20  # bytes of vectors that the browser is sent to work with; of larger models it asks here
MATRIX: dict[Side, str] = {"input": "embed.weight", "output": "unembed.weight"}
_VECTORS = picture("vectors", "held")
_PICTURE = picture(
    "embeddings",
    "vectors/held",
    "vectors/field",
    "scene",
    "marks",
    "labels",
    "map",
    "controls",
    "near",
    "maths",
    "words",
)

# Shapes: V d_vocab, C d_model.


def is_sent(config: GPTConfig) -> bool:
    """Whether the browser has the vectors themselves."""
    return config.d_vocab * config.d_model * 4 * (1 if config.tied else 2) <= SENT


def name_of(checkpoint: Checkpoint) -> str:
    """What the pictures of this page know a checkpoint's vectors by."""
    return hashlib.blake2b(str(checkpoint.path).encode("utf-8", "replace"), digest_size=8).hexdigest()


def vectors(checkpoint: Checkpoint) -> None:
    """Send what all pictures of the page read; the same bytes for every focus, so that they travel once."""
    shown = on_show.now()
    last = (shown.paths[-1], shown.steps[-1]) if shown and shown.step is not None else None
    _VECTORS(key="vectors", data=vectors_payload(checkpoint, last))


def vectors_payload(checkpoint: Checkpoint, onto: tuple[Path, int] | None = None) -> bytes:
    """Header and arrays as vectors/held.js reads them; maps turned onto those of a checkpoint and its step."""
    model, vocabulary = checkpoint.model, words(checkpoint.tokenizer)
    header: dict[str, Any] = {"name": name_of(checkpoint), "d_model": model.config.d_model, "kinds": KINDS, "sides": {}}
    arrays = {
        "letters": vocabulary.letters,
        "ends": vocabulary.ends,
        "forms": vocabulary.kinds,
        "kinds": token_kinds(checkpoint.tokenizer),
    }
    for side in sides(model):
        flat, matrix = of_weights(plane, checkpoint.path, side), rows(model, side)
        header["sides"][side] = {
            "matrix": MATRIX[side],
            "share": flat.share.tolist(),
            "offset": (flat.directions @ flat.mean).tolist(),
        }
        if onto and (turns := _turns(checkpoint.path, onto[0], side)):
            header["sides"][side] |= {"onto": onto[1], "turns": turns}
        arrays |= {f"points_{side}": flat.points, f"lengths_{side}": of_weights(row_lengths, checkpoint.path, side)}
        if is_sent(model.config):
            arrays[f"rows_{side}"] = matrix
    return pack(header, **arrays)


def _turns(path: Path, onto: Path, side: Side) -> dict[int, list[list[float]]] | None:
    """Of a map in as many components onto that of another checkpoint; None where there is none to turn."""
    if path == onto:
        return None
    try:
        there = of_weights(plane, onto, side).points
    except CheckpointError:
        return None
    here = of_weights(plane, path, side).points
    if len(here) != len(there):
        return None
    return {k: procrustes(here[:, :k], there[:, :k]).tolist() for k in range(2, COMPONENTS + 1)}


def embeddings(
    checkpoint: Checkpoint,
    text: Prompt,
    at: Focus,
    asked: Question,
    laid: LaidOut | None,
    counted: np.ndarray | None,
    countable: bool,
    note: str,
    depth: Depth,
) -> None:
    """Draw the map and the neighbours; a click on a token of the text moves the focus of all pages."""
    header, arrays = payload(checkpoint, text, at, asked, counted)
    if laid:
        layout = laid.layout
        told = {"method": layout.method, "scale": layout.scale, "seed": layout.seed}
        header["laid"] = {**told, "side": asked.side, "vectors": header["vectors"]}
        arrays["laid"] = laid.points
    header |= {"depth": depth, "focus": at.wire(), "countable": countable, "note": note}
    _PICTURE(key=KEY, data=pack(header, **arrays), on_focus_change=on_look(KEY), on_choices_change=on_choices(KEY))


def payload(
    checkpoint: Checkpoint, text: Prompt, at: Focus, asked: Question, counted: np.ndarray | None
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays as embeddings.js reads them; of a model whose rows are not sent with the answers."""
    model = checkpoint.model
    header: dict[str, Any] = {
        "tokens": [token.wire() for token in text.tokens],
        "ids": list(text.ids),
        "n_ctx": model.config.n_ctx,
        "vectors": name_of(checkpoint),
        "sides": list(sides(model)),
        "choices": dict(asked.choices),
        "of": chosen(text, at, asked),
    }
    arrays = {} if counted is None else {"counts": counted.astype(np.uint32)}
    if not is_sent(model.config):
        for side in sides(model):
            matrix = rows(model, side)
            arrays[f"cosines_{side}"] = cosines_with(checkpoint, side, matrix[header["of"]])
        matrix = rows(model, asked.side)
        for name, axis in zip("xy", asked.axes, strict=True):
            if axis:
                try:
                    arrays[f"along_{name}"] = along(matrix, *axis)
                except ValueError:
                    header["choices"].pop(name)
    return header, arrays


def cosines_with(checkpoint: Checkpoint, side: Side, vector: np.ndarray) -> np.ndarray:
    """Of every row with a vector; the rows' lengths are worked out once."""
    return cosines(rows(checkpoint.model, side), vector, of_weights(row_lengths, checkpoint.path, side))


def chosen(text: Prompt, at: Focus, asked: Question) -> int:
    """The token that the page speaks of: the one picked on the map, else the one in focus."""
    return text.ids[at.token] if asked.pick is None else asked.pick


def lead(checkpoint: Checkpoint, text: Prompt, at: Focus, asked: Question) -> tuple[str | Token, ...]:
    """The nearest tokens, and how much of the whole the map shows."""
    model, id = checkpoint.model, chosen(text, at, asked)
    matrix, flat = rows(model, asked.side), of_weights(plane, checkpoint.path, asked.side)
    cosine = cosines_with(checkpoint, asked.side, matrix[id])
    near = nearest(cosine, 2, (id,)).tolist()
    solid = asked.choices.get("map") == "3d"
    kept = display.pct(float(flat.share[: 3 if solid else 2].sum()))
    keeps = f"Two principal components keep {kept}" if asked.layout else f"The map keeps {kept}"
    share = f"{keeps} of how {model.config.d_vocab:,} vectors differ."
    if not near:
        return (share,)
    names = display.tokens(checkpoint.tokenizer, [id, *near])
    first: tuple[str | Token, ...] = (
        "Nearest to ",
        names[0],
        " is ",
        names[1],
        f", cosine {display.signed(float(cosine[near[0]]))}",
    )
    second: tuple[str | Token, ...] = (
        (", then ", names[2], f", {display.signed(float(cosine[near[1]]))}") if len(near) > 1 else ()
    )
    return (*first, *second, f", of all {model.config.d_model} numbers of each. ", share)


def shape_table(config: GPTConfig, T: int) -> pd.DataFrame:
    """What is read, and what is made of it, with its shape."""
    C, V = config.d_model, config.d_vocab
    output = "W_U, a row for each token: V C" + (", the same matrix as W_E" if config.tied else "")
    found = [
        ("embed.weight", f"{V:,} × {C}", "W_E, a row for each token: V C"),
        ("unembed.weight", f"{V:,} × {C}", output),
        ("hook_embed", f"1 × {T} × {C}", "the rows of W_E for the prompt, B T C"),
        ("directions", f"3 × {C}", "of the most variance, orthogonal, of length 1"),
        ("points", f"{V:,} × 3", "(row − mean) · direction: the map draws two or all three"),
        ("cosines", f"{V:,}", "of the chosen token and every other"),
    ]
    if config.positions == "learned":
        found.append(("positions.table.weight", f"{config.n_ctx:,} × {C}", "a trained vector for each position"))
    return pd.DataFrame(found, columns=["hook, weight or result", "shape", "meaning"])
