"""Every page under AppTest: first run, empty, longest, too long and hostile prompts, each depth, a small model too."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.tiny_home import N_CTX, NAME

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "pages").glob("*.py"))
HOSTILE = [
    "",
    " ",
    "a",
    "<script>alert(1)</script>",
    "a\x00b\x1b",
    "שלום عالم",
    "👩‍👩‍👧🏳️‍🌈",
    "\u202eabc\u200b",
    "$\\href{x}{y}$ :red[x]",
]

OF_RUNS = ("train", "runs", "induction", "tokenizer")  # pages that show no prompt: runs, or a text of their own

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
every_model_page = pytest.mark.parametrize(
    "page", [path for path in PAGES if path.stem not in OF_RUNS], ids=lambda path: path.stem
)


@pytest.fixture
def app(tiny_checkpoint: Path) -> AppTest:
    app = AppTest.from_file(str(ROOT / "explorer" / "app.py"), default_timeout=60)
    app.query_params["model"] = NAME
    return app


def _open(app: AppTest, page: Path) -> AppTest:
    app.run()
    if page.stem != "home":
        app.switch_page(str(page))
    return _fine(app.run())


def _fine(app: AppTest) -> AppTest:
    assert not app.exception, [e.message for e in app.exception]
    return app


@every_page
def test_first_run_shows_a_question_and_a_picture(app: AppTest, page: Path) -> None:
    _open(app, page)
    assert len(app.title) == 1
    assert app.title[0].value.endswith("?")
    assert len(app.get("bidi_component")) >= 2, "the share row and at least one picture"


@every_page
@pytest.mark.parametrize("text", [*HOSTILE, "Ben was cold. " * 40], ids=ascii)
def test_any_prompt(app: AppTest, page: Path, text: str) -> None:
    app.query_params["prompt"] = text
    _open(app, page).text_area[0].set_value(text)
    _fine(app.run())


@every_model_page
def test_longest_prompt(app: AppTest, page: Path) -> None:
    _open(app, page).text_area[0].set_value("Ben was cold. " * 40)
    next(b for b in app.run().button if b.label == f"Keep the last {N_CTX}").click()
    assert len(_fine(app.run()).get("bidi_component")) >= 2


@every_page
def test_the_foot_says_where_the_reader_looks(app: AppTest, page: Path) -> None:
    foot = " ".join(html.proto.body for html in _open(app, page).sidebar.get("html"))
    assert ("<strong>Next token</strong><em>after token " in foot) == (page.stem == "sampling")
    assert ("<strong>Block " in foot) == (page.stem != "sampling")


@every_page
@pytest.mark.parametrize("depth", ["Idea", "Shapes", "Code"])
def test_every_depth(app: AppTest, page: Path, depth: str) -> None:
    _open(app, page)
    app.session_state["depth"] = depth.lower()
    _fine(app.run())
    assert app.session_state["depth"] == depth.lower()
    assert len(app.get("bidi_component")) >= 2
    assert (len(app.code) > 0) == (depth == "Code")


@pytest.mark.parametrize("spelling", ["Shapes", "shapes", "SHAPES"])
def test_a_link_names_the_depth_in_any_case(app: AppTest, spelling: str) -> None:
    app.query_params["depth"] = spelling
    _fine(app.run())
    assert app.session_state["depth"] == "shapes"
    assert app.query_params["depth"] in ("Shapes", ["Shapes"])


@every_page
@pytest.mark.parametrize(
    "junk", [{"layer": "99", "head": "-1"}, {"token": "1e9"}, {"model": "../../etc", "depth": "x"}]
)
def test_junk_in_the_address(app: AppTest, page: Path, junk: dict[str, str]) -> None:
    _open(app, page)
    for name, value in junk.items():
        app.query_params[name] = value
    assert len(_fine(app.run()).get("bidi_component")) >= 2
