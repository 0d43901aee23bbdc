from pathlib import Path
from typing import get_args

import pytest

from llm.corpora.catalog import CorpusKind, documents
from llm.corpora.text_file import text_file


@pytest.mark.parametrize("kind", get_args(CorpusKind))
def test_each_kind_gives_about_what_was_asked_for(kind: CorpusKind, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("To be, or not to be.\n" * 2_000)
    given = documents(kind, seed=1, n_chars=20_000, path=path)
    n = sum(map(len, given))
    assert all(given)
    assert 20_000 <= n < 20_000 + 5_000
    assert given == documents(kind, seed=1, n_chars=20_000, path=path)


def test_only_generated_corpora_depend_on_the_seed() -> None:
    for kind in ("stories", "sums", "brackets", "repeats"):
        assert documents(kind, 0, 1_000) != documents(kind, 1, 1_000)
    assert documents("standard_library", 0, 1_000) == documents("standard_library", 1, 1_000)


def test_the_standard_library_is_cut_at_the_limit_and_is_python() -> None:
    given = documents("standard_library", 0, 300_000)
    assert sum(map(len, given)) == 300_000
    for source in given[:5]:
        compile(source, "<module>", "exec")


def test_a_file_is_parted_at_wide_gaps_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    text = "\n\n\n\n".join(f"Part {i}.\n\n" + "word " * 500 for i in range(5)) + "\n\n\n\n"
    path.write_text(text)
    parts = text_file(path)
    assert len(parts) == 5
    assert "".join(parts) == text


def test_a_bad_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nowhere\.txt.*No such file"):
        documents("file", 0, 10, tmp_path / "nowhere.txt")
    with pytest.raises(ValueError, match="readable"):
        documents("file", 0, 10, tmp_path)
    (tmp_path / "image.bin").write_bytes(b"\x89PNG\x00\xff")
    with pytest.raises(ValueError, match=r"image\.bin: expected UTF-8"):
        documents("file", 0, 10, tmp_path / "image.bin")
    (tmp_path / "empty.txt").write_text(" \n")
    with pytest.raises(ValueError, match="empty"):
        documents("file", 0, 10, tmp_path / "empty.txt")


def test_bad_requests_are_explained() -> None:
    with pytest.raises(ValueError, match="path"):
        documents("file", 0, 10)
    with pytest.raises(ValueError, match="at least 1"):
        documents("stories", 0, 0)
    with pytest.raises(ValueError, match="corpus"):
        documents("poems", 0, 10)  # type: ignore[arg-type]
