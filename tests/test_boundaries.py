"""The floors of the house: imports only go down. Read from the syntax trees, so nothing has to run."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = {  # the longest prefix counts; a module may import its own floor and those below
    "llm": 0,
    "explorer.display": 1,
    "explorer.paths": 1,
    "explorer.opening": 1,
    "explorer.kept": 1,
    "explorer.file_names": 1,
    "explorer.tokenizers": 1,
    "explorer.analysis": 2,
    "explorer.charts": 2,
    "explorer.runs": 2,
    "explorer.in_force": 3,
    "explorer.resources": 3,
    "explorer.run_resources": 3,
    "explorer.ahead": 3,
    "explorer.widgets": 3,
    "explorer.document": 4,
    "explorer.guard": 4,
    "explorer.serve": 4,
    "explorer.__main__": 4,
    "explorer.app": 4,
    "pages": 4,
}
SEPARATE = {"explorer.analysis", "explorer.charts", "explorer.runs"}
ALLOWED = {  # third-party package -> the only places that may import it
    "streamlit": {
        "explorer.resources",
        "explorer.run_resources",
        "explorer.widgets",
        "explorer.document",
        "explorer.serve",
        "explorer.app",
        "pages",
    },
    "plotly": {"explorer.charts", "pages"},
    "altair": {"explorer.charts", "pages"},
    "uvicorn": {"explorer.serve"},
    "starlette": {"explorer.serve", "explorer.document", "explorer.guard"},
    "sqlite3": {"explorer.runs"},
    "torch": set(FLOORS) - {"explorer.charts", "explorer.widgets", "explorer.display", "pages"},
}
MODULES = sorted(p for top in ("llm", "explorer", "pages") for p in (ROOT / top).rglob("*.py"))


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _place(module: str) -> str:
    return max((p for p in FLOORS if module == p or module.startswith(f"{p}.")), key=len, default="")


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"), path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports by relative path; write the whole name"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_imports_only_go_down(path: Path) -> None:
    here = _place(_name(path))
    assert here or path.name == "__init__.py", f"{path} stands on no floor; give it one in FLOORS"
    for line, imported in _imports(path):
        where, there = f"{path.relative_to(ROOT)}:{line}", _place(imported)
        if there:
            assert FLOORS[there] <= FLOORS[here], f"{where} imports {imported}, from a floor above"
            apart = {here, there} <= SEPARATE and here != there
            assert not apart, f"{where} imports {imported}; {here} and {there} do not know each other"
            assert not (here == "explorer.charts" and there == "llm"), f"{where} imports {imported} into a chart"
        elif places := ALLOWED.get(imported.split(".")[0]):
            assert here in places, f"{where} imports {imported}; only {', '.join(sorted(places))} may"


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_only_resources_caches(path: Path) -> None:
    if path.parent == ROOT / "explorer" and path.name in ("resources.py", "run_resources.py"):
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"), path)):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"cache_data", "cache_resource"}, f"{path}:{node.lineno} caches; see resources.py"


@pytest.mark.parametrize("path", [p for p in MODULES if p.name == "__init__.py"], ids=_name)
def test_package_files_are_empty(path: Path) -> None:
    assert path.read_text("utf-8") == ""


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("llm.tokenizers.bpe", "torch"),
        ("explorer.runs.worker", "torch"),
        ("llm.training.trainer", "streamlit"),
        ("explorer.analysis.attention", "streamlit"),
    ],
)
def test_import_stays_light(module: str, absent: str) -> None:
    code = f"import sys, {module}; sys.exit({absent!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
