"""The ledger's payload and words: what a row says, which colours the chosen runs have, what cannot be compared."""

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.runs.store import Runs
from explorer.widgets.run_ledger import rows, value_words
from explorer.widgets.run_overlay import caution, panels
from explorer.widgets.run_table import color, payload
from tests.explorer.widgets.test_component import unpack
from tests.made_runs import made_run


def test_payload(tmp_path: Path) -> None:
    made_run(tmp_path, "20260101-000000-aaaa", name="one", lr=1e-3)
    made_run(tmp_path, "20260102-000000-aaaa", "queued", step=0)
    made_run(tmp_path, "20260103-000000-aaaa", "queued", step=0, lr=1e-3)
    header, arrays = unpack(payload(rows(Runs(tmp_path)), ["20260101-000000-aaaa"], None, 0))
    assert [row["id"][:8] for row in header["rows"]] == ["20260103", "20260102", "20260101"]
    assert {row["sentence"] for row in header["rows"][:2]} == {"Queued, next", "Queued, 1 before it"}
    assert header["names"] == ["learning rate"]
    assert header["rows"][2]["recipe"] == {"learning rate": "1e−3"}
    assert arrays["spark2"].shape == (2, 6)
    assert arrays["spark0"].size == 0


def test_a_branch_names_its_parent(tmp_path: Path) -> None:
    made_run(tmp_path, "20260101-000000-aaaa", name="mother")
    child = made_run(tmp_path, "20260102-000000-aaaa")
    child.write_record(child.config(), parent={"id": "20260101-000000-aaaa", "step": 20})
    header, _ = unpack(payload(rows(Runs(tmp_path)), [], None, 0))
    assert header["rows"][0]["parent"] == "from mother, step 20"


def test_colours_stay_with_their_slots() -> None:
    assert color([None, "b", "c"], "c", "b") == "--run-2"
    many = list("abcdefg")
    assert {color(many, id, "c") for id in many} == {"--ink", "--axis"}
    assert color(many, "c", "c") == "--ink"


def test_different_tokens_are_laid_over_in_bits_per_byte(tmp_path: Path) -> None:
    made_run(tmp_path, "20260101-000000-aaaa")
    made_run(tmp_path, "20260102-000000-aaaa", seed=1)
    found = rows(Runs(tmp_path))
    ids = [row.id for row in found]
    assert panels(found, ids, None)[0].unit == "nats per token"
    assert caution(found) == ""
    finer = replace(found[0], facts=replace(found[0].facts, tokens=("other",)))
    assert panels([finer, *found[1:]], ids, None)[0].unit == "bits per byte"
    assert "bits per byte" in caution([finer, *found[1:]])
    easier = replace(found[0], facts=replace(found[0].facts, text=("other",)))
    assert "different texts" in caution([easier, *found[1:]])


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "none"), (True, "yes"), (1e-3, "1e−3"), (0.5, "0.5"), (4096, "4,096"), ("rope", "RoPE"), ("x_y", "x y")],
)
def test_values(value: object, words: str) -> None:
    assert value_words(value) == words
