"""What the browser is told of a model's vectors, sums and positions, what the page asks, and the sentence over it."""

import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer import display
from explorer.analysis.embeddings import along, combined, cosines, nearest, plane, procrustes, rows
from explorer.analysis.position_lab import position_lab
from explorer.widgets import analogy, embedding_question, embeddings, positions
from explorer.widgets.component import pack
from explorer.widgets.embedding_question import Question
from explorer.widgets.focus import Focus
from explorer.widgets.prompt import Prompt
from llm.checkpoint import Checkpoint, load_checkpoint
from llm.checkpoint_files import step_directory
from llm.trace import trace
from tests.explorer.widgets.conftest import Session
from tests.tiny_run import STEPS, tiny_run

TEXT = "Ben and Jack. Ben and"
AT = Focus(0, 1, 3)


def prompt(tiny: Checkpoint) -> Prompt:
    ids = tuple(tiny.tokenizer.encode(TEXT))
    return Prompt(TEXT, ids, display.tokens(tiny.tokenizer, ids))


def unpacked(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """As kit.js does it."""
    (length,) = struct.unpack("<I", data[:4])
    told = json.loads(data[4 : 4 + length])
    arrays = {
        name: np.frombuffer(
            data, np.dtype(one["dtype"]), int(np.prod(one["shape"])), 4 + length + one["offset"]
        ).reshape(one["shape"])
        for name, one in told["arrays"].items()
    }
    return told["header"], arrays


def test_the_vectors_travel_whole(tiny: Checkpoint) -> None:
    header, arrays = unpacked(embeddings.vectors_payload(tiny))
    matrix, flat = rows(tiny.model, "input"), plane(tiny.model, "input")
    np.testing.assert_array_equal(arrays["rows_input"], matrix)
    np.testing.assert_array_equal(arrays["points_input"], flat.points)
    assert list(header["sides"]) == ["input"], "a tied model has one"
    shown = matrix @ flat.directions.T - np.array(header["sides"]["input"]["offset"])
    np.testing.assert_allclose(arrays["points_input"], shown, atol=1e-5)
    assert len(arrays["kinds"]) == len(arrays["ends"]) == tiny.tokenizer.n_vocab


def test_of_a_large_model_the_answers_travel(tiny: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    text, matrix = prompt(tiny), rows(tiny.model, "input")
    asked = Question({"pick": "40", "x": "5.9", "sum": "3.8.12"}, pick=40, axes=((5, 9), None), sum=(3, 8, 12))
    header, arrays = embeddings.payload(tiny, text, AT, asked, None)
    assert not arrays, "the browser has the rows"
    assert header["of"] == 40
    monkeypatch.setattr(embeddings, "SENT", 0)
    assert "rows_input" not in unpacked(embeddings.vectors_payload(tiny))[1]
    _, arrays = embeddings.payload(tiny, text, AT, asked, None)
    np.testing.assert_array_equal(arrays["cosines_input"], cosines(matrix, matrix[40]))
    np.testing.assert_array_equal(arrays["along_x"], along(matrix, 5, 9))
    assert "along_y" not in arrays
    header, arrays = analogy.payload(tiny, text, asked)
    np.testing.assert_array_equal(arrays["cosines"], cosines(matrix, combined(matrix, 3, 8, 12)))
    assert header["length"] == pytest.approx(np.linalg.norm(combined(matrix, 3, 8, 12)))
    assert arrays["corners"].shape == (5, 2)
    header, arrays = embeddings.payload(tiny, text, AT, Question({}), None)
    assert header["of"] == text.ids[3]


def test_an_axis_between_two_tokens_of_one_vector_is_let_go(tiny: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "SENT", 0)
    same = np.zeros((tiny.tokenizer.n_vocab, 32), dtype=np.float32)
    monkeypatch.setattr(embeddings, "rows", lambda model, side: same)
    asked = Question({"x": "5.9"}, axes=((5, 9), None))
    header, arrays = embeddings.payload(tiny, prompt(tiny), AT, asked, None)
    assert "along_x" not in arrays
    assert header["choices"] == {}


def test_the_lead_names_the_two_nearest(tiny: Checkpoint) -> None:
    text, matrix = prompt(tiny), rows(tiny.model, "input")
    cosine = cosines(matrix, matrix[text.ids[3]])
    two = nearest(cosine, 2, (text.ids[3],)).tolist()
    parts = embeddings.lead(tiny, text, AT, Question({}))
    chips = [part for part in parts if not isinstance(part, str)]
    assert chips == list(display.tokens(tiny.tokenizer, [text.ids[3], *two]))
    assert display.signed(float(cosine[two[0]])) in "".join(part for part in parts if isinstance(part, str))


def test_a_sum_to_open_with(tiny: Checkpoint) -> None:
    assert analogy.opening((), (7, 7, 9), 61) == (7, 9, 0)
    assert analogy.opening((), (7, 8, 9, 10), 61) == (7, 8, 9)
    assert analogy.opening((), (0,), 1) == (0, 0, 0)
    header, _ = analogy.payload(tiny, prompt(tiny), Question({}))
    assert len(header["sum"]) == 3


def test_the_lab_travels_whole_and_without_what_sizes_forbid(tiny: Checkpoint) -> None:
    text = prompt(tiny)
    lab = position_lab(trace(tiny.model, text.ids), tiny.model, 0, 1, 3)
    header, arrays = positions.payload(tiny, text, AT, lab)
    pack(header, **arrays)
    assert header["own"] == "rope"
    assert arrays["curves"].shape == (4, 48)
    assert {"sinusoidal", "sinusoidal_cosine", "angles", "parts", "slopes", "bias", "plain", "scores"} <= set(arrays)
    assert "learned" not in arrays
    _, arrays = positions.payload(tiny, text, AT, replace(lab, rope=None, sinusoidal=None))
    assert not {"angles", "sinusoidal"} & set(arrays)


@pytest.fixture
def session(session_of: Session) -> dict[str, object]:
    return session_of(embedding_question)


def test_choices_of_two_pictures_are_kept_side_by_side(session: dict[str, object]) -> None:
    session["embeddings"] = {
        "choices": {"pick": "12", "shade": "length", "x": "3.4", "y": "", "side": "output", "evil": "x"}
    }
    embedding_question.on_choices("embeddings")()
    session["analogy"] = {"choices": {"sum": "1.2.3"}}
    embedding_question.on_choices("analogy")()
    asked = embedding_question.read(61, tied=False)
    assert (asked.pick, asked.side, asked.axes, asked.sum) == (12, "output", ((3, 4), None), (1, 2, 3))
    assert asked.choices == {"pick": "12", "shade": "length", "x": "3.4", "side": "output", "sum": "1.2.3"}
    assert embedding_question.read(61, tied=True).side == "input"


@pytest.mark.parametrize(
    "junk", [{"pick": "61"}, {"pick": "1.2"}, {"x": "4.4"}, {"x": "1"}, {"sum": "1.2"}, {"sum": "1..2"}, {"y": "1.99"}]
)
def test_what_this_model_has_not_is_let_go(session: dict[str, object], junk: dict[str, str]) -> None:
    session["embeddings"] = {"choices": junk}
    embedding_question.on_choices("embeddings")()
    assert embedding_question.read(61, tied=False) == Question({})


def test_tokens_of_another_model_are_let_go(session: dict[str, object]) -> None:
    embedding_question.read(61, tied=False)
    session["embeddings"] = {"choices": {"pick": "12", "shade": "length", "sum": "1.2.3"}}
    embedding_question.on_choices("embeddings")()
    session["model"] = "another"
    assert embedding_question.read(5_000, tied=False).choices == {"shade": "length"}


def test_who_looks_at_a_token_of_the_text_lets_go_of_the_one_picked(
    session: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    monkeypatch.setattr(embedding_question, "on_focus", lambda key: lambda: looked.append(key))
    session["embeddings"] = {"choices": {"pick": "12", "shade": "length"}}
    embedding_question.on_choices("embeddings")()
    embedding_question.on_look("embeddings")()
    assert looked == ["embeddings"]
    assert embedding_question.read(61, tied=False).choices == {"shade": "length"}


def test_along_a_run_maps_are_turned_onto_that_of_the_last_checkpoint(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "20260101-000000-turned")
    first, last = (step_directory(run.checkpoints, step) for step in (STEPS[0], STEPS[-1]))
    header, arrays = unpacked(embeddings.vectors_payload(load_checkpoint(first), (last, STEPS[-1])))
    here, there = (plane(load_checkpoint(path).model, "input").points for path in (first, last))
    side = header["sides"]["input"]
    assert side["onto"] == STEPS[-1]
    for k in ("2", "3"):
        np.testing.assert_allclose(side["turns"][k], procrustes(here[:, : int(k)], there[:, : int(k)]))
    np.testing.assert_array_equal(arrays["points_input"], here)
    own, _ = unpacked(embeddings.vectors_payload(load_checkpoint(last), (last, STEPS[-1])))
    gone, _ = unpacked(embeddings.vectors_payload(load_checkpoint(first), (tmp_path / "gone", 7)))
    assert all("turns" not in header["sides"]["input"] for header in (own, gone))
